// Builds replies around documents that stay the bytes they are: BSON by hand, one level at a time.
import { serialize } from 'bson';

const kinds = { document: 3, array: 4 } as const;

/** BSON that goes into a reply as it is. */
export class Raw {
  readonly kind: number;
  readonly bytes: Uint8Array;

  constructor(kind: number, bytes: Uint8Array) {
    this.kind = kind;
    this.bytes = bytes;
  }
}

/** A document that is already encoded. */
export function rawDocument(bytes: Uint8Array): Raw {
  return new Raw(kinds.document, bytes);
}

/** A document of `fields`, of which some may be raw. */
export function nested(fields: Readonly<Record<string, unknown>>): Raw {
  return rawDocument(encodeFields(fields));
}

/** An array of encoded documents. */
export function rawArray(documents: readonly Uint8Array[]): Raw {
  const names = documents.map((_, index) => `${index}`);
  let length = 5;
  for (const [index, document] of documents.entries()) length += 2 + names[index]!.length + document.length;
  const bytes = Buffer.allocUnsafe(length);
  let at = bytes.writeInt32LE(length, 0);
  for (const [index, document] of documents.entries()) {
    at = bytes.writeUInt8(kinds.document, at);
    at += bytes.write(names[index]!, at, 'latin1');
    at = bytes.writeUInt8(0, at);
    bytes.set(document, at);
    at += document.length;
  }
  bytes.writeUInt8(0, at);
  return new Raw(kinds.array, bytes);
}

/** The document of `fields` in their order; values are BSON values or `Raw`. Fields that are undefined are left out. */
export function encodeFields(fields: Readonly<Record<string, unknown>>): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 5;
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    for (const part of value instanceof Raw ? rawElement(name, value) : [plainElement(name, value)]) {
      parts.push(part);
      length += part.length;
    }
  }
  const head = Buffer.allocUnsafe(4);
  head.writeInt32LE(length, 0);
  return Buffer.concat([head, ...parts, Buffer.alloc(1)], length);
}

function rawElement(name: string, { kind, bytes }: Raw): Uint8Array[] {
  return [Buffer.from([kind]), Buffer.from(`${name}\0`), bytes];
}

function plainElement(name: string, value: unknown): Uint8Array {
  const bytes = serialize({ [name]: value });
  return bytes.subarray(4, bytes.length - 1);
}
