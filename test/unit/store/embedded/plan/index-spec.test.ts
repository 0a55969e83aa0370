// Tests what createIndexes accepts, names and refuses, and which of the wanted indexes are there already.
import assert from 'node:assert/strict';
import { type Document, Int32, MinKey } from 'bson';
import type { CodeName } from '../../../../../store/embedded/errors.js';
import {
  idIndex,
  reconcileIndexes,
  sameDefinition,
  toIndexSpec,
} from '../../../../../store/embedded/plan/index-spec.js';

function refusal(codeName: CodeName, message: RegExp) {
  return { name: 'CommandError', codeName, message };
}

describe('toIndexSpec', () => {
  it('names an index after its key and keeps the order of its fields', () => {
    assert.deepEqual(toIndexSpec({ b: 1, 'a.c': new Int32(-1) }, {}), {
      name: 'b_1_a.c_-1',
      key: [
        ['b', 1],
        ['a.c', -1],
      ],
      unique: false,
      sparse: false,
    });
  });

  it('keeps what changes its meaning and drops what does not', () => {
    const options = {
      name: 'n',
      unique: 1,
      background: true,
      v: 2,
      hidden: false,
      collation: { locale: 'simple' },
    };
    assert.deepEqual(toIndexSpec({ a: 1 }, { ...options, partialFilterExpression: { a: { $gt: 5 } } }), {
      name: 'n',
      key: [['a', 1]],
      unique: true,
      sparse: false,
      partial: { a: { $gt: new Int32(5) } },
    });
  });

  it('answers the one _id index for its key pattern', () => {
    assert.equal(toIndexSpec({ _id: 1 }, {}), idIndex);
    assert.throws(
      () => toIndexSpec({ _id: 1 }, { sparse: true }),
      refusal('InvalidIndexSpecificationOption', /'sparse' is not valid for an _id index/),
    );
    assert.throws(
      () => toIndexSpec({ a: 1 }, { name: '_id_' }),
      refusal('BadValue', /reserved for the _id index/),
    );
  });

  const keysRefused: [Document, CodeName, RegExp][] = [
    [{}, 'CannotCreateIndex', /cannot be empty/],
    [{ a: 0 }, 'CannotCreateIndex', /cannot be 0/],
    [{ a: 'up' }, 'CannotCreateIndex', /Unknown index plugin 'up'/],
    [{ a: true }, 'CannotCreateIndex', /cannot be of type bool/],
    [{ a: 2 }, 'CommandNotSupported', /directions other than 1 and -1/],
    [{ a: 'text' }, 'CommandNotSupported', /text indexes/],
    [{ a: '2dsphere' }, 'CommandNotSupported', /2dsphere indexes/],
    [{ a: 'hashed' }, 'CommandNotSupported', /hashed indexes/],
    [{ 'a.$**': 1 }, 'CommandNotSupported', /wildcard indexes/],
    [{ 'a.0': 1 }, 'CommandNotSupported', /array positions/],
    [{ 'a..b': 1 }, 'CannotCreateIndex', /empty field/],
    [{ $a: 1 }, 'CannotCreateIndex', /starts with '\$'/],
    [
      Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`f${at}`, 1])),
      'CannotCreateIndex',
      /at most 32/,
    ],
  ];
  for (const [key, codeName, message] of keysRefused) {
    it(`refuses the key ${JSON.stringify(key).slice(0, 30)}`, () => {
      assert.throws(() => toIndexSpec(key, {}), refusal(codeName, message));
    });
  }

  const partial = (partialFilterExpression: unknown) => ({ partialFilterExpression });
  const optionsRefused: [Document, CodeName, RegExp][] = [
    [{ expireAfterSeconds: 60 }, 'CommandNotSupported', /expireAfterSeconds/],
    [{ collation: { locale: 'de' } }, 'CommandNotSupported', /collations/],
    [{ hidden: true }, 'CommandNotSupported', /hidden/],
    [{ wildcardProjection: {} }, 'CommandNotSupported', /wildcardProjection/],
    [{ storageEngine: {} }, 'CommandNotSupported', /storageEngine/],
    [{ colour: 1 }, 'InvalidIndexSpecificationOption', /'colour' is not valid/],
    [{ v: 3 }, 'CannotCreateIndex', /v=3/],
    [{ unique: 'yes' }, 'TypeMismatch', /'unique' must be a boolean/],
    [{ name: '' }, 'CannotCreateIndex', /name cannot be empty/],
    [{ name: 5 }, 'TypeMismatch', /'name' must be a string/],
    [{ sparse: true, ...partial({ a: 1 }) }, 'CannotCreateIndex', /cannot mix/],
    [partial(5), 'TypeMismatch', /must be an object/],
    [partial({ a: { $ne: 1 } }), 'CannotCreateIndex', /not supported in partial index: \$ne/],
    [partial({ a: { $exists: false } }), 'CannotCreateIndex', /\$exists: false/],
    [partial({ a: /x/ }), 'CannotCreateIndex', /regular expressions/],
    [partial({ a: { $in: [/x/] } }), 'CannotCreateIndex', /regular expressions/],
    [partial({ $and: [{ $or: [{ a: { $regex: 'x' } }] }] }), 'CannotCreateIndex', /\$regex/],
    [partial({ $nor: [{ a: 1 }] }), 'CannotCreateIndex', /\$nor/],
    [partial({ $and: [] }), 'BadValue', /nonempty array/],
  ];
  for (const [options, codeName, message] of optionsRefused) {
    it(`refuses the options ${JSON.stringify(options)}`, () => {
      assert.throws(() => toIndexSpec({ a: 1 }, options), refusal(codeName, message));
    });
  }

  it('takes every operator that a partial filter may have', () => {
    const filter = {
      $and: [{ a: { $gt: 1, $lte: 5 } }, { $or: [{ b: 'x' }, { b: { $in: [1, null] } }] }],
      c: { $exists: true },
      d: { $type: 'string' },
      e: { $eq: new MinKey() },
    };
    assert.notEqual(toIndexSpec({ a: 1 }, partial(filter)).partial, undefined);
  });
});

describe('reconcileIndexes', () => {
  const plain = toIndexSpec({ a: 1 }, {});

  it('builds only what is missing, once', () => {
    const other = toIndexSpec({ b: 1 }, {});
    assert.deepEqual(reconcileIndexes([plain], [plain, other, other, idIndex]), [other]);
  });

  it('lets indexes share a key pattern if they differ in unique, sparse or the partial filter', () => {
    const twins = [
      toIndexSpec({ a: 1 }, { name: 'u', unique: true }),
      toIndexSpec({ a: 1 }, { name: 's', sparse: true }),
      toIndexSpec({ a: 1 }, { name: 'p', partialFilterExpression: { b: 1 } }),
      toIndexSpec({ a: 1 }, { name: 'q', partialFilterExpression: { b: 2 } }),
    ];
    assert.deepEqual(reconcileIndexes([plain], twins), twins);
  });

  it('refuses a name that another definition has', () => {
    assert.throws(
      () => reconcileIndexes([plain], [toIndexSpec({ a: 1 }, { unique: true })]),
      refusal('IndexKeySpecsConflict', /same name as the requested index/),
    );
    assert.throws(
      () => reconcileIndexes([], [plain, toIndexSpec({ b: 1 }, { name: 'a_1' })]),
      refusal('IndexKeySpecsConflict', /same name as the requested index/),
    );
  });

  it('refuses a second name for the same definition', () => {
    assert.throws(
      () => reconcileIndexes([plain], [toIndexSpec({ a: 1 }, { name: 'again' })]),
      refusal('IndexOptionsConflict', /already exists with a different name: a_1/),
    );
  });

  it('compares partial filters by value', () => {
    const spec = (value: unknown) => toIndexSpec({ a: 1 }, { partialFilterExpression: { b: value } });
    assert(sameDefinition(spec(1), spec(new Int32(1))));
    assert(!sameDefinition(spec(1), spec(2)));
    assert(!sameDefinition(spec(1), plain));
  });
});
