// Projections: answers as MongoDB's manual gives them, and what is refused.
import assert from 'node:assert/strict';
import { type Document, EJSON } from 'bson';
import { canonical } from '../../../../../store/embedded/bson/codec.js';
import { compileProjection } from '../../../../../store/embedded/query/projection.js';
import { refuses } from './match-table.js';

/** Compared as text, so that the order of fields counts. */
function gives(projection: Document, document: Document, expected: Document, arrayIndex?: number): void {
  const projected = compileProjection(canonical(projection))(canonical(document), arrayIndex);
  assert.equal(EJSON.stringify(projected), EJSON.stringify(expected));
}

function refused(projection: Document, message: string): void {
  refuses(() => compileProjection(canonical(projection)), 'BadValue', message);
}

const order = { _id: 1, a: 1, b: { c: 2, d: 3 }, e: [{ f: 4, g: 5 }, 6, [{ f: 7, g: 8 }]] };

describe('inclusion', () => {
  it('keeps the named fields and _id, in the order of the document', () => {
    gives({ b: 1, a: 1 }, order, { _id: 1, a: 1, b: { c: 2, d: 3 } });
    gives({ a: true, _id: 0 }, order, { a: 1 });
    gives({ _id: 1 }, order, { _id: 1 });
    gives({ a: 2.5, x: 1 }, order, { _id: 1, a: 1 });
    gives({}, order, order);
  });

  it('follows dotted paths and nested documents through arrays', () => {
    gives({ 'b.c': 1 }, order, { _id: 1, b: { c: 2 } });
    gives({ b: { c: 1 }, _id: 0 }, order, { b: { c: 2 } });
    gives({ 'e.f': 1 }, order, { _id: 1, e: [{ f: 4 }, [{ f: 7 }]] });
    gives({ 'a.x': 1 }, order, { _id: 1 });
    gives({ 'b.x': 1 }, order, { _id: 1, b: {} });
    gives({ 'b.c': 1, 'b.d': 1 }, order, { _id: 1, b: { c: 2, d: 3 } });
    gives({ '_id.x': 1 }, { _id: { x: 1, y: 2 }, a: 1 }, { _id: { x: 1 } });
  });
});

describe('exclusion', () => {
  it('drops the named fields', () => {
    gives({ a: 0, e: 0 }, order, { _id: 1, b: { c: 2, d: 3 } });
    gives({ _id: 0 }, { _id: 1, a: 1 }, { a: 1 });
    gives({ a: false, _id: 1 }, { _id: 1, a: 1, b: 2 }, { _id: 1, b: 2 });
    gives({ 'b.c': 0, a: 0 }, order, { _id: 1, b: { d: 3 }, e: order.e });
    gives({ 'e.f': 0, b: { c: 0 } }, order, { _id: 1, a: 1, b: { d: 3 }, e: [{ g: 5 }, 6, [{ g: 8 }]] });
    gives({ 'a.x': 0 }, { a: 1 }, { a: 1 });
  });
});

describe('$slice', () => {
  const posts = { _id: 1, t: 'x', c: [1, 2, 3, 4, 5] };

  it('keeps a part of an array and all other fields', () => {
    gives({ c: { $slice: 2 } }, posts, { ...posts, c: [1, 2] });
    gives({ c: { $slice: -2 } }, posts, { ...posts, c: [4, 5] });
    gives({ c: { $slice: 0 } }, posts, { ...posts, c: [] });
    gives({ c: { $slice: [1, 2] } }, posts, { ...posts, c: [2, 3] });
    gives({ c: { $slice: [-4, 2] } }, posts, { ...posts, c: [2, 3] });
    gives({ c: { $slice: [-9, 2] } }, posts, { ...posts, c: [1, 2] });
    gives({ c: { $slice: [9, 2] } }, posts, { ...posts, c: [] });
    gives({ t: { $slice: 1 } }, posts, posts);
  });

  it('joins an inclusion or an exclusion', () => {
    gives({ t: 0, c: { $slice: 1 } }, posts, { _id: 1, c: [1] });
    gives({ t: 1, c: { $slice: 1 } }, posts, { _id: 1, t: 'x', c: [1] });
    gives({ _id: 0, c: { $slice: 1 } }, posts, { t: 'x', c: [1] });
    gives({ 'a.b': { $slice: 1 } }, { a: [{ b: [1, 2] }, { b: 3 }] }, { a: [{ b: [1] }, { b: 3 }] });
  });

  it('refuses malformed operands', () => {
    refused({ c: { $slice: 'x' } }, '$slice takes integers');
    refused({ c: { $slice: [1, 0] } }, '$slice limit must be positive');
    refused({ c: { $slice: [1] } }, '$slice takes a number or [skip, limit]');
  });
});

describe('$elemMatch', () => {
  const school = {
    _id: 1,
    z: 5,
    s: [
      { n: 'j', a: 10 },
      { n: 'k', a: 15 },
      { n: 'l', a: 15 },
    ],
    r: [1, 8, 9],
  };

  it('keeps the first matching element, behind the other fields', () => {
    gives({ s: { $elemMatch: { a: 15 } } }, school, { _id: 1, s: [{ n: 'k', a: 15 }] });
    gives({ s: { $elemMatch: { a: 15 } }, z: 1 }, school, { _id: 1, z: 5, s: [{ n: 'k', a: 15 }] });
    gives({ r: { $elemMatch: { $gt: 5 } } }, school, { _id: 1, r: [8] });
  });

  it('leaves the field out if nothing matches', () => {
    gives({ s: { $elemMatch: { a: 99 } } }, school, { _id: 1 });
    gives({ z: { $elemMatch: { a: 1 } } }, school, { _id: 1 });
    gives({ q: { $elemMatch: { a: 1 } } }, school, { _id: 1 });
  });

  it('joins an exclusion', () => {
    gives({ r: { $elemMatch: { $gt: 5 } }, s: 0 }, school, { _id: 1, z: 5, r: [8] });
  });

  it('refuses nested paths and operands that are no filter', () => {
    refused({ 'a.b': { $elemMatch: { c: 1 } } }, 'Cannot use $elemMatch projection on a nested field.');
    refused({ a: { $elemMatch: 1 } }, 'elemMatch: Invalid argument, object required');
    refuses(() => compileProjection({ a: { $elemMatch: { $where: 'x' } } }), 'CommandNotSupported', '$where');
  });
});

describe('positional', () => {
  it('keeps the element that the filter matched', () => {
    gives({ 'a.$': 1 }, { _id: 1, a: [5, 6, 7], b: 1 }, { _id: 1, a: [6] }, 1);
    gives({ 'a.b.$': 1 }, { _id: 1, a: { b: [5, 6], c: 1 } }, { _id: 1, a: { b: [6] } }, 1);
    gives({ 'a.$': 1 }, { _id: 1, a: 5 }, { _id: 1, a: 5 });
    assert.ok(compileProjection(canonical({ 'a.$': 1 })).positional);
    assert.ok(!compileProjection(canonical({ a: 1 })).positional);
  });

  it('refuses an array of which no element was matched', () => {
    const project = compileProjection(canonical({ 'a.$': 1 }));
    refuses(() => project({ a: [1] }), 'BadValue', "couldn't find a matching element");
    refuses(() => project({ a: [1] }, 3), 'BadValue', 'element mismatch');
  });

  it('stands alone, at the end, including', () => {
    refused({ 'a.$': 1, 'b.$': 1 }, 'Cannot specify more than one positional');
    refused({ 'a.$.b': 1 }, 'in the middle of a path');
    refused({ 'a.$': 0 }, 'positional projection cannot be used with exclusion');
    refused({ 'a.$': 1, b: { $elemMatch: { c: 1 } } }, 'positional operator and $elemMatch');
    refused({ b: { $elemMatch: { c: 1 } }, 'a.$': 1 }, 'positional operator and $elemMatch');
  });
});

describe('refused projections', () => {
  it('mix inclusion and exclusion', () => {
    refused({ a: 1, b: 0 }, 'Cannot do exclusion on field b in inclusion projection');
    refused({ a: 0, b: 1 }, 'Cannot do inclusion on field b in exclusion projection');
    refused({ _id: 0, a: 1, 'b.c': 0 }, 'Cannot do exclusion on field b.c in inclusion projection');
  });

  it('name a path twice', () => {
    refused({ a: 1, 'a.b': 1 }, 'Path collision at a.b');
    refused({ 'a.b': 1, a: 1 }, 'Path collision at a');
    refused({ a: { b: 1 }, 'a.b': 1 }, 'Path collision at a.b');
    refused({ a: { $slice: 1 }, 'a.b': 1 }, 'Path collision at a.b');
  });

  it('are no paths', () => {
    refused({ a: {} }, 'An empty sub-projection is not a valid value');
    refused({ '': 1 }, 'no valid field path');
    refused({ 'a..b': 1 }, 'no valid field path');
    refused({ $a: 1 }, 'no valid field path');
    refused({ a: { $slice: 1, b: 1 } }, 'stands alone');
  });

  it('compute', () => {
    for (const [value, name] of [
      [{ $add: [1, 2] }, '$add'],
      [{ $meta: 'textScore' }, '$meta'],
      ['$b', 'expressions'],
      ['text', 'expressions'],
      [[1], 'expressions'],
      [null, 'expressions'],
    ] as const) {
      refuses(() => compileProjection(canonical({ a: value })), 'CommandNotSupported', name);
    }
  });
});

describe('inherited names', () => {
  it('are data', () => {
    const document = JSON.parse('{"__proto__": {"x": 1, "y": 2}, "constructor": 3}');
    gives({ constructor: 1 }, document, { constructor: 3 });
    gives(JSON.parse('{"__proto__.x": 1}'), document, JSON.parse('{"__proto__": {"x": 1}}'));
    gives({ constructor: 0 }, document, JSON.parse('{"__proto__": {"x": 1, "y": 2}}'));
    gives({ toString: 1 }, { a: 1 }, {});
  });
});
