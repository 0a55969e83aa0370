// Some of a document's top-level fields, cut from its bytes without decoding the others.
import { onDemand } from 'bson';

/** A document of only these fields, as far as it has them, in its own order; the bytes are well-formed BSON. */
export function pickFields(bytes: Uint8Array, fields: ReadonlySet<string>): Buffer {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const picked = Buffer.allocUnsafe(bytes.length);
  let length = 4;
  for (const [, nameAt, nameLength, valueAt, valueLength] of onDemand.parseToElements(bytes)) {
    if (!fields.has(source.toString('utf8', nameAt, nameAt + nameLength))) continue;
    // Its type stands before its name.
    length += source.copy(picked, length, nameAt - 1, valueAt + valueLength);
  }
  picked[length] = 0;
  length += 1;
  picked.writeInt32LE(length, 0);
  return picked.subarray(0, length);
}
