// What distinct collects from one document.
import assert from 'node:assert/strict';
import { distinctValues } from '../../../../../store/embedded/query/distinct.js';

describe('distinctValues', () => {
  it('takes a value, and an array apart once', () => {
    assert.deepEqual(distinctValues('a', { a: 1 }), [1]);
    assert.deepEqual(distinctValues('a', { a: [1, 1, [2, 3]] }), [1, 1, [2, 3]]);
    assert.deepEqual(distinctValues('a', { a: null }), [null]);
    assert.deepEqual(distinctValues('a', {}), []);
    assert.deepEqual(distinctValues('a', { a: [] }), []);
  });

  it('follows paths through arrays and positions', () => {
    assert.deepEqual(distinctValues('a.b', { a: [{ b: 1 }, { b: [2, 3] }, { c: 4 }, 5] }), [1, 2, 3]);
    assert.deepEqual(distinctValues('a.1', { a: [4, 5] }), [5]);
    assert.deepEqual(distinctValues('a.1.b', { a: [{ b: 1 }, { b: 2 }] }), [2]);
    assert.deepEqual(distinctValues('a.9', { a: [4, 5] }), []);
    assert.deepEqual(distinctValues('a.b.c', { a: { b: { c: 1 } } }), [1]);
  });

  it('takes inherited names for data', () => {
    assert.deepEqual(distinctValues('constructor', {}), []);
    assert.deepEqual(distinctValues('a.length', { a: [1] }), []);
    assert.deepEqual(distinctValues('__proto__', JSON.parse('{"__proto__": 3}')), [3]);
  });
});
