// Laws that hold for updates of any document: the input stays as it is, and operators undo each other.
import assert from 'node:assert/strict';
import { type Document, EJSON, Int32 } from 'bson';
import fc from 'fast-check';
import { canonical } from '../../../../../store/embedded/bson/codec.js';
import { CommandError } from '../../../../../store/embedded/errors.js';
import { compileUpdate } from '../../../../../store/embedded/update/update.js';

const at = { now: new Date(0) };
const scalar = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.string({ maxLength: 3 }),
  fc.boolean(),
  fc.constant(null),
);
const name = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor');
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, tie('list'), tie('document')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  document: fc.dictionary(name, tie('value'), { maxKeys: 3 }),
}));
const document = fc.dictionary(name, value, { maxKeys: 4 }).map((fields) => canonical({ _id: 1, ...fields }));
const path = fc
  .array(fc.constantFrom('a', 'b', 'c', '0', '1', '__proto__', 'constructor'), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('.'));
const operator = fc.constantFrom(
  '$set',
  '$unset',
  '$inc',
  '$mul',
  '$min',
  '$max',
  '$push',
  '$pull',
  '$addToSet',
  '$pop',
  '$bit',
);

function text(of: Document): string {
  return EJSON.stringify(of, { relaxed: false });
}

/** The document after, or undefined where MongoDB refuses the update. */
function attempt(before: Document, update: Document): Document | undefined {
  try {
    return compileUpdate(canonical(update)).apply(before, at);
  } catch (error) {
    assert.ok(error instanceof CommandError, String(error));
    return undefined;
  }
}

describe('update: properties', () => {
  it('never changes its input, and returns it itself exactly when nothing changed', () => {
    fc.assert(
      fc.property(document, fc.array(fc.tuple(operator, path, value), { maxLength: 3 }), (before, steps) => {
        const untouched = text(before);
        const update: Record<string, Document> = {};
        for (const [op, at, argument] of steps) update[op] = { ...update[op], [at]: argument };
        const after = attempt(before, { $set: {}, ...update });
        assert.equal(text(before), untouched);
        if (after !== undefined) assert.equal(after === before, text(after) === untouched);
      }),
      { numRuns: 500 },
    );
  });

  it('is idempotent for $set, $unset, $min, $max, $addToSet and $pull', () => {
    const repeatable = fc.constantFrom('$set', '$unset', '$min', '$max', '$addToSet', '$pull');
    fc.assert(
      fc.property(document, repeatable, path, value, (before, op, where, argument) => {
        const once = attempt(before, { [op]: { [where]: argument } });
        if (once === undefined) return;
        const twice = attempt(once, { [op]: { [where]: argument } });
        assert.equal(twice, once);
      }),
      { numRuns: 500 },
    );
  });

  it('$set of a new field and $unset of it give the document back', () => {
    fc.assert(
      fc.property(document, value, (before, fresh) => {
        const set = attempt(before, { $set: { fresh } })!;
        assert.notEqual(set, before);
        assert.equal(text(attempt(set, { $unset: { fresh: '' } })!), text(before));
      }),
      { numRuns: 200 },
    );
  });

  it('$push and $pop give the array back', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 4 }), value, (items, item) => {
        const before = canonical({ _id: 1, items });
        const pushed = attempt(before, { $push: { items: { $each: [item] } } })!;
        assert.equal((pushed['items'] as unknown[]).length, items.length + 1);
        assert.equal(text(attempt(pushed, { $pop: { items: 1 } })!), text(before));
      }),
      { numRuns: 200 },
    );
  });

  it('$inc by n and by -n give the value back', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: -1000, max: 1000 }), (start, n) => {
        const before = { _id: new Int32(1), n: new Int32(start) };
        const there = attempt(before, { $inc: { n } })!;
        const back = attempt(there, { $inc: { n: -n } })!;
        assert.equal(String(back['n']), String(start));
      }),
      { numRuns: 200 },
    );
  });
});
