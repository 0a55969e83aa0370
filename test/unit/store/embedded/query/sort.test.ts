// Sorting and the key tuples below it: arrays, missing fields, compound sorts.
import assert from 'node:assert/strict';
import type { Document } from 'bson';
import fc from 'fast-check';
import { compareBytes } from '../../../../../store/embedded/bson/compare.js';
import { canonical } from '../../../../../store/embedded/bson/codec.js';
import { keyBytes } from '../../../../../store/embedded/bson/key-bytes.js';
import { keyTuples } from '../../../../../store/embedded/query/key-tuples.js';
import { parsePath } from '../../../../../store/embedded/query/path.js';
import { compileSort } from '../../../../../store/embedded/query/sort.js';
import { values } from '../bson/random-values.js';
import { refuses } from './match-table.js';

/** Positions of the documents after sorting. */
function order(sort: Document, documents: readonly Document[]): number[] {
  const { compare } = compileSort(canonical(sort));
  const all = documents.map((document) => canonical(document));
  return [...all].sort(compare).map((document) => all.indexOf(document));
}

describe('compileSort', () => {
  it('sorts by several fields, each in its direction, and leaves equals in place', () => {
    const documents = [
      { a: 2, b: 1 },
      { a: 1, b: 1 },
      { a: 1, b: 2 },
      { a: 2, b: 1 },
    ];
    assert.deepEqual(order({ a: 1, b: -1 }, documents), [2, 1, 0, 3]);
    assert.deepEqual(order({ a: -1, b: 1 }, documents), [0, 3, 1, 2]);
    assert.deepEqual(order({}, documents), [0, 1, 2, 3]);
    assert.deepEqual(compileSort(canonical({ a: 1, 'b.c': -1 })).directions, [
      ['a', 1],
      ['b.c', -1],
    ]);
  });

  it('takes the least element of an array ascending, the greatest descending', () => {
    const documents = [{ a: [5, 1] }, { a: 3 }, { a: [4, 2] }];
    assert.deepEqual(order({ a: 1 }, documents), [0, 2, 1]);
    assert.deepEqual(order({ a: -1 }, documents), [0, 2, 1]);
  });

  it('puts an empty array below null, and missing with null', () => {
    const documents = [{ a: 1 }, { a: null }, {}, { a: [] }, { a: [null, 7] }];
    assert.deepEqual(order({ a: 1 }, documents), [3, 1, 2, 4, 0]);
    assert.deepEqual(order({ a: -1 }, documents), [4, 0, 1, 2, 3]);
  });

  it('follows dotted paths through arrays and positions', () => {
    const documents = [
      { a: [{ b: 3 }, { b: 9 }] },
      { a: { b: 5 } },
      { a: [1, { b: 4 }] },
      { a: [] },
      { a: 1 },
    ];
    assert.deepEqual(order({ 'a.b': 1 }, documents), [2, 3, 4, 0, 1]);
    assert.deepEqual(order({ 'a.b': -1 }, documents), [0, 1, 2, 3, 4]);
    assert.deepEqual(order({ 'a.0': 1 }, [{ a: [3, 0] }, { a: [2, 9] }, { a: 1 }]), [2, 1, 0]);
  });

  it('compares the fields of one array element together', () => {
    const documents = [
      {
        a: [
          { x: 1, y: 9 },
          { x: 2, y: 0 },
        ],
      },
      { a: [{ x: 1, y: 5 }] },
    ];
    assert.deepEqual(order({ 'a.x': 1, 'a.y': 1 }, documents), [1, 0]);
  });

  it('sorts types in BSON order', () => {
    const documents = [{ a: true }, { a: 'x' }, { a: 5 }, { a: {} }, { a: new Date(0) }];
    assert.deepEqual(order({ a: 1 }, documents), [2, 1, 3, 0, 4]);
  });

  it('refuses other directions and $meta', () => {
    const sort = (direction: unknown) => () => compileSort(canonical({ a: direction }));
    refuses(sort(2), 'BadValue', '$sort key ordering must be 1');
    refuses(sort('asc'), 'BadValue', 'Illegal key in $sort specification: a');
    refuses(sort({ $meta: 'textScore' }), 'CommandNotSupported', '$meta');
    refuses(() => compileSort(canonical({ $natural: 1 })), 'CommandNotSupported', '$natural');
    refuses(() => compileSort(canonical({ $a: 1 })), 'BadValue', 'field names');
  });

  it('refuses parallel arrays', () => {
    const { key } = compileSort(canonical({ a: 1, b: 1 }));
    refuses(() => key(canonical({ a: [1], b: [2] })), 'BadValue', 'parallel arrays');
  });

  it('agrees with the order of index keys', () => {
    const documents = fc.tuple(values, values).map(([a, b]) => ({ a, b: Array.isArray(b) ? null : b }));
    fc.assert(
      fc.property(documents, documents, fc.constantFrom(1, -1), (one, other, direction) => {
        const sort = compileSort({ a: direction, b: 1 });
        const bytes = (document: Document) => keyBytes(sort.key(document), [direction as 1 | -1, 1]);
        assert.equal(
          Math.sign(sort.compare(one, other)) + 0,
          Math.sign(compareBytes(bytes(one), bytes(other))),
        );
      }),
      { numRuns: 1000 },
    );
  });
});

describe('keyTuples', () => {
  const tuples = (document: Document, ...paths: string[]) => keyTuples(document, paths.map(parsePath));

  it('has one tuple per element, null for missing, undefined for an empty array', () => {
    assert.deepEqual(tuples({ a: 1 }, 'a', 'b'), { tuples: [[1, null]], multikey: false });
    assert.deepEqual(tuples({ a: [1, 2], b: 3 }, 'a', 'b'), {
      tuples: [
        [1, 3],
        [2, 3],
      ],
      multikey: true,
    });
    assert.deepEqual(tuples({ a: [] }, 'a'), { tuples: [[undefined]], multikey: true });
    assert.deepEqual(tuples({ a: [] }, 'a.b'), { tuples: [[null]], multikey: true });
    assert.deepEqual(tuples({ a: [[1, 2]] }, 'a'), { tuples: [[[1, 2]]], multikey: true });
    assert.deepEqual(tuples({ a: [{ b: [1, 2] }, { b: 3 }, 4] }, 'a.b'), {
      tuples: [[1], [2], [3], [null]],
      multikey: true,
    });
    assert.deepEqual(tuples({ a: [{ b: 1, c: 2 }] }, 'a.b', 'a.c').tuples, [[1, 2]]);
    assert.deepEqual(tuples({ a: [{ b: 1 }, { b: 2 }] }, 'a.1.b'), { tuples: [[2]], multikey: false });
  });

  it('takes inherited names for data', () => {
    assert.deepEqual(tuples({}, 'constructor', '__proto__', 'toString.name').tuples, [[null, null, null]]);
  });
});
