// mongoose on the embedded driver: connection states and events, databases, indexes, what mongoose passes along, and
// the trap of doc.save in a transaction whose commit conflicts.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, type ClientSession, Mongoose, Schema } from 'mongoose';
import { embeddedDriver } from '../../../../../store/embedded/mongoose.js';

function embeddedMongoose(): Mongoose {
  return new Mongoose().setDriver(embeddedDriver);
}

describe('embeddedDriver', () => {
  let mongoose: Mongoose;
  let connection: Connection;

  beforeEach(async () => {
    mongoose = embeddedMongoose();
    connection = (await mongoose.connect('embedded::memory:')).connection;
  });

  afterEach(async () => {
    await mongoose.disconnect();
  });

  describe('the connection', () => {
    it('goes through the states and events of MongoDB’s', async () => {
      const other = embeddedMongoose();
      const events: string[] = [];
      const names = ['connecting', 'connected', 'open', 'disconnecting', 'disconnected', 'close'];
      for (const name of names) other.connection.on(name, () => events.push(name));
      assert.equal(other.connection.readyState, 0);
      await other.connect('embedded::memory:');
      assert.equal(other.connection.readyState, 1);
      await other.disconnect();
      assert.equal(other.connection.readyState, 0);
      assert.deepEqual(events, names);
    });

    it('refuses other schemes and unknown options, and is disconnected then', async () => {
      const other = embeddedMongoose();
      await assert.rejects(other.connect('mongodb://127.0.0.1/test'), /embedded:<directory>/);
      await assert.rejects(other.connect('embedded::memory:', { tls: true }), /"tls" of connect/);
      assert.equal(other.connection.readyState, 0);
    });

    it('runs what was asked before it was open', async () => {
      const other = embeddedMongoose();
      const Order = other.model('Order', new Schema({ n: Number }));
      const created = Order.create({ n: 1 });
      await other.connect('embedded::memory:');
      await created;
      assert.equal(await Order.countDocuments(), 1);
      await other.disconnect();
    });

    it('opens a directory, shares it with a second connection, and keeps it', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'embedded-mongoose-'));
      try {
        const first = await mongoose
          .createConnection(`embedded:${directory}`, { dbName: 'shop' })
          .asPromise();
        const second = await mongoose
          .createConnection(`embedded:${directory}`, { dbName: 'shop' })
          .asPromise();
        await first.collection('orders').insertOne({ n: 1 });
        assert.equal(await second.collection('orders').countDocuments({}), 1);
        await first.close();
        assert.equal(await second.collection('orders').countDocuments({}), 1);
        await second.close();
        const third = await mongoose
          .createConnection(`embedded:${directory}`, { dbName: 'shop' })
          .asPromise();
        assert.equal(third.name, 'shop');
        assert.equal(await third.collection('orders').countDocuments({}), 1);
        await third.close();
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    });

    it('switches databases, before and after it is open', async () => {
      const base = mongoose.createConnection();
      const early = base.useDb('early');
      await base.openUri('embedded::memory:');
      const late = base.useDb('late', { useCache: true });
      assert.equal(base.useDb('late', { useCache: true }), late);
      await early.collection('a').insertOne({ n: 1 });
      await late.collection('b').insertOne({ n: 1 });
      const { databases } = await base.listDatabases();
      assert.deepEqual(databases.map(({ name }) => name).sort(), ['early', 'late']);
      await late.dropDatabase();
      assert.deepEqual(await late.listCollections(), []);
      await base.close();
      assert.equal(early.readyState, 0);
    });

    it('refuses watch and client-level bulkWrite by name', async () => {
      const Order = connection.model('Order', new Schema({ n: Number }));
      await assert.rejects(
        connection.bulkWrite([{ model: 'Order', name: 'insertOne', document: { n: 1 } }]),
        /does not support bulkWrite on a client/,
      );
      const stream = Order.watch();
      const [error] = await new Promise<unknown[]>((resolve) =>
        stream.on('error', (...raised) => resolve(raised)),
      );
      assert.match(String(error), /does not support change streams/);
    });
  });

  describe('models', () => {
    it('make their collections and indexes, and follow the schema', async () => {
      const schema = new Schema({ number: { type: String, unique: true }, at: { type: Date, index: true } });
      const Order = connection.model('Order', schema);
      await Order.init();
      const names = async () => (await Order.listIndexes()).map(({ name }) => name as string);
      assert.deepEqual(await names(), ['_id_', 'number_1', 'at_1']);
      await Order.collection.createIndex({ old: 1 });
      assert.deepEqual(await Order.cleanIndexes(), ['old_1']);
      await Order.collection.dropIndex('at_1');
      assert.deepEqual(await Order.syncIndexes(), []);
      assert.deepEqual(await names(), ['_id_', 'number_1', 'at_1']);
    });

    it('get along with the options that mongoose passes on', async () => {
      const schema = new Schema({ n: Number, secret: { type: String, select: false } }, { timestamps: true });
      const Order = connection.model('Order', schema);
      await Order.insertMany([{ n: 1, secret: 's' }, { n: 2 }], { limit: 1, lean: true, rawResult: true });
      await Order.updateMany(
        {},
        { $inc: { n: 1 } },
        { strict: 'throw', timestamps: false, runValidators: true },
      );
      await Order.updateOne({ n: 2 }, { n: 5 });
      const found = await Order.findOneAndUpdate({ n: 5 }, { n: 6 }, { returnDocument: 'after', lean: true });
      assert.deepEqual([found?.n, found?.secret], [6, undefined]);
      assert.equal(await Order.countDocuments({ n: { $gt: 1 } }), 2);
      assert.deepEqual((await Order.distinct('n')).sort(), [3, 6]);
      const saved = await Order.bulkSave([new Order({ n: 7 })]);
      assert.equal(saved.insertedCount, 1);
      assert.equal((await Order.deleteMany({ n: { $lt: 7 } })).deletedCount, 2);
    });

    it('get values of the classes they know, in documents, ids and errors', async () => {
      const schema = new Schema({ price: Schema.Types.Decimal128, number: { type: String, unique: true } });
      const Order = connection.model('Order', schema);
      await Order.init();
      await Order.create({ price: '1.10', number: 'a' });
      const found = await Order.findOne().orFail();
      assert.ok(found.price instanceof mongoose.Types.Decimal128);
      assert.ok((await Order.findOne().lean())?._id instanceof mongoose.Types.ObjectId);
      found.number = 'b';
      await found.save();
      const { upsertedId } = await Order.updateOne({ number: 'c' }, { price: '2.20' }, { upsert: true });
      assert.ok(upsertedId instanceof mongoose.Types.ObjectId);
      const [distinct] = await Order.distinct('_id');
      assert.ok(distinct instanceof mongoose.Types.ObjectId);
      await assert.rejects(Order.create({ _id: found._id }), (error: { keyValue?: { _id: unknown } }) => {
        assert.ok(error.keyValue?._id instanceof mongoose.Types.ObjectId);
        return true;
      });
    });

    it('report the failed documents of an unordered insertMany', async () => {
      const Order = connection.model('Order', new Schema({ _id: Number }));
      await Order.create({ _id: 1 });
      const error = await Order.insertMany([{ _id: 0 }, { _id: 1 }, { _id: 2 }], { ordered: false }).then(
        () => assert.fail('nothing was refused'),
        (raised) => raised,
      );
      assert.equal(error.name, 'MongoBulkWriteError');
      assert.equal(error.code, 11000);
      assert.deepEqual(
        error.writeErrors.map(({ index }: { index: number }) => index),
        [1],
      );
      assert.equal(error.insertedDocs.length, 2);
      assert.equal(error.insertedCount, 2);
    });

    it('explain their queries', async () => {
      const Order = connection.model('Order', new Schema({ n: { type: Number, index: true } }));
      await Order.init();
      await Order.create({ n: 1 });
      const explained = (await Order.find({ n: 1 }).explain()) as unknown as {
        queryPlanner: { winningPlan: { inputStage: { indexName: string } } };
      };
      assert.equal(explained.queryPlanner.winningPlan.inputStage.indexName, 'n_1');
    });

    it('print what they do, sessions included', async () => {
      const printed: unknown[][] = [];
      const Order = connection.model('Order', new Schema({ n: Number }));
      await Order.init();
      mongoose.set('debug', true);
      const info = console.info;
      console.info = (...line: unknown[]) => printed.push(line);
      try {
        await connection.transaction(async (session) => {
          await Order.findOne({}, null, { session });
        });
      } finally {
        console.info = info;
        mongoose.set('debug', false);
      }
      assert.match(String(printed[0]), /orders\.findOne.*ClientSession\("/);
    });
  });

  // After a save mongoose holds the document for saved. A conflict at commit runs the callback again, and the save has
  // nothing to send. MongoDB behaves the same: its conflicts surface at the write, but a commit can be refused there too.
  describe('a conflict at commit', () => {
    type Work = (session: ClientSession, run: number) => Promise<void>;

    async function conflicted(work: Work): Promise<{ runs: number; n: number | null | undefined }> {
      const Order = connection.model('Order');
      let runs = 0;
      await connection.transaction(async (session) => {
        runs += 1;
        await work(session, runs);
        if (runs === 1) await Order.updateOne({ _id: 1 }, { $set: { other: true } });
      });
      return { runs, n: (await Order.findById(1).lean<{ n?: number }>())?.n };
    }

    beforeEach(async () => {
      const Order = connection.model('Order', new Schema({ _id: Number, n: Number, other: Boolean }));
      await Order.create({ _id: 1, n: 0 });
    });

    it('loses the save of a document that was read outside the callback', async () => {
      const document = await connection.model('Order').findById(1).orFail();
      const { runs, n } = await conflicted(async (session) => {
        document.set('n', 5);
        await document.save({ session });
      });
      assert.equal(runs, 2);
      assert.equal(n, 0);
    });

    it('keeps that of a document that the callback reads itself', async () => {
      const { runs, n } = await conflicted(async (session) => {
        const document = await connection.model('Order').findById(1).session(session).orFail();
        document.set('n', 5);
        await document.save({ session });
      });
      assert.equal(runs, 2);
      assert.equal(n, 5);
    });

    it('keeps plain updates and bulk writes', async () => {
      const { runs, n } = await conflicted(async (session) => {
        await connection
          .model('Order')
          .bulkWrite([{ updateOne: { filter: { _id: 1 }, update: { $inc: { n: 5 } } } }], { session });
      });
      assert.equal(runs, 2);
      assert.equal(n, 5);
    });
  });
});
