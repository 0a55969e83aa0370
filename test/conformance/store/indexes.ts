// Indexes: uniqueness in all its shapes, their administration, and what explain says of their use.
import assert from 'node:assert/strict';
import { type Document, Long } from 'mongodb';
import { assertSame } from './same.js';
import { type Case, refused, theme } from './theme.js';

/** Stage names of a plan, from the root down. MongoDB 8 calls a look-up by one key EXPRESS_IXSCAN. */
function stages(plan: unknown): string[] {
  if (Array.isArray(plan)) return plan.flatMap(stages);
  if (plan === null || typeof plan !== 'object') return [];
  const { stage, ...rest } = plan as { stage?: string };
  return [...(stage === undefined ? [] : [stage]), ...Object.values(rest).flatMap(stages)];
}

const byIndex = ['IXSCAN', 'IDHACK', 'EXPRESS_IXSCAN', 'EXPRESS_IDHACK'];

interface Use {
  stages: string[];
  examined: number;
  names: string;
}

async function use(at: Case, filter: Document, options: Document = {}): Promise<Use> {
  const answer = await at.collection.find(filter, options as object).explain('executionStats');
  return {
    stages: stages(answer['queryPlanner']['winningPlan']),
    examined: Number(answer['executionStats']['totalDocsExamined']),
    names: JSON.stringify(answer['queryPlanner']['winningPlan']),
  };
}

async function usesIndex(
  at: Case,
  filter: Document,
  examinedMax: number,
  options: Document = {},
): Promise<Use> {
  const used = await use(at, filter, options);
  assert.ok(!used.stages.includes('COLLSCAN'), `scans: ${used.stages}`);
  assert.ok(
    used.stages.some((stage) => byIndex.includes(stage)),
    `no index: ${used.stages}`,
  );
  assert.ok(used.examined <= examinedMax, `${used.examined} documents examined`);
  return used;
}

async function hundred(at: Case): Promise<void> {
  await at.given(
    ...Array.from({ length: 100 }, (_, n) => ({
      _id: n,
      n,
      mod: n % 10,
      tags: [`t${n}`, `u${n % 5}`],
      s: `s${n}`,
    })),
  );
}

export const indexes = theme('index', (it) => {
  it('a unique index refuses a second insert of a value', async (at) => {
    await at.collection.createIndex({ a: 1 }, { unique: true });
    await at.given({ _id: 1, a: 1 });
    await refused(at.collection.insertOne({ _id: 2, a: 1 }), 11000);
    await at.holds({ _id: 1, a: 1 });
  });

  it('the error of a unique index tells key pattern and value', async (at) => {
    await at.collection.createIndex({ a: 1, b: -1 }, { unique: true });
    await at.given({ _id: 1, a: 1, b: 'x' });
    const error = await refused(at.collection.insertOne({ _id: 2, a: 1, b: 'x' }), 11000);
    assertSame((error as { keyPattern?: unknown }).keyPattern, { a: 1, b: -1 });
    assertSame((error as { keyValue?: unknown }).keyValue, { a: 1, b: 'x' });
  });

  it('a unique index refuses an update to a value that is taken', async (at) => {
    await at.collection.createIndex({ a: 1 }, { unique: true });
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 2 });
    await refused(at.collection.updateOne({ _id: 2 }, { $set: { a: 1 } }), 11000);
    await at.holds({ _id: 1, a: 1 }, { _id: 2, a: 2 });
  });

  it('a unique index refuses a replacement to a value that is taken', async (at) => {
    await at.collection.createIndex({ a: 1 }, { unique: true });
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 2 });
    await refused(at.collection.replaceOne({ _id: 2 }, { a: 1 }), 11000);
  });

  it('a document may be written again with its own unique value', async (at) => {
    await at.collection.createIndex({ a: 1 }, { unique: true });
    await at.given({ _id: 1, a: 1 });
    await at.collection.updateOne({ _id: 1 }, { $set: { a: 1, b: 2 } });
    await at.holds({ _id: 1, a: 1, b: 2 });
  });

  it('a unique value is free again after a delete', async (at) => {
    await at.collection.createIndex({ a: 1 }, { unique: true });
    await at.given({ _id: 1, a: 1 });
    await at.collection.deleteOne({ _id: 1 });
    await at.given({ _id: 2, a: 1 });
    await at.holds({ _id: 2, a: 1 });
  });

  it('a unique value is free again after an update', async (at) => {
    await at.collection.createIndex({ a: 1 }, { unique: true });
    await at.given({ _id: 1, a: 1 });
    await at.collection.updateOne({ _id: 1 }, { $set: { a: 2 } });
    await at.given({ _id: 2, a: 1 });
    await at.holds({ _id: 1, a: 2 }, { _id: 2, a: 1 });
  });

  it('a missing field counts as null in a unique index: once', async (at) => {
    await at.collection.createIndex({ a: 1 }, { unique: true });
    await at.given({ _id: 1 });
    await refused(at.collection.insertOne({ _id: 2, a: null }), 11000);
  });

  it('numbers equal across types are duplicates', async (at) => {
    await at.collection.createIndex({ a: 1 }, { unique: true });
    await at.given({ _id: 1, a: 1 });
    await refused(at.collection.insertOne({ _id: 2, a: Long.fromNumber(1) }), 11000);
  });

  it('a number and its string are no duplicates', async (at) => {
    await at.collection.createIndex({ a: 1 }, { unique: true });
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: '1' }, { _id: 3, a: true });
    assert.equal(await at.collection.countDocuments(), 3);
  });

  it('a compound unique index takes the values together', async (at) => {
    await at.collection.createIndex({ a: 1, b: 1 }, { unique: true });
    await at.given({ _id: 1, a: 1, b: 1 }, { _id: 2, a: 1, b: 2 });
    await refused(at.collection.insertOne({ _id: 3, a: 1, b: 2 }), 11000);
  });

  it('a sparse unique index leaves missing fields alone', async (at) => {
    await at.collection.createIndex({ a: 1 }, { unique: true, sparse: true });
    await at.given({ _id: 1 }, { _id: 2 }, { _id: 3, a: 1 });
    await refused(at.collection.insertOne({ _id: 4, a: 1 }), 11000);
  });

  it('a sparse unique index takes null as a value', async (at) => {
    await at.collection.createIndex({ a: 1 }, { unique: true, sparse: true });
    await at.given({ _id: 1, a: null });
    await refused(at.collection.insertOne({ _id: 2, a: null }), 11000);
  });

  it('a sparse compound index leaves out only documents without any of its fields', async (at) => {
    await at.collection.createIndex({ a: 1, b: 1 }, { unique: true, sparse: true });
    await at.given({ _id: 1 }, { _id: 2 }, { _id: 3, a: 1 });
    await refused(at.collection.insertOne({ _id: 4, a: 1 }), 11000);
  });

  it('a unique index on arrays refuses an element of another document', async (at) => {
    await at.collection.createIndex({ a: 1 }, { unique: true });
    await at.given({ _id: 1, a: [1, 2] });
    await refused(at.collection.insertOne({ _id: 2, a: [2, 3] }), 11000);
  });

  it('a unique index on arrays lets a document hold a value twice', async (at) => {
    await at.collection.createIndex({ a: 1 }, { unique: true });
    await at.given({ _id: 1, a: [1, 1] });
    await at.holds({ _id: 1, a: [1, 1] });
  });

  it('a unique index on a dotted path', async (at) => {
    await at.collection.createIndex({ 'a.b': 1 }, { unique: true });
    await at.given({ _id: 1, a: { b: 1 } });
    await refused(at.collection.insertOne({ _id: 2, a: [{ b: 2 }, { b: 1 }] }), 11000);
  });

  it('a unique index on documents compares them whole', async (at) => {
    await at.collection.createIndex({ a: 1 }, { unique: true });
    await at.given({ _id: 1, a: { b: 1, c: 2 } }, { _id: 2, a: { c: 2, b: 1 } });
    await refused(at.collection.insertOne({ _id: 3, a: { b: 1, c: 2 } }), 11000);
  });

  it('updateMany that would make duplicates fails', async (at) => {
    await at.collection.createIndex({ a: 1 }, { unique: true });
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 2 });
    await refused(at.collection.updateMany({}, { $set: { a: 3 } }), 11000);
  });

  it('a unique index is not made over duplicates', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 1 });
    await refused(at.collection.createIndex({ a: 1 }, { unique: true }), 11000);
    assert.equal((await at.collection.indexes()).length, 1);
  });

  it('an index made later holds the documents that were there', async (at) => {
    await at.given({ _id: 1, a: 1 });
    await at.collection.createIndex({ a: 1 }, { unique: true });
    await refused(at.collection.insertOne({ _id: 2, a: 1 }), 11000);
  });

  it('an index of two arrays at once is refused', async (at) => {
    await at.collection.createIndex({ a: 1, b: 1 });
    await refused(at.collection.insertOne({ _id: 1, a: [1], b: [1] }), 171);
  });

  it.needing('partialIndexes', 'a partial unique index holds only what its filter takes', async (at) => {
    await at.collection.createIndex({ a: 1 }, { unique: true, partialFilterExpression: { open: true } });
    await at.given({ _id: 1, a: 1, open: true }, { _id: 2, a: 1, open: false });
    await refused(at.collection.insertOne({ _id: 3, a: 1, open: true }), 11000);
  });

  it.needing('partialIndexes', 'a document that comes into a partial unique index must fit', async (at) => {
    await at.collection.createIndex({ a: 1 }, { unique: true, partialFilterExpression: { open: true } });
    await at.given({ _id: 1, a: 1, open: true }, { _id: 2, a: 1, open: false });
    await refused(at.collection.updateOne({ _id: 2 }, { $set: { open: true } }), 11000);
  });

  it.needing(
    'partialIndexes',
    'a document that leaves a partial unique index frees its value',
    async (at) => {
      await at.collection.createIndex({ a: 1 }, { unique: true, partialFilterExpression: { open: true } });
      await at.given({ _id: 1, a: 1, open: true });
      await at.collection.updateOne({ _id: 1 }, { $set: { open: false } });
      await at.given({ _id: 2, a: 1, open: true });
      assert.equal(await at.collection.countDocuments(), 2);
    },
  );

  it('createIndex answers the name: fields and directions', async (at) => {
    assert.equal(await at.collection.createIndex({ a: 1, 'b.c': -1 }), 'a_1_b.c_-1');
  });

  it('createIndex takes a name', async (at) => {
    assert.equal(await at.collection.createIndex({ a: 1 }, { name: 'mine' }), 'mine');
  });

  it('indexes lists them all, with their options', async (at) => {
    await at.collection.createIndex({ a: 1 }, { unique: true });
    const listed = (await at.collection.indexes()).sort((one, two) => one.name!.localeCompare(two.name!));
    assert.deepEqual(
      listed.map(({ name, key, unique }) => ({ name, key, unique: unique === true })),
      [
        { name: '_id_', key: { _id: 1 }, unique: false },
        { name: 'a_1', key: { a: 1 }, unique: true },
      ],
    );
  });

  it('the same index again is no error and no second index', async (at) => {
    await at.collection.createIndex({ a: 1 });
    await at.collection.createIndex({ a: 1 });
    assert.equal((await at.collection.indexes()).length, 2);
  });

  it('the same name for another key is refused', async (at) => {
    await at.collection.createIndex({ a: 1 }, { name: 'x' });
    await refused(at.collection.createIndex({ b: 1 }, { name: 'x' }), 86);
  });

  it('the same key under another name is refused', async (at) => {
    await at.collection.createIndex({ a: 1 }, { name: 'x' });
    await refused(at.collection.createIndex({ a: 1 }, { name: 'y' }), 85);
  });

  it('the same name with other options is refused', async (at) => {
    await at.collection.createIndex({ a: 1 });
    await refused(at.collection.createIndex({ a: 1 }, { unique: true }), 86);
  });

  it('createIndexes makes several', async (at) => {
    const names = await at.collection.createIndexes([{ key: { a: 1 } }, { key: { b: -1 }, name: 'down' }]);
    assert.deepEqual(names, ['a_1', 'down']);
  });

  it('an index with a direction that is none is refused', async (at) => {
    await refused(at.collection.createIndex({ a: 0 as 1 }));
  });

  it('dropIndex ends its uniqueness', async (at) => {
    await at.collection.createIndex({ a: 1 }, { unique: true });
    await at.collection.dropIndex('a_1');
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 1 });
    assert.equal((await at.collection.indexes()).length, 1);
  });

  it('dropIndex of an unknown name is refused', async (at) => {
    await at.given({ _id: 1 });
    await refused(at.collection.dropIndex('nope'), 27);
  });

  it('dropIndex of _id is refused', async (at) => {
    await at.given({ _id: 1 });
    await refused(at.collection.dropIndex('_id_'), 72);
  });

  it('indexes of a collection that does not exist is refused', async (at) => {
    await refused(at.collection.indexes(), 26);
  });

  it('dropping a collection drops documents and indexes', async (at) => {
    await at.collection.createIndex({ a: 1 }, { unique: true });
    await at.given({ _id: 1, a: 1 });
    assert.equal(await at.collection.drop(), true);
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 1 });
    assert.equal((await at.collection.indexes()).length, 1);
  });

  it('listCollections names what was made', async (at) => {
    await at.db.createCollection('made-by-hand');
    const names = (await at.db.listCollections().toArray()).map(({ name }) => name);
    assert.ok(names.includes('made-by-hand'));
  });

  it.needing('explain', 'a look-up by _id uses its index', async (at) => {
    await hundred(at);
    await usesIndex(at, { _id: 50 }, 1);
  });

  it.needing('explain', 'without an index the collection is scanned', async (at) => {
    await hundred(at);
    const used = await use(at, { n: 5 });
    assert.ok(used.stages.includes('COLLSCAN'));
    assert.equal(used.examined, 100);
  });

  it.needing('explain', 'a point look-up examines what it answers', async (at) => {
    await at.collection.createIndex({ n: 1 });
    await hundred(at);
    const used = await usesIndex(at, { n: 5 }, 1);
    assert.match(used.names, /n_1/);
  });

  it.needing('explain', 'a range examines what is in it', async (at) => {
    await at.collection.createIndex({ n: 1 });
    await hundred(at);
    await usesIndex(at, { n: { $gte: 10, $lt: 20 } }, 10);
  });

  it.needing('explain', '$in examines its values', async (at) => {
    await at.collection.createIndex({ n: 1 });
    await hundred(at);
    await usesIndex(at, { n: { $in: [3, 5, 7] } }, 3);
  });

  it.needing('explain', 'a compound index serves its prefix with a range behind', async (at) => {
    await at.collection.createIndex({ mod: 1, n: 1 });
    await hundred(at);
    await usesIndex(at, { mod: 3, n: { $gt: 50 } }, 5);
  });

  it.needing('explain', 'an element of an array is found by index', async (at) => {
    await at.collection.createIndex({ tags: 1 });
    await hundred(at);
    await usesIndex(at, { tags: 't42' }, 1);
  });

  it.needing('explain', 'a sort by index sorts nothing in memory', async (at) => {
    await at.collection.createIndex({ n: 1 });
    await hundred(at);
    const used = await usesIndex(at, {}, 5, { sort: { n: -1 }, limit: 5 });
    assert.ok(!used.stages.includes('SORT'), `${used.stages}`);
  });

  it.needing('explain', 'a claim of what is due, in order, reads only what it takes', async (at) => {
    await at.collection.createIndex({ mod: 1, n: 1 });
    await hundred(at);
    const used = await usesIndex(at, { mod: 3, n: { $lte: 90 } }, 2, { sort: { n: 1 }, limit: 2 });
    assert.ok(!used.stages.includes('SORT'), `${used.stages}`);
  });

  it.needing('explain', 'a partial index serves a filter that implies its own', async (at) => {
    await at.collection.createIndex({ n: 1 }, { partialFilterExpression: { mod: 3 } });
    await hundred(at);
    await usesIndex(at, { mod: 3, n: 13 }, 1);
  });

  it.needing('explain', 'a partial index serves no other filter', async (at) => {
    await at.collection.createIndex({ n: 1 }, { partialFilterExpression: { mod: 3 } });
    await hundred(at);
    assert.ok((await use(at, { n: 13 })).stages.includes('COLLSCAN'));
    await at.answers({ n: 14 }, [14]);
  });

  it.needing('explain', 'a sparse index is not asked for missing fields', async (at) => {
    await at.collection.createIndex({ n: 1 }, { sparse: true });
    await at.given({ _id: 1 }, { _id: 2, n: null }, { _id: 3, n: 1 });
    assert.ok((await use(at, { n: null })).stages.includes('COLLSCAN'));
    await at.answers({ n: null }, [1, 2]);
  });

  it.needing('explain', 'hint takes an index by name', async (at) => {
    await at.collection.createIndex({ n: 1 });
    await at.collection.createIndex({ mod: 1 });
    await hundred(at);
    const used = await usesIndex(at, { n: 5, mod: 5 }, 10, { hint: 'mod_1' });
    assert.match(used.names, /mod_1/);
  });

  it.needing('explain', 'a hint of an index that is not there is refused', async (at) => {
    await hundred(at);
    await refused(at.collection.find({ n: 5 }, { hint: 'nope' }).toArray(), 2);
  });

  it.needing('explain', 'an index found by one type answers across numeric types', async (at) => {
    await at.collection.createIndex({ n: 1 });
    await at.given({ _id: 1, n: Long.fromNumber(5) }, { _id: 2, n: 5.5 }, { _id: 3, n: '5' });
    await usesIndex(at, { n: 5 }, 1);
    await at.answers({ n: 5 }, [1]);
    await at.answers({ n: { $gt: 5 } }, [2]);
  });
});
