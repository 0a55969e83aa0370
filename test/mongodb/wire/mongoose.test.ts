// mongoose with its own, native driver on the wire server.
import assert from 'node:assert/strict';
import mongoose, { type Connection } from 'mongoose';
import { type Served, serveInMemory } from './serving.js';

describe('wire: mongoose', () => {
  let served: Served;
  let connection: Connection;
  before(async () => {
    served = await serveInMemory();
    connection = await mongoose.createConnection(served.server.uri, { dbName: 'shop' }).asPromise();
  });
  after(async () => {
    await connection.close();
    await served.close();
  });

  it('saves, populates and counts', async () => {
    const Customer = connection.model(
      'Customer',
      new mongoose.Schema({ name: { type: String, unique: true } }),
    );
    const Order = connection.model(
      'Order',
      new mongoose.Schema(
        { number: Number, customer: { type: mongoose.Schema.Types.ObjectId, ref: 'Customer' } },
        { timestamps: true, optimisticConcurrency: true },
      ),
    );
    await Customer.init();
    const customer = await Customer.create({ name: 'Alfreds' });
    await Order.create({ number: 7, customer: customer._id });
    const order = await Order.findOne({ number: 7 }).populate<{ customer: { name: string } }>('customer');
    assert.equal(order?.customer.name, 'Alfreds');
    const stale = await Order.findOne({ number: 7 });
    order!.number = 8;
    await order!.save();
    stale!.number = 9;
    await assert.rejects(stale!.save(), { name: 'VersionError' });
    await assert.rejects(Customer.create({ name: 'Alfreds' }), { code: 11000 });
    assert.equal(await Order.countDocuments({ number: { $gt: 7 } }), 1);
  });

  it('commits and aborts with connection.transaction', async () => {
    const Stock = connection.model('Stock', new mongoose.Schema({ _id: String, n: Number }));
    await Stock.create({ _id: 'a', n: 1 });
    await connection.transaction(async (session) => {
      await Stock.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session });
      await Stock.create([{ _id: 'b', n: 5 }], { session });
    });
    const failed = new Error('changed my mind');
    await assert.rejects(
      connection.transaction(async (session) => {
        await Stock.deleteMany({}, { session });
        throw failed;
      }),
      failed,
    );
    assert.deepEqual(
      (await Stock.find().sort({ _id: 1 }).lean()).map(({ n }) => n),
      [2, 5],
    );
  });
});
