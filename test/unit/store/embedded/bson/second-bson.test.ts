// mongoose loads bson as CommonJS: its values are of other classes than ours, and mean the same.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import * as ours from 'bson';
import { compareValues } from '../../../../../store/embedded/bson/compare.js';
import { idBytes } from '../../../../../store/embedded/bson/key-bytes.js';
import { addNumbers } from '../../../../../store/embedded/bson/numbers.js';
import { compileFilter } from '../../../../../store/embedded/query/filter.js';

const theirs = createRequire(import.meta.url)('bson') as typeof ours;

describe('values of a second copy of bson', () => {
  it('compare, encode and match like ours', () => {
    assert.notEqual(theirs.Int32, ours.Int32);
    const both = (make: (bson: typeof ours) => unknown) => [make(theirs), make(ours)] as const;
    for (const [their, our] of [
      both((bson) => new bson.Int32(5)),
      both((bson) => new bson.Double(0.5)),
      both((bson) => bson.Long.fromString('9007199254740993')),
      both((bson) => bson.Decimal128.fromString('12.34')),
      both((bson) => new bson.ObjectId('0123456789abcdef01234567')),
      both((bson) => new bson.Binary(Uint8Array.of(1, 2))),
      both((bson) => new bson.BSONRegExp('a', 'i')),
      both((bson) => new bson.Timestamp({ t: 1, i: 2 })),
      both((bson) => new bson.MinKey()),
      both((bson) => new bson.DBRef('x', new bson.ObjectId('0123456789abcdef01234567'))),
      both((bson) => new bson.Code('f', { a: 1 })),
    ]) {
      assert.equal(compareValues(their, our), 0);
      assert.deepEqual(idBytes(their), idBytes(our));
      assert.ok(compileFilter({ a: { $eq: their } }).matches({ a: our }));
    }
    assert.ok(compileFilter({ a: { $gt: new theirs.MinKey() } }).matches({}));
    assert.ok(compileFilter({ a: { $gt: new theirs.Int32(1) } }).matches({ a: new ours.Int32(2) }));
    const sum = addNumbers(new theirs.Int32(2), ours.Decimal128.fromString('0.5'));
    assert.equal(sum.toString(), '2.5');
  });
});
