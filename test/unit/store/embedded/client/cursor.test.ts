// Cursors of the embedded client: batches, ends, transformations and states as the driver's; and what explain says.
import assert from 'node:assert/strict';
import type { Document } from 'bson';
import { EmbeddedClient } from '../../../../../store/embedded/client/client.js';
import type { EmbeddedCollection } from '../../../../../store/embedded/client/collection.js';

describe('FindCursor', () => {
  let client: EmbeddedClient;
  let orders: EmbeddedCollection;

  before(async () => {
    client = await EmbeddedClient.connect(':memory:');
    orders = client.db().collection('orders');
    await orders.insertMany(Array.from({ length: 5 }, (_, n) => ({ _id: n, n: 4 - n })) as Document[]);
    await orders.createIndex({ n: 1 });
  });

  after(async () => {
    await client.close();
  });

  const ids = (documents: Document[]) => documents.map(({ _id }) => _id as number);

  it('reads in batches', async () => {
    const cursor = orders.find().sort({ _id: 1 }).batchSize(2);
    assert.equal(cursor.id, undefined);
    assert.equal(await cursor.hasNext(), true);
    assert.equal(cursor.bufferedCount(), 2);
    assert.deepEqual(ids(cursor.readBufferedDocuments(1)), [0]);
    assert.equal((await cursor.next())?.['_id'], 1);
    assert.equal(cursor.closed, false);
    assert.deepEqual(ids(await cursor.toArray()), [2, 3, 4]);
    assert.equal(cursor.closed, true);
    assert.equal(cursor.killed, false);
    assert.equal(await cursor.next(), null);
    assert.equal(await cursor.tryNext(), null);
  });

  it('sorts, skips, limits, projects and maps', async () => {
    const cursor = orders
      .find({ n: { $gt: 0 } })
      .sort('n', 'desc')
      .skip(1)
      .limit(2)
      .project({ n: 1, _id: 0 })
      .map(({ n }) => Number(n) * 10);
    assert.deepEqual(await cursor.toArray(), [30, 20]);
  });

  it('iterates and streams', async () => {
    const seen: unknown[] = [];
    for await (const { _id } of orders.find().sort({ _id: 1 })) {
      seen.push(_id);
      if (seen.length === 2) break;
    }
    for await (const { _id } of orders.find({ _id: { $gte: 3 } }).stream()) seen.push(_id);
    await orders.find({ _id: 2 }).forEach(({ _id }) => {
      seen.push(_id);
    });
    assert.deepEqual(seen, [0, 1, 3, 4, 2]);
  });

  it('is killed by close before its end, and says so once', async () => {
    const cursor = orders.find().batchSize(1);
    let closes = 0;
    cursor.on('close', () => {
      closes += 1;
    });
    await cursor.next();
    await cursor.close();
    await cursor.close();
    assert.equal(cursor.killed, true);
    assert.equal(closes, 1);
    await assert.rejects(cursor.next(), { name: 'MongoCursorExhaustedError' });
    assert.deepEqual(await cursor.toArray(), []);
  });

  it('starts over after rewind, and is copied by clone', async () => {
    const cursor = orders.find().sort({ _id: -1 }).limit(2);
    assert.deepEqual(ids(await cursor.toArray()), [4, 3]);
    cursor.rewind();
    assert.deepEqual(ids(await cursor.toArray()), [4, 3]);
    assert.deepEqual(ids(await cursor.clone().toArray()), [4, 3]);
    assert.throws(() => cursor.sort({ n: 1 }), { name: 'MongoCursorInUseError' });
  });

  it('keeps its snapshot', async () => {
    const cursor = orders.find().sort({ _id: 1 }).batchSize(1);
    await cursor.next();
    await orders.insertOne({ _id: 9 });
    try {
      assert.deepEqual(ids(await cursor.toArray()), [1, 2, 3, 4]);
    } finally {
      await orders.deleteOne({ _id: 9 });
    }
  });

  it('stops a forEach whose callback answers false', async () => {
    const seen: number[] = [];
    const untilThree = ({ _id }: Document) => seen.push(_id as number) < 3;
    await orders.find().forEach(untilThree);
    assert.equal(seen.length, 3);
  });

  describe('explain', () => {
    it('names the index of a look-up and counts what was read', async () => {
      const { queryPlanner, executionStats, ok } = await orders.find({ n: { $gte: 3 } }).explain();
      const { stage, inputStage } = queryPlanner['winningPlan'];
      assert.equal(stage, 'FETCH');
      assert.equal(inputStage.stage, 'IXSCAN');
      assert.equal(inputStage.indexName, 'n_1');
      assert.deepEqual(inputStage.keyPattern, { n: 1 });
      assert.equal(executionStats.nReturned, 2);
      assert.equal(executionStats.totalKeysExamined, 2);
      assert.equal(executionStats.totalDocsExamined, 2);
      assert.equal(ok, 1);
    });

    it('tells a look-up by _id and a scan', async () => {
      const byId = await orders.find({ _id: 1 }).explain('executionStats');
      assert.equal(byId['queryPlanner'].winningPlan.stage, 'IDHACK');
      const scan = await orders.find({ other: 1 }).explain();
      assert.equal(scan['queryPlanner'].winningPlan.stage, 'COLLSCAN');
      assert.equal(scan['executionStats'].totalDocsExamined, 5);
    });

    it('puts sort, skip and limit around the access', async () => {
      const { queryPlanner } = await orders.find({ other: 1 }).sort({ a: -1 }).skip(1).limit(2).explain();
      const plan = queryPlanner['winningPlan'];
      assert.deepEqual([plan.stage, plan.limitAmount], ['LIMIT', 2]);
      assert.deepEqual([plan.inputStage.stage, plan.inputStage.skipAmount], ['SKIP', 1]);
      assert.deepEqual(
        [plan.inputStage.inputStage.stage, plan.inputStage.inputStage.sortPattern],
        ['SORT', { a: -1 }],
      );
    });

    it('shows no sort that the index spared', async () => {
      const { queryPlanner } = await orders.find().sort({ n: 1 }).explain();
      assert.equal(queryPlanner['winningPlan'].stage, 'FETCH');
    });

    it('is answered by find and findOne with the option explain', async () => {
      const [fromFind] = await orders.find({ _id: 1 }, { explain: true }).toArray();
      const fromFindOne = await orders.findOne({ _id: 1 }, { explain: true });
      assert.equal(fromFind?.['queryPlanner'].winningPlan.stage, 'IDHACK');
      assert.equal(fromFindOne?.['queryPlanner'].winningPlan.inputStage.stage, 'IDHACK');
    });
  });
});
