// Documents to bytes and back: nothing changes its type, nothing is lost without a word.
import assert from 'node:assert/strict';
import { Double, Int32, Long } from 'bson';
import { canonical, decode, documentBytesMax, encode } from '../../../../../store/embedded/bson/codec.js';
import { CommandError } from '../../../../../store/embedded/errors.js';

const refusal = (codeName: string) => (error: unknown) =>
  error instanceof CommandError && error.codeName === codeName;

describe('codec', () => {
  it('keeps the types of numbers', () => {
    const document = decode(encode({ a: new Int32(1), b: new Double(1), c: Long.fromNumber(1) }));
    assert.deepEqual(
      Object.values(document).map(({ _bsontype }) => _bsontype),
      ['Int32', 'Double', 'Long'],
    );
  });

  it('encodes again whatever it has decoded, also a document that looks like a reference', () => {
    const document = decode(encode({ $ref: 'orders', $id: new Int32(7), $db: 'x', note: 'n' }));
    assert.deepEqual(Object.keys(document), ['$ref', '$id', '$db', 'note']);
    assert.deepEqual(decode(encode(document)), document);
  });

  it('refuses functions, wherever they are', () => {
    assert.throws(() => canonical({ $where: () => true }), refusal('BadValue'));
    assert.throws(() => canonical({ a: [{ b: () => 1 }] }), /functions are not supported \(at "a\.0\.b"\)/);
  });

  it('refuses a document over 16 MiB', () => {
    assert.throws(() => encode({ pad: 'x'.repeat(documentBytesMax) }), refusal('BSONObjectTooLarge'));
  });
});
