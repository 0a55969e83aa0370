// Tests the planner's rules one by one; planner-property.test.ts holds them against random queries.
import assert from 'node:assert/strict';
import { type Document, Int32, ObjectId } from 'bson';
import { canonical } from '../../../../../store/embedded/bson/codec.js';
import { idBytes, keyBytes, successor, typeRange } from '../../../../../store/embedded/bson/key-bytes.js';
import { stringAfter } from '../../../../../store/embedded/plan/bounds.js';
import { idIndex, toIndexSpec } from '../../../../../store/embedded/plan/index-spec.js';
import {
  type IndexPlan,
  type Plan,
  type PlannedIndex,
  planRead,
} from '../../../../../store/embedded/plan/planner.js';

function index(key: Document, options: Document = {}, multikey = false): PlannedIndex {
  return { spec: toIndexSpec(key, options), multikey };
}

interface Asked {
  sort?: Document;
  hint?: string | Document;
}

function plan(filter: Document, indexes: PlannedIndex[], { sort, hint }: Asked = {}): Plan {
  return planRead(
    {
      filter: canonical(filter),
      ...(sort && { sort: canonical(sort) }),
      ...(hint !== undefined && { hint }),
    },
    indexes,
  );
}

function indexPlan(...asked: Parameters<typeof plan>): IndexPlan {
  const found = plan(...asked);
  assert.equal(found.kind, 'index');
  return found as IndexPlan;
}

/** The ranges of all keys that begin with these values, ascending. */
function points(...tuples: unknown[][]) {
  return tuples.map((values) => {
    const low = keyBytes(values, Array(values.length).fill(1));
    return { low, high: successor(low) };
  });
}

describe('planRead by _id', () => {
  const id = new ObjectId();

  it('takes an _id, with or without more', () => {
    assert.deepEqual(plan({ _id: id }, []), { kind: 'id', ids: [idBytes(id)], exact: true });
    assert.deepEqual(plan({ version: 3, _id: id }, []), { kind: 'id', ids: [idBytes(id)], exact: false });
    assert.deepEqual(plan({ $and: [{ _id: { $eq: 5 } }] }, []), {
      kind: 'id',
      ids: [idBytes(5)],
      exact: true,
    });
  });

  it('takes a list of them, in order and once', () => {
    const ids = [idBytes(1), idBytes(2)];
    assert.deepEqual(plan({ _id: { $in: [2, 1, 2] } }, []), { kind: 'id', ids, exact: true });
  });

  it('is not exact about null, and does not take patterns for values', () => {
    assert.deepEqual(plan({ _id: null }, []), { kind: 'id', ids: [idBytes(null)], exact: false });
    assert.deepEqual(plan({ _id: /^a/ }, []), { kind: 'scan' });
    assert.deepEqual(plan({ _id: { $ne: 1 } }, []), { kind: 'scan' });
  });

  it('prefers it to every index', () => {
    assert.equal(plan({ _id: id, a: 1 }, [index({ a: 1 }, { unique: true })]).kind, 'id');
  });

  it('reads ranges and orders of _id if its index is in the list', () => {
    const indexes = [{ spec: idIndex, multikey: false }];
    const found = indexPlan({ _id: { $gt: 5 } }, indexes, { sort: { _id: -1 } });
    const [, high] = typeRange(new Int32(5));
    assert.deepEqual(found.ranges, [{ low: successor(idBytes(5)), high }]);
    assert.deepEqual([found.reverse, found.sorted, found.exact], [true, true, true]);
  });
});

describe('planRead by index', () => {
  it('takes the index with most equal fields, then the one with a range, then the one in order', () => {
    const a = index({ a: 1 });
    const ab = index({ a: 1, b: 1 });
    const abc = index({ a: 1, c: 1 });
    const all = [a, ab, abc];
    assert.equal(indexPlan({ a: 1, b: 2 }, all).spec, ab.spec);
    assert.equal(indexPlan({ a: 1, b: { $gt: 2 } }, all).spec, ab.spec);
    assert.equal(indexPlan({ a: 1 }, all, { sort: { c: 1 } }).spec, abc.spec);
    assert.equal(indexPlan({ a: 1 }, all).spec, a.spec);
  });

  it('takes a unique index that is met in full before all others', () => {
    const unique = index({ n: 1 }, { unique: true });
    const found = indexPlan({ n: 1, a: 1, b: 2 }, [index({ a: 1, b: 1 }), unique], { sort: { x: 1 } });
    assert.equal(found.spec, unique.spec);
    assert(found.sorted, 'one document is in any order');
  });

  it('knows when the filter need not be asked again', () => {
    const exact = (filter: Document, multikey = false) =>
      indexPlan(filter, [index({ a: 1, b: 1 }, {}, multikey)]).exact;
    assert(exact({ a: 1 }));
    assert(exact({ a: 'x', b: { $gte: new Date(0), $lt: new Date(5) } }));
    assert(!exact({ a: 1 }, true));
    assert(!exact({ a: null }));
    assert(!exact({ a: 1, c: 1 }));
    assert(!exact({ a: /^x/ }));
    assert(!exact({ a: 1, b: { $ne: 1 } }));
    assert(!exact({ a: 1, $or: [{ b: 1 }, { c: 1 }] }));
  });

  it('bounds a regular expression by what its matches begin with', () => {
    const { ranges } = indexPlan({ a: /^ab/ }, [index({ a: 1 })]);
    assert.deepEqual(ranges[0], { low: keyBytes(['ab'], [1]), high: keyBytes(['ac'], [1]) });
    assert.equal(stringAfter('a\u{d7ff}'), 'a\u{e000}');
    assert.equal(stringAfter('a\u{10ffff}'), 'b');
    assert.equal(stringAfter(''), undefined);
  });

  it('multiplies lists of values up to a thousand ranges', () => {
    const numbers = Array.from({ length: 40 }, (_, at) => at);
    const ab = [index({ a: 1, b: 1 })];
    assert.equal(
      indexPlan({ a: { $in: numbers }, b: { $in: numbers.slice(0, 25) } }, ab).ranges.length,
      1000,
    );
    assert.equal(indexPlan({ a: { $in: numbers }, b: { $in: numbers } }, ab).ranges.length, 40);
    const many = Array.from({ length: 3000 }, (_, at) => at);
    assert.equal(indexPlan({ a: { $in: many }, b: 1 }, ab).ranges.length, 3000);
  });

  it('finds nothing without looking for a list of nothing', () => {
    assert.deepEqual(plan({ a: { $in: [] } }, [index({ a: 1 })]), { kind: 'empty' });
  });

  it('does not end for all time what is empty only without arrays', () => {
    assert.deepEqual(indexPlan({ $and: [{ a: 1 }, { a: 2 }] }, [index({ a: 1 })]).ranges, []);
  });

  it('looks for null as a point, for an array by its first element', () => {
    assert.deepEqual(indexPlan({ a: null }, [index({ a: 1 })]).ranges, points([null]));
    assert.deepEqual(indexPlan({ a: [1, 2] }, [index({ a: 1 })]).ranges, points([1], [[1, 2]]));
  });

  it('gives no bounds to negations and comparisons across types', () => {
    for (const test of [{ $ne: 1 }, { $nin: [1] }, { $not: { $gt: 1 } }, { $exists: true }, { $lt: [1] }]) {
      assert.deepEqual(plan({ a: test }, [index({ a: 1 })]), { kind: 'scan' });
    }
  });
});

describe('planRead on arrays', () => {
  const range = { $gt: 2, $lt: 5 };
  const [, top] = typeRange(1);

  it('uses one side of two conditions, both if one element has to meet them', () => {
    const a = [index({ a: 1 }, {}, true)];
    const one = { low: successor(keyBytes([2], [1])), high: top };
    assert.deepEqual(indexPlan({ a: range }, a).ranges, [one]);
    assert.deepEqual(indexPlan({ a: { $elemMatch: range } }, a).ranges, [
      { ...one, high: keyBytes([5], [1]) },
    ]);
  });

  it('does not combine fields of different elements', () => {
    const abac = [index({ 'a.b': 1, 'a.c': 1 }, {}, true)];
    assert.deepEqual(indexPlan({ 'a.b': 1, 'a.c': 2 }, abac).ranges, points([1]));
    assert.deepEqual(indexPlan({ a: { $elemMatch: { b: 1, c: 2 } } }, abac).ranges, points([1, 2]));
    assert.deepEqual(indexPlan({ a: 1, d: 2 }, [index({ a: 1, d: 1 }, {}, true)]).ranges, points([1, 2]));
  });

  it('does not combine inside an array within the element', () => {
    const abcabd = [index({ 'a.b.c': 1, 'a.b.d': 1 }, {}, true)];
    assert.deepEqual(indexPlan({ a: { $elemMatch: { 'b.c': 1, 'b.d': 2 } } }, abcabd).ranges, points([1]));
    const ab = [index({ 'a.b': 1 }, {}, true)];
    const found = indexPlan({ a: { $elemMatch: { b: range } } }, ab).ranges;
    assert.deepEqual(found, [{ low: successor(keyBytes([2], [1])), high: top }]);
  });
});

describe('planRead with a sort', () => {
  const abc = [index({ a: 1, b: -1, c: 1 })];
  const order = (filter: Document, sort: Document, indexes = abc) => {
    const found = plan(filter, indexes, { sort });
    return found.kind === 'index' && found.sorted && (found.reverse ? 'reverse' : 'forward');
  };

  it('takes the order of an index, forwards or backwards', () => {
    assert.equal(order({}, { a: 1, b: -1 }), 'forward');
    assert.equal(order({}, { a: -1, b: 1 }), 'reverse');
    assert.equal(order({}, { a: 1, b: 1 }), false);
    assert.equal(order({}, { b: 1 }), false);
  });

  it('skips fields that have one value', () => {
    assert.equal(order({ a: 1 }, { b: -1 }), 'forward');
    assert.equal(order({ a: 1 }, { a: -1, b: -1 }), 'forward');
    assert.equal(order({ a: 1, b: 2 }, { a: 1, c: -1 }), 'reverse');
    assert.equal(order({ a: { $in: [1, 2] } }, { b: -1 }), false);
    assert.equal(order({ a: { $in: [1, 2] } }, { a: 1, b: -1 }), 'forward');
  });

  it('has the order of _id from a multikey index, within one key', () => {
    const indexes = [index({ a: 1, _id: 1 }, {}, true)];
    assert.equal(order({ a: 1 }, { _id: 1 }, indexes), 'forward');
    assert.equal(order({ a: 1, _id: { $gt: 5 } }, { _id: -1 }, indexes), 'reverse');
    assert.equal(order({ a: { $in: [1, 2] } }, { _id: 1 }, indexes), false);
    assert.equal(order({ a: { $gt: 1 } }, { _id: 1 }, indexes), false);
    assert.equal(order({ a: 1 }, { b: 1 }, [index({ a: 1, b: 1 }, {}, true)]), false);
    assert.equal(order({ a: 1, b: 1 }, { a: 1 }, [index({ a: 1, b: 1 }, {}, true)]), false);
  });

  it('bounds _id from both sides in a multikey index', () => {
    const ranges = (multikey: boolean) =>
      indexPlan({ a: 1, _id: { $gt: 2, $lt: 4 } }, [index({ a: 1, _id: 1 }, {}, multikey)]).ranges;
    assert.deepEqual(ranges(true), ranges(false));
  });

  it('takes no order from a multikey, sparse or partial index without need', () => {
    assert.equal(order({}, { a: 1 }, [index({ a: 1 }, {}, true)]), false);
    assert.equal(order({}, { a: 1 }, [index({ a: 1 }, { sparse: true })]), false);
    assert.equal(order({}, { a: 1 }, [index({ a: 1 }, { partialFilterExpression: { b: 1 } })]), false);
    assert.equal(
      order({ b: 1 }, { a: 1 }, [index({ a: 1 }, { partialFilterExpression: { b: 1 } })]),
      'forward',
    );
  });
});

describe('planRead with sparse and partial indexes', () => {
  it('takes a sparse index only if a field must be there', () => {
    const sparse = [index({ a: 1 }, { sparse: true })];
    for (const test of [5, { $gt: 5 }, { $exists: true }, /x/, { $in: [1, 2] }]) {
      assert.equal(plan({ a: test }, sparse).kind, 'index');
    }
    for (const test of [null, { $in: [1, null] }, { $exists: false }, { $gte: null }]) {
      assert.equal(plan({ a: test }, sparse).kind, 'scan');
    }
  });

  it('takes a partial index only if the filter asks for what is in it', () => {
    const kind = (partialFilterExpression: Document, filter: Document) =>
      plan(filter, [index({ n: 1 }, { partialFilterExpression })]).kind;
    const n = { n: 1 };
    assert.equal(kind({ a: { $gt: 5 } }, { ...n, a: { $gt: 5 } }), 'index');
    assert.equal(kind({ a: { $gt: 5 } }, { ...n, a: 6 }), 'index');
    assert.equal(kind({ a: { $gt: 5 } }, { ...n, a: { $gte: 5 } }), 'scan');
    assert.equal(kind({ a: { $gt: 5 } }, { ...n, a: 'x' }), 'scan');
    assert.equal(kind({ a: { $gt: 5 } }, n), 'scan');
    assert.equal(kind({ a: { $in: [1, 2] } }, { ...n, a: 2 }), 'index');
    assert.equal(kind({ a: { $exists: true } }, { ...n, a: 2 }), 'index');
    assert.equal(kind({ a: { $type: 'string' } }, { ...n, a: { $eq: 'x', $type: 'string' } }), 'index');
    assert.equal(kind({ $or: [{ a: 1 }, { b: 1 }] }, { ...n, b: 1 }), 'index');
    assert.equal(kind({ a: 1, b: 1 }, { ...n, b: 1 }), 'scan');
  });
});

describe('planRead with $or', () => {
  const indexes = [index({ a: 1 }), index({ b: 1 })];

  it('joins the ways of all branches', () => {
    const found = plan({ $or: [{ a: 1 }, { b: 2 }, { _id: 3 }, { a: { $in: [] } }] }, indexes);
    assert(found.kind === 'or');
    assert.deepEqual(
      found.plans.map((each) => (each.kind === 'index' ? each.spec.name : each.kind)),
      ['a_1', 'b_1', 'id'],
    );
  });

  it('looks at all documents if one branch has to', () => {
    assert.deepEqual(plan({ $or: [{ a: 1 }, { c: 2 }] }, indexes), { kind: 'scan' });
  });

  it('prefers an index of the conditions around it', () => {
    assert.equal(indexPlan({ a: 1, $or: [{ b: 1 }, { b: 2 }] }, indexes).spec.name, 'a_1');
  });
});

describe('planRead with a hint', () => {
  const sparse = index({ s: 1 }, { sparse: true });
  const indexes = [
    index({ a: 1 }),
    index({ b: -1 }),
    sparse,
    index({ p: 1 }, { partialFilterExpression: { x: 1 } }),
  ];

  it('takes the index of that name or key pattern, in full if there are no bounds', () => {
    assert.equal(indexPlan({ a: 1 }, indexes, { hint: 'b_-1' }).spec.name, 'b_-1');
    const found = indexPlan({ _id: 1 }, indexes, { hint: { b: -1 } });
    assert.deepEqual(found.ranges, [{ low: new Uint8Array(0), high: Uint8Array.of(255) }]);
    assert.equal(indexPlan({}, indexes, { hint: 's_1' }).spec, sparse.spec);
  });

  it('looks at all documents in natural order', () => {
    assert.deepEqual(plan({ a: 1 }, indexes, { hint: { $natural: 1 } }), { kind: 'scan' });
    assert.deepEqual(plan({ a: 1 }, indexes, { hint: { $natural: -1 } }), { kind: 'scan', reverse: true });
  });

  it('always knows the _id index', () => {
    assert.equal(plan({ _id: 1 }, [], { hint: '_id_' }).kind, 'id');
    assert.equal(plan({ a: 1 }, [], { hint: { _id: 1 } }).kind, 'scan');
  });

  it('refuses what is no index, and a partial one that may lack documents', () => {
    for (const hint of ['c_1', { b: 1 }, { c: 'text' }]) {
      assert.throws(() => plan({}, indexes, { hint }), {
        codeName: 'BadValue',
        message: 'hint provided does not correspond to an existing index',
      });
    }
    assert.throws(() => plan({ p: 1 }, indexes, { hint: 'p_1' }), {
      codeName: 'NoQueryExecutionPlans',
      code: 291,
    });
  });
});
