// Whether bytes from the network are one well-formed BSON document. Inserted documents go to the store undecoded, and
// a broken one would fail its neighbours' writes there.
import { isUtf8 } from 'node:buffer';
import { onDemand } from 'bson';
import { Malformed } from './malformed.js';

/** Nesting, as in MongoDB: a document that is deeper is no BSON. */
export const depthMax = 200;

const kinds = {
  string: 2,
  document: 3,
  array: 4,
  binary: 5,
  boolean: 8,
  regex: 11,
  pointer: 12,
  code: 13,
  symbol: 14,
  codeWithScope: 15,
} as const;

const regexOptions = new Set(Buffer.from('imxlsu'));

/** @throws {Malformed} unless `bytes` are exactly one document that can be decoded. */
export function checkBson(bytes: Uint8Array): void {
  if (bytes.length < 5 || sizeAt(bytes, 0) !== bytes.length) {
    throw new Malformed('a document is not as long as it says');
  }
  try {
    checkDocument(bytes, 0, 1);
  } catch (error) {
    if (error instanceof Malformed) throw error;
    throw new Malformed(`not BSON: ${(error as Error).message}`);
  }
}

function checkDocument(bytes: Uint8Array, start: number, depth: number): void {
  if (depth > depthMax) throw new Malformed(`a document is nested deeper than ${depthMax}`);
  if (sizeAt(bytes, start) < 5) throw new Malformed('a document is shorter than 5 bytes');
  for (const [kind, nameAt, nameLength, at, length] of onDemand.parseToElements(bytes, start)) {
    checkText(bytes, nameAt, nameAt + nameLength);
    switch (kind) {
      case kinds.document:
      case kinds.array:
        checkDocument(bytes, at, depth + 1);
        break;
      case kinds.string:
      case kinds.code:
      case kinds.symbol:
        checkString(bytes, at, length);
        break;
      case kinds.pointer:
        checkString(bytes, at, length - 12);
        break;
      case kinds.boolean:
        if (bytes[at] !== 0 && bytes[at] !== 1) throw new Malformed('a boolean is neither 0 nor 1');
        break;
      case kinds.regex:
        checkRegex(bytes, at, length);
        break;
      case kinds.binary:
        checkBinary(bytes, at, length);
        break;
      case kinds.codeWithScope:
        checkCodeWithScope(bytes, at, length, depth);
        break;
      default:
    }
  }
}

/** `length` counts the four bytes of the string's own length. */
function checkString(bytes: Uint8Array, at: number, length: number): void {
  if (length < 5 || sizeAt(bytes, at) !== length - 4 || bytes[at + length - 1] !== 0) {
    throw new Malformed('a string is not as long as it says');
  }
  checkText(bytes, at + 4, at + length - 1);
}

function checkText(bytes: Uint8Array, from: number, to: number): void {
  if (!isUtf8(bytes.subarray(from, to))) throw new Malformed('a text is not UTF-8');
}

/** Pattern and options, each ended by a zero byte. */
function checkRegex(bytes: Uint8Array, at: number, length: number): void {
  const end = at + length - 1;
  const optionsAt = bytes.indexOf(0, at) + 1;
  checkText(bytes, at, optionsAt - 1);
  for (const byte of bytes.subarray(optionsAt, end)) {
    if (!regexOptions.has(byte)) throw new Malformed('a regular expression has an option that there is not');
  }
}

/** Subtype 2 repeats its length inside. */
function checkBinary(bytes: Uint8Array, at: number, length: number): void {
  if (bytes[at + 4] !== 2) return;
  if (length < 9 || sizeAt(bytes, at + 5) !== length - 9) {
    throw new Malformed('a binary value is not as long as it says');
  }
}

function checkCodeWithScope(bytes: Uint8Array, at: number, length: number, depth: number): void {
  if (length < 14) throw new Malformed('code with scope is too short');
  const code = sizeAt(bytes, at + 4) + 4;
  if (code < 5 || code + 9 > length) throw new Malformed('code with scope is not as long as it says');
  checkString(bytes, at + 4, code);
  const scope = at + 4 + code;
  if (sizeAt(bytes, scope) !== length - 4 - code)
    throw new Malformed('code with scope is not as long as it says');
  checkDocument(bytes, scope, depth + 1);
}

function sizeAt(bytes: Uint8Array, at: number): number {
  if (at + 4 > bytes.length) throw new Malformed('a document ends too early');
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getInt32(0, true);
}
