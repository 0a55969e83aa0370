// The messages of the protocol: OP_MSG both ways, and the OP_QUERY with which a client may begin its handshake.
import { onDemand } from 'bson';
import { checkBson } from './check-bson.js';
import { crc32c } from './crc32c.js';
import { headerBytes } from './frames.js';
import { Malformed } from './malformed.js';

const opcodes = { reply: 1, query: 2004, compressed: 2012, msg: 2013 } as const;

const flagBits = { checksumPresent: 1, moreToCome: 2 } as const;
/** A flag among the first 16 that we don't know must not be passed over. */
const requiredFlags = 0xffff;

/** One command as it came in. */
export interface Message {
  readonly opcode: 'msg' | 'query';
  readonly requestId: number;
  /** The command's document. */
  readonly body: Uint8Array;
  /** Document sequences by the field that they stand for. */
  readonly sequences: ReadonlyMap<string, readonly Uint8Array[]>;
  /** The client waits for no answer. */
  readonly silent: boolean;
}

/** @throws {Malformed} for bytes that are no message of the kinds above. */
export function toMessage(frame: Buffer): Message {
  const requestId = frame.readInt32LE(4);
  const opcode = frame.readInt32LE(12);
  if (opcode === opcodes.msg) return toMsg(frame, requestId);
  if (opcode === opcodes.query) return toQuery(frame, requestId);
  if (opcode === opcodes.compressed) throw new Malformed('OP_COMPRESSED, which was not offered');
  throw new Malformed(`opcode ${opcode}`);
}

function toMsg(frame: Buffer, requestId: number): Message {
  if (frame.length < headerBytes + 4) throw new Malformed('an OP_MSG without flags');
  const flags = frame.readUInt32LE(headerBytes);
  const unknown = flags & requiredFlags & ~(flagBits.checksumPresent | flagBits.moreToCome);
  if (unknown !== 0) throw new Malformed(`OP_MSG flags ${unknown}`);
  const end = (flags & flagBits.checksumPresent) !== 0 ? checkedEnd(frame) : frame.length;
  const sequences = new Map<string, readonly Uint8Array[]>();
  let body: Uint8Array | undefined;
  let at = headerBytes + 4;
  while (at < end) {
    const kind = frame[at];
    const section = sized(frame, at + 1, end);
    at += 1 + section.length;
    if (kind === 0) {
      if (body !== undefined) throw new Malformed('an OP_MSG with two bodies');
      checkBson(section);
      body = section;
    } else if (kind === 1) {
      const [name, documents] = toSequence(section);
      if (sequences.has(name)) throw new Malformed(`an OP_MSG with two sequences "${name}"`);
      sequences.set(name, documents);
    } else {
      throw new Malformed(`an OP_MSG section of kind ${kind}`);
    }
  }
  if (body === undefined) throw new Malformed('an OP_MSG without a body');
  return { opcode: 'msg', requestId, body, sequences, silent: (flags & flagBits.moreToCome) !== 0 };
}

function checkedEnd(frame: Buffer): number {
  const end = frame.length - 4;
  if (end < headerBytes + 4 || crc32c(frame.subarray(0, end)) !== frame.readUInt32LE(end)) {
    throw new Malformed('an OP_MSG with a wrong checksum');
  }
  return end;
}

/** The bytes that begin with their own length. */
function sized(frame: Buffer, at: number, end: number): Buffer {
  const length = at + 4 <= end ? frame.readInt32LE(at) : 0;
  if (length < 5 || at + length > end) throw new Malformed('a section that is longer than its message');
  return frame.subarray(at, at + length);
}

function toSequence(section: Buffer): [string, readonly Uint8Array[]] {
  const nameEnd = section.indexOf(0, 4);
  if (nameEnd === -1) throw new Malformed('a document sequence without a name');
  const documents: Uint8Array[] = [];
  let at = nameEnd + 1;
  while (at < section.length) {
    const document = sized(section, at, section.length);
    checkBson(document);
    documents.push(document);
    at += document.length;
  }
  return [section.toString('utf8', 4, nameEnd), documents];
}

function toQuery(frame: Buffer, requestId: number): Message {
  const nameAt = headerBytes + 4;
  const nameEnd = frame.indexOf(0, nameAt);
  if (nameEnd === -1) throw new Malformed('an OP_QUERY without a collection');
  const name = frame.toString('utf8', nameAt, nameEnd);
  if (!name.endsWith('.$cmd')) throw new Malformed(`an OP_QUERY on ${JSON.stringify(name)}`);
  const body = sized(frame, nameEnd + 9, frame.length);
  checkBson(body);
  return { opcode: 'query', requestId, body, sequences: new Map(), silent: false };
}

/** The command's name: the first field of its document. @throws {Malformed} if it has none. */
export function commandName(body: Uint8Array): string {
  for (const [, nameAt, nameLength] of onDemand.parseToElements(body)) {
    return Buffer.from(body.buffer, body.byteOffset + nameAt, nameLength).toString('utf8');
  }
  throw new Malformed('a command without a name');
}

/** The documents of a command's array field, as they came. Undefined if there is no such field. */
export function rawItems(body: Uint8Array, field: string): Uint8Array[] | undefined {
  for (const [kind, nameAt, nameLength, at] of onDemand.parseToElements(body)) {
    const name = Buffer.from(body.buffer, body.byteOffset + nameAt, nameLength).toString('utf8');
    if (name !== field || kind !== 4) continue;
    return [...onDemand.parseToElements(body, at)]
      .filter(([itemKind]) => itemKind === 3)
      .map(([, , , itemAt, length]) => body.subarray(itemAt, itemAt + length));
  }
  return undefined;
}

/** The reply to a message, ready to be sent. */
export function toReplyMessage(message: Message, requestId: number, document: Uint8Array): Buffer[] {
  const prefix = message.opcode === 'msg' ? msgPrefix() : replyPrefix();
  const header = Buffer.alloc(headerBytes);
  header.writeInt32LE(headerBytes + prefix.length + document.length, 0);
  header.writeInt32LE(requestId, 4);
  header.writeInt32LE(message.requestId, 8);
  header.writeInt32LE(message.opcode === 'msg' ? opcodes.msg : opcodes.reply, 12);
  const rest = Buffer.from(document.buffer, document.byteOffset, document.length);
  return [Buffer.concat([header, prefix]), rest];
}

/** No flags, one section of kind 0. */
function msgPrefix(): Buffer {
  return Buffer.alloc(5);
}

/** OP_REPLY: flags (await capable), cursor id, starting from, number returned. */
function replyPrefix(): Buffer {
  const prefix = Buffer.alloc(20);
  prefix.writeInt32LE(8, 0);
  prefix.writeInt32LE(1, 16);
  return prefix;
}
