// Tests under which keys a document is in an index: arrays, missing fields, sparse and partial indexes.
import assert from 'node:assert/strict';
import type { Document } from 'bson';
import { canonical } from '../../../../../store/embedded/bson/codec.js';
import { compareBytes } from '../../../../../store/embedded/bson/compare.js';
import { keyBytes } from '../../../../../store/embedded/bson/key-bytes.js';
import { compileIndex } from '../../../../../store/embedded/plan/index-keys.js';
import { toIndexSpec } from '../../../../../store/embedded/plan/index-spec.js';

function keysOf(key: Document, document: Document, options: Document = {}): Uint8Array[] {
  return compileIndex(toIndexSpec(key, options)).keys(canonical(document));
}

/** Keys of these tuples of values, in an index of that key pattern; an empty array's is that of undefined. */
function keys(key: Document, ...tuples: unknown[][]): Uint8Array[] {
  const directions = Object.values(key) as (1 | -1)[];
  return tuples.map((values) => keyBytes(values, directions)).sort(compareBytes);
}

describe('compileIndex', () => {
  const cases: [title: string, key: Document, document: Document, tuples: unknown[][]][] = [
    ['a value', { a: 1 }, { a: 5 }, [[5]]],
    ['a value, descending', { a: -1 }, { a: 5 }, [[5]]],
    ['a missing field, as null', { a: 1 }, {}, [[null]]],
    ['a field of a value that is no document, as null', { 'a.b': 1 }, { a: 5 }, [[null]]],
    ['a compound key', { a: 1, 'b.c': -1 }, { a: 'x', b: { c: 2 } }, [['x', 2]]],
    ['each element, once and in order', { a: 1 }, { a: [3, 1, 3] }, [[1], [3]]],
    ['an array in an array as a whole', { a: 1 }, { a: [[1, 2], 3] }, [[[1, 2]], [3]]],
    ['an empty array, below null', { a: 1 }, { a: [] }, [[undefined]]],
    ['documents in an array', { 'a.b': 1 }, { a: [{ b: 1 }, { c: 2 }, 7] }, [[1], [null]]],
    ['arrays in documents in an array', { 'a.b': 1 }, { a: [{ b: [1, 2] }, { b: 3 }] }, [[1], [2], [3]]],
    [
      'the fields of one element together',
      { 'a.b': 1, 'a.c': 1 },
      {
        a: [
          { b: 1, c: 2 },
          { b: 3, c: 4 },
        ],
      },
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [
      'each element beside a plain field',
      { a: 1, b: -1 },
      { a: [1, 2], b: 'x' },
      [
        [1, 'x'],
        [2, 'x'],
      ],
    ],
    [
      'elements and a field of theirs',
      { a: 1, 'a.b': 1 },
      { a: [{ b: 1 }, 2] },
      [
        [{ b: 1 }, 1],
        [2, null],
      ],
    ],
    ['an empty array on the way, as null', { 'a.b': 1, a: 1 }, { a: [] }, [[null, undefined]]],
  ];
  for (const [title, key, document, tuples] of cases) {
    it(`finds ${title}`, () => {
      assert.deepEqual(keysOf(key, document), keys(key, ...tuples));
    });
  }

  it('refuses arrays that do not lie in each other', () => {
    assert.throws(() => keysOf({ a: 1, b: 1 }, { a: [1], b: [2] }), {
      codeName: 'CannotIndexParallelArrays',
      code: 171,
      message: 'cannot index parallel arrays [b] [a]',
    });
    assert.throws(() => keysOf({ 'x.a': 1, 'x.b': 1 }, { x: [{ a: [1], b: [] }] }), {
      codeName: 'CannotIndexParallelArrays',
    });
  });

  it('leaves documents without any of the fields out of a sparse index', () => {
    const key = { a: 1, b: 1 };
    assert.deepEqual(keysOf(key, { c: 1 }, { sparse: true }), []);
    assert.deepEqual(keysOf(key, { b: null }, { sparse: true }), keys(key, [null, null]));
    assert.deepEqual(keysOf({ a: 1 }, { a: [] }, { sparse: true }), keys({ a: 1 }, [undefined]));
    assert.deepEqual(keysOf({ 'a.b': 1 }, { a: [{ b: 1 }, {}] }, { sparse: true }), keys({ a: 1 }, [1]));
  });

  it('leaves documents that do not match out of a partial index', () => {
    const options = { partialFilterExpression: { state: 'waiting' } };
    assert.deepEqual(keysOf({ a: 1 }, { a: 1, state: 'done' }, options), []);
    assert.deepEqual(keysOf({ a: 1 }, { a: 1, state: 'waiting' }, options), keys({ a: 1 }, [1]));
  });

  it('tells arrays of one element and empty ones, on the way or at the end', () => {
    const index = compileIndex(toIndexSpec({ 'a.b': 1, c: 1 }, {}));
    const multikey = (document: Document) => index.isMultikey(canonical(document));
    assert(multikey({ c: [] }));
    assert(multikey({ a: [{ b: 1 }] }));
    assert(multikey({ a: { b: [1] } }));
    assert(!multikey({ a: { b: 1, x: [1] }, c: { d: [1] } }));
  });
});
