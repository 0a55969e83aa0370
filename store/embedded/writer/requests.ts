// What the main thread asks of the writer thread, and what it answers.
import type { Buffered } from '../execute/overlay.js';
import { decode, type Document, encode, encodeEnvelope } from '../bson/codec.js';
import { type CodeName, CommandError, type ErrorLabel } from '../errors.js';
import { specBytes, toSpec } from '../storage/catalog.js';
import type {
  Indexed,
  IndexSpec,
  Namespace,
  OnceKey,
  WriteOutcome,
  WriteResult,
  WriteStatement,
} from '../store.js';
import { Packer, Unpacker } from './packing.js';

/** One document of a transaction's buffer. */
export interface BufferedWrite extends Buffered {
  readonly ns: Namespace;
  /** See `GuardedWrite`. */
  readonly ifAny?: readonly Indexed[];
  /** It is only looked at: whether it is still as at the `base`. */
  readonly isCheck?: boolean;
}

export type Request =
  | {
      readonly kind: 'write';
      readonly statements: readonly WriteStatement[];
      readonly ordered: boolean;
      readonly once: OnceKey | undefined;
    }
  | { readonly kind: 'commit'; readonly writes: readonly BufferedWrite[]; readonly once: OnceKey | undefined }
  /** What was recorded under the key; refused as `NoSuchTransaction` if nothing was. */
  | { readonly kind: 'recall'; readonly once: OnceKey }
  | { readonly kind: 'createCollection'; readonly ns: Namespace }
  | { readonly kind: 'dropCollection'; readonly ns: Namespace }
  | { readonly kind: 'createIndexes'; readonly ns: Namespace; readonly specs: readonly IndexSpec[] }
  | { readonly kind: 'dropIndex'; readonly ns: Namespace; readonly name: string };

const kinds = [
  'write',
  'commit',
  'recall',
  'createCollection',
  'dropCollection',
  'createIndexes',
  'dropIndex',
] as const;
const types = ['insert', 'update', 'delete', 'modify'] as const;

export function packRequest(packer: Packer, request: Request): void {
  packer.number(kinds.indexOf(request.kind));
  if (request.kind === 'write') {
    packOnce(packer, request.once);
    packer.number(request.ordered ? 1 : 0).number(request.statements.length);
    for (const statement of request.statements) packStatement(packer, statement);
  } else if (request.kind === 'commit') {
    packOnce(packer, request.once);
    packer.number(request.writes.length);
    for (const write of request.writes) packBuffered(packer, write);
  } else if (request.kind === 'recall') {
    packOnce(packer, request.once);
  } else {
    packer.text(request.ns);
    if (request.kind === 'dropIndex') packer.text(request.name);
    if (request.kind === 'createIndexes') {
      packer.number(request.specs.length);
      for (const spec of request.specs) packer.bytes(specBytes(spec));
    }
  }
}

export function unpackRequest(unpacker: Unpacker): Request {
  const kind = kinds[unpacker.number()] as (typeof kinds)[number];
  if (kind === 'write') {
    const once = unpackOnce(unpacker);
    const ordered = unpacker.number() === 1;
    return { kind, once, ordered, statements: repeat(unpacker, () => unpackStatement(unpacker)) };
  }
  if (kind === 'commit') {
    const once = unpackOnce(unpacker);
    return { kind, once, writes: repeat(unpacker, () => unpackBuffered(unpacker)) };
  }
  if (kind === 'recall') return { kind, once: unpackOnce(unpacker) as OnceKey };
  const ns = unpacker.text();
  if (kind === 'dropIndex') return { kind, ns, name: unpacker.text() };
  if (kind === 'createIndexes') {
    return { kind, ns, specs: repeat(unpacker, () => toSpec(unpacker.bytes() as Uint8Array)) };
  }
  return { kind, ns };
}

function repeat<T>(unpacker: Unpacker, next: () => T): T[] {
  return Array.from({ length: unpacker.number() }, next);
}

function packOnce(packer: Packer, once: OnceKey | undefined): void {
  packer.text(once?.session ?? '').number(once?.number ?? 0);
}

function unpackOnce(unpacker: Unpacker): OnceKey | undefined {
  const session = unpacker.text();
  const number = unpacker.number();
  return session === '' ? undefined : { session, number };
}

function packStatement(packer: Packer, statement: WriteStatement): void {
  packer.number(types.indexOf(statement.type)).text(statement.ns);
  if (statement.type === 'insert') {
    packer.bytes(statement.document);
  } else {
    const { type: _type, ns: _ns, ...rest } = statement;
    packer.bytes(encodeEnvelope(rest));
  }
}

function unpackStatement(unpacker: Unpacker): WriteStatement {
  const type = types[unpacker.number()] as (typeof types)[number];
  const ns = unpacker.text();
  const bytes = unpacker.bytes() as Uint8Array;
  if (type === 'insert') return { type, ns, document: bytes };
  return { type, ns, ...decode(bytes) } as WriteStatement;
}

const isFinalBit = 1;
const ifAnyBit = 2;
const isCheckBit = 4;

function packBuffered(packer: Packer, write: BufferedWrite): void {
  const { ns, id, base, body, isFinal, ifAny, isCheck } = write;
  const bits =
    (isFinal === true ? isFinalBit : 0) |
    (ifAny === undefined ? 0 : ifAnyBit) |
    (isCheck === true ? isCheckBit : 0);
  packer
    .text(ns)
    .bytes(id)
    .number(base ?? -1)
    .bytes(body)
    .number(bits);
  if (ifAny === undefined) return;
  packer.number(ifAny.length);
  for (const each of ifAny) packer.text(each.ns).text(each.index).text(each.value);
}

function unpackBuffered(unpacker: Unpacker): BufferedWrite {
  const ns = unpacker.text();
  const id = unpacker.bytes() as Uint8Array;
  const base = unpacker.number();
  const body = unpacker.bytes();
  const bits = unpacker.number();
  const write = {
    ns,
    id,
    base: base === -1 ? undefined : base,
    body,
    isFinal: (bits & isFinalBit) !== 0,
    isCheck: (bits & isCheckBit) !== 0,
  };
  if ((bits & ifAnyBit) === 0) return write;
  return { ...write, ifAny: repeat(unpacker, () => unpackIndexed(unpacker)) };
}

function unpackIndexed(unpacker: Unpacker): Indexed {
  const ns = unpacker.text();
  const index = unpacker.text();
  return { ns, index, value: unpacker.text() };
}

/** An outcome on its way back: two numbers, or BSON if there is more to say. */
export type PackedOutcome = readonly [n: number, nModified: number] | Uint8Array;

/** The answer to one request; `fault` if all of it failed. */
export interface Answer {
  readonly outcomes: readonly PackedOutcome[];
  readonly fault?: Uint8Array;
}

/** One message of the writer thread. */
export interface Reply {
  /** The answers, packed, in the order of the requests. */
  readonly answers: Uint8Array;
  /** This message stands for a commit that was flushed. */
  readonly flushed: boolean;
}

/**
 * Packs the answers of a batch into one buffer: a message of many small objects would cost more than the writes. Also
 * the form in which the store remembers an answer.
 */
export function packAnswers(answers: readonly Answer[]): Uint8Array<ArrayBuffer> {
  const packer = new Packer(64 * answers.length);
  for (const { outcomes, fault } of answers) {
    packer.bytes(fault).number(outcomes.length);
    for (const outcome of outcomes) {
      if (Array.isArray(outcome)) packer.bytes(undefined).number(outcome[0]).number(outcome[1]);
      else packer.bytes(outcome as Uint8Array);
    }
  }
  return packer.take();
}

export function* unpackAnswers(
  packed: Uint8Array,
): Generator<{ outcomes: WriteOutcome[]; fault?: CommandError }> {
  for (const unpacker = new Unpacker(packed); unpacker.more; ) {
    const answer = unpackAnswer(unpacker);
    const outcomes = answer.outcomes.map(unpackOutcome);
    yield answer.fault === undefined ? { outcomes } : { outcomes, fault: toError(decode(answer.fault)) };
  }
}

export function unpackAnswer(unpacker: Unpacker): Answer {
  const fault = unpacker.bytes();
  const outcomes = repeat(
    unpacker,
    (): PackedOutcome => unpacker.bytes() ?? [unpacker.number(), unpacker.number()],
  );
  return fault === undefined ? { outcomes } : { outcomes, fault };
}

export function packOutcome(outcome: WriteOutcome): PackedOutcome {
  if (outcome instanceof Error) return packError(outcome);
  if (!('upsertedId' in outcome) && !('value' in outcome)) return [outcome.n, outcome.nModified];
  const { value, ...rest } = outcome;
  return encodeEnvelope(
    value === undefined ? rest : { ...rest, value: value === null ? null : decode(value) },
  );
}

export function packError({ codeName, message, labels, details }: CommandError): Uint8Array {
  return encodeEnvelope({ codeName, message, labels: [...labels], details });
}

function unpackOutcome(packed: PackedOutcome): WriteOutcome {
  if (!(packed instanceof Uint8Array)) return { n: packed[0], nModified: packed[1] };
  const document = decode(packed);
  if ('codeName' in document) return toError(document);
  const { n, nModified, value, ...rest } = document;
  const result = { n: n.value as number, nModified: nModified.value as number, ...rest } as WriteResult;
  return value === undefined ? result : { ...result, value: value === null ? null : encode(value) };
}

function toError(document: Document): CommandError {
  const { codeName, message, labels, details } = document;
  return new CommandError(codeName as CodeName, message as string, {
    labels: labels as ErrorLabel[],
    details: details as Record<string, unknown>,
  });
}
