// What an upsert inserts: the seed from the filter, the update on it, and the _id.
import assert from 'node:assert/strict';
import { type Document, EJSON, ObjectId } from 'bson';
import { canonical } from '../../../../../store/embedded/bson/codec.js';
import { compileUpdate } from '../../../../../store/embedded/update/update.js';
import { upsertDocument, upsertSeed } from '../../../../../store/embedded/update/upsert.js';

const now = new Date('2026-01-02T03:04:05.678Z');

function seeds(filter: Document, expected: Document): void {
  assert.equal(EJSON.stringify(upsertSeed(canonical(filter))), EJSON.stringify(canonical(expected)));
}

function inserts(filter: Document, update: Document, expected: Document): void {
  const document = upsertDocument(canonical(filter), compileUpdate(canonical(update)), now);
  assert.equal(EJSON.stringify(document), EJSON.stringify(canonical(expected)));
}

describe('update: upsert', () => {
  it('starts from equalities and nothing else', () => {
    seeds(
      { b: 1, a: { $eq: 2 }, c: { $gt: 1 }, d: /x/, e: { $ne: 1 }, f: { $exists: true } },
      { a: 2, b: 1 },
    );
    seeds({ a: { $eq: 1, $gt: 0 } }, { a: 1 });
    seeds({ a: null }, { a: null });
    seeds({ a: [1, 2] }, { a: [1, 2] });
    seeds({ a: { b: 1 } }, { a: { b: 1 } });
    seeds({ a: { $not: { $eq: 1 } }, b: { $elemMatch: { c: 1 } }, $nor: [{ d: 1 }] }, {});
  });

  it('looks into $and, an $or of one branch, and lists of one value', () => {
    seeds({ $and: [{ a: 1 }, { $and: [{ b: 2 }] }] }, { a: 1, b: 2 });
    seeds({ $or: [{ a: 1 }] }, { a: 1 });
    seeds({ $or: [{ a: 1 }, { a: 2 }] }, {});
    seeds({ a: { $in: [1] }, b: { $in: [1, 2] }, c: { $all: [3] } }, { a: 1, c: 3 });
    seeds({ a: { $in: [/x/] }, b: { $all: [{ $elemMatch: { c: 1 } }] } }, {});
  });

  it('builds sub-documents from dotted paths, with positions as names', () => {
    seeds({ 'a.c': 2, 'a.b': 1, 'x.0': 3 }, { a: { b: 1, c: 2 }, x: { 0: 3 } });
  });

  it('refuses two values for one field', () => {
    const twice = {
      name: 'CommandError',
      codeName: 'NotSingleValueField',
      message: /path 'a' is matched twice/,
    };
    assert.throws(() => upsertSeed({ $and: [{ a: 1 }, { a: 1 }] }), twice);
    assert.throws(() => upsertSeed({ a: { $all: ['x', 'y'] } }), twice);
    assert.throws(() => upsertSeed({ a: {}, 'a.b': 1 }), {
      codeName: 'NotSingleValueField',
      message: /both paths 'a' and 'a\.b' are matched/,
    });
  });

  it('applies the update, $setOnInsert included, and puts _id first', () => {
    inserts({ a: 1, _id: 7 }, { $set: { b: 2 }, $setOnInsert: { c: 3 } }, { _id: 7, a: 1, b: 2, c: 3 });
    inserts({ a: 1 }, { $set: { _id: 8 } }, { _id: 8, a: 1 });
    inserts({ a: { $gt: 1 } }, { $inc: { n: 1 }, $setOnInsert: { _id: 9 } }, { _id: 9, n: 1 });
  });

  it('takes only the _id from the filter for a replacement', () => {
    inserts({ _id: 7, a: 1 }, { b: 2 }, { _id: 7, b: 2 });
    inserts({ a: 1 }, { b: 2, _id: 3 }, { _id: 3, b: 2 });
  });

  it('makes an ObjectId when there is no _id', () => {
    const document = upsertDocument(canonical({ a: 1 }), compileUpdate(canonical({ $set: { b: 2 } })), now);
    assert.ok(document['_id'] instanceof ObjectId);
    assert.deepEqual(Object.keys(document), ['_id', 'a', 'b']);
  });

  it('refuses an _id other than the filter says, and types that none may have', () => {
    assert.throws(
      () => upsertDocument(canonical({ _id: 1 }), compileUpdate(canonical({ $set: { _id: 2 } })), now),
      {
        codeName: 'ImmutableField',
      },
    );
    assert.throws(() => upsertDocument(canonical({ _id: 1 }), compileUpdate(canonical({ _id: 2 })), now), {
      codeName: 'ImmutableField',
    });
    assert.throws(() => upsertDocument({}, compileUpdate(canonical({ $set: { _id: [1] } })), now), {
      codeName: 'InvalidIdField',
      message: /cannot be of type array/,
    });
  });

  it('refuses positional paths, for there is no match', () => {
    assert.throws(() => upsertDocument({}, compileUpdate(canonical({ $set: { 'a.$': 1 } })), now), {
      codeName: 'BadValue',
      message: /positional operator did not find the match/,
    });
  });
});
