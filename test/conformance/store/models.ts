// mongoose on the back end: what schemas, documents and models make of it.
import assert from 'node:assert/strict';
import { Decimal128, ObjectId } from 'mongodb';
import { Schema } from 'mongoose';
import { assertSameFields } from './same.js';
import { refused, theme } from './theme.js';

export const models = theme('model', (it) => {
  it('create casts, sets defaults and answers a document', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number, kind: { type: String, default: 'plain' } }));
    const item = await Item.create({ n: '5' });
    assertSameFields(await Item.findById(item._id).lean(), { _id: item._id, n: 5, kind: 'plain', __v: 0 });
  });

  it('filters are cast by the schema', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number, at: Date }));
    await Item.create({ n: 5, at: new Date(5) });
    assert.equal(await Item.countDocuments({ n: '5', at: { $gte: '1970-01-01' } }), 1);
  });

  it('save sends what changed: two writers of two fields lose nothing', async (at) => {
    const Item = await at.model('Item', new Schema({ a: Number, b: Number }));
    const { _id } = await Item.create({ a: 1, b: 1 });
    const [one, two] = [await Item.findById(_id), await Item.findById(_id)];
    one!['a'] = 2;
    two!['b'] = 2;
    await one!.save();
    await two!.save();
    assertSameFields(await Item.findById(_id).lean(), { _id, a: 2, b: 2, __v: 0 });
  });

  it('findOneAndUpdate answers before or after', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number }));
    const { _id } = await Item.create({ n: 1 });
    assert.equal((await Item.findOneAndUpdate({ _id }, { $inc: { n: 1 } }))?.['n'], 1);
    const after = await Item.findOneAndUpdate({ _id }, { $inc: { n: 1 } }, { returnDocument: 'after' });
    assert.equal(after?.['n'], 3);
  });

  it('findOneAndUpdate with upsert sets defaults', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number, kind: { type: String, default: 'plain' } }));
    const options = { upsert: true, returnDocument: 'after' } as const;
    const item = await Item.findOneAndUpdate({ n: 7 }, { $set: { n: 7 } }, options).lean();
    assert.equal(item?.['kind'], 'plain');
  });

  it('findByIdAndDelete answers what it deleted', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number }));
    const { _id } = await Item.create({ n: 1 });
    assert.equal((await Item.findByIdAndDelete(_id))?.['n'], 1);
    assert.equal(await Item.exists({ _id }), null);
  });

  it('deleteOne of a document deletes it', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number }));
    const item = await Item.create({ n: 1 });
    await item.deleteOne();
    assert.equal(await Item.countDocuments(), 0);
  });

  it('updateMany and replaceOne of a model', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number, s: String }));
    await Item.create([{ n: 1, s: 'x' }, { n: 1 }]);
    assert.equal((await Item.updateMany({ n: 1 }, { n: 2 })).modifiedCount, 2);
    await Item.replaceOne({ s: 'x' }, { n: 9 });
    assert.deepEqual((await Item.distinct('n')).sort(), [2, 9]);
  });

  it('sort, select, skip and limit of a query', async (at) => {
    const Item = await at.model('Item', new Schema({ _id: Number, n: Number, s: String }));
    await Item.insertMany([1, 2, 3, 4].map((n) => ({ _id: n, n, s: 'x' })));
    const found = await Item.find().sort('-n').select('n').skip(1).limit(2).lean();
    assertSameFields(found, [
      { _id: 3, n: 3 },
      { _id: 2, n: 2 },
    ] as unknown);
  });

  it('lean answers plain documents', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number }));
    await Item.create({ n: 1 });
    const item = await Item.findOne().lean();
    assert.equal(Object.getPrototypeOf(item), Object.prototype);
  });

  it('a cursor reads documents one by one', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number }));
    await Item.insertMany(Array.from({ length: 250 }, (_, n) => ({ n })));
    let sum = 0;
    for await (const item of Item.find().cursor({ batchSize: 50 })) sum += item['n'];
    assert.equal(sum, (249 * 250) / 2);
  });

  it('an aggregate of a model', async (at) => {
    const Item = await at.model('Item', new Schema({ k: String, n: Number }));
    await Item.create([
      { k: 'a', n: 1 },
      { k: 'a', n: 2 },
      { k: 'b', n: 5 },
    ]);
    const sums = await Item.aggregate([{ $group: { _id: '$k', n: { $sum: '$n' } } }, { $sort: { _id: 1 } }]);
    assertSameFields(sums, [
      { _id: 'a', n: 3 },
      { _id: 'b', n: 5 },
    ]);
  });

  it('an aggregate cursor of a model', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number }));
    await Item.insertMany([{ n: 1 }, { n: 2 }]);
    const seen: number[] = [];
    for await (const item of Item.aggregate([{ $sort: { n: -1 } }]).cursor()) seen.push(item.n);
    assert.deepEqual(seen, [2, 1]);
  });

  it('timestamps are set at create and moved by save', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number }, { timestamps: true }));
    const item = await Item.create({ n: 1 });
    const created = item['createdAt'] as Date;
    assert.ok(created instanceof Date);
    await Item.collection.updateOne({ _id: item._id as ObjectId }, { $set: { updatedAt: new Date(0) } });
    item['n'] = 2;
    await item.save();
    const after = await Item.findById(item._id).lean();
    assert.deepEqual(after?.['createdAt'], created);
    assert.ok(after?.['updatedAt'] >= created);
  });

  it('timestamps are moved by updateOne and set by an upsert', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number }, { timestamps: true }));
    await Item.updateOne({ n: 1 }, { $set: { n: 1 } }, { upsert: true });
    const item = await Item.findOne({ n: 1 }).lean();
    assert.ok(item?.['createdAt'] instanceof Date && item?.['updatedAt'] instanceof Date);
  });

  it('timestamps in bulkWrite of a model', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number }, { timestamps: true }));
    await Item.bulkWrite([{ insertOne: { document: { n: 1 } } }]);
    assert.ok((await Item.findOne().lean())?.['createdAt'] instanceof Date);
  });

  it('populate puts a document in the place of its id', async (at) => {
    const Author = await at.model('Author', new Schema({ name: String }));
    const Book = await at.model(
      'Book',
      new Schema({ author: { type: Schema.Types.ObjectId, ref: 'Author' } }),
    );
    const author = await Author.create({ name: 'Ann' });
    await Book.create({ author: author._id });
    assert.equal((await Book.findOne().populate('author'))?.['author'].name, 'Ann');
  });

  it('populate of an array keeps its order', async (at) => {
    const Tag = await at.model('Tag', new Schema({ _id: Number, name: String }));
    const Book = await at.model('Book', new Schema({ tags: [{ type: Number, ref: 'Tag' }] }));
    await Tag.create([
      { _id: 1, name: 'x' },
      { _id: 2, name: 'y' },
    ]);
    await Book.create({ tags: [2, 1] });
    const book = await Book.findOne().populate('tags');
    assert.deepEqual(
      book?.['tags'].map((tag: { name: string }) => tag.name),
      ['y', 'x'],
    );
  });

  it('populate of what is gone answers null', async (at) => {
    await at.model('Author', new Schema({ name: String }));
    const Book = await at.model(
      'Book',
      new Schema({ author: { type: Schema.Types.ObjectId, ref: 'Author' } }),
    );
    await Book.create({ author: new ObjectId() });
    assert.equal((await Book.findOne().populate('author'))?.['author'], null);
  });

  it('populate selects and matches', async (at) => {
    const Author = await at.model('Author', new Schema({ name: String, age: Number }));
    const Book = await at.model(
      'Book',
      new Schema({ authors: [{ type: Schema.Types.ObjectId, ref: 'Author' }] }),
    );
    const authors = await Author.create([
      { name: 'Ann', age: 30 },
      { name: 'Bob', age: 60 },
    ]);
    await Book.create({ authors: authors.map((author) => author._id) });
    const book = await Book.findOne()
      .populate({ path: 'authors', match: { age: { $gt: 50 } }, select: 'name -_id' })
      .lean();
    assertSameFields(book?.['authors'], [{ name: 'Bob' }]);
  });

  it('populate of a virtual finds by a foreign field', async (at) => {
    const schema = new Schema({ name: String });
    schema.virtual('books', { ref: 'Book', localField: '_id', foreignField: 'author' });
    const Author = await at.model('Author', schema);
    const Book = await at.model('Book', new Schema({ title: String, author: Schema.Types.ObjectId }));
    const author = await Author.create({ name: 'Ann' });
    await Book.create([
      { title: 'one', author: author._id },
      { title: 'two', author: author._id },
    ]);
    const found = (await Author.findOne().populate('books')) as unknown as { books: unknown[] };
    assert.equal(found.books.length, 2);
  });

  it('populate goes through two levels', async (at) => {
    const City = await at.model('City', new Schema({ name: String }));
    const Author = await at.model(
      'Author',
      new Schema({ city: { type: Schema.Types.ObjectId, ref: 'City' } }),
    );
    const Book = await at.model(
      'Book',
      new Schema({ author: { type: Schema.Types.ObjectId, ref: 'Author' } }),
    );
    const city = await City.create({ name: 'Oslo' });
    const author = await Author.create({ city: city._id });
    await Book.create({ author: author._id });
    const book = await Book.findOne().populate({ path: 'author', populate: 'city' });
    assert.equal(book?.['author'].city.name, 'Oslo');
  });

  it('middleware runs around save, in order', async (at) => {
    const seen: string[] = [];
    const schema = new Schema({ n: Number });
    schema.pre('save', () => {
      seen.push('pre');
    });
    schema.post('save', () => {
      seen.push('post');
    });
    const Item = await at.model('Item', schema);
    await Item.create({ n: 1 });
    assert.deepEqual(seen, ['pre', 'post']);
  });

  it('middleware that throws before save stores nothing', async (at) => {
    const schema = new Schema({ n: Number });
    schema.pre('save', () => {
      throw new Error('no');
    });
    const Item = await at.model('Item', schema);
    await refused(Item.create({ n: 1 }));
    assert.equal(await Item.countDocuments(), 0);
  });

  it('middleware narrows a query', async (at) => {
    const schema = new Schema({ n: Number, gone: Boolean });
    schema.pre('find', function () {
      this.where({ gone: { $ne: true } });
    });
    const Item = await at.model('Item', schema);
    await Item.create([{ n: 1 }, { n: 2, gone: true }]);
    assert.equal((await Item.find()).length, 1);
  });

  it('middleware changes an update', async (at) => {
    const schema = new Schema({ n: Number, by: String });
    schema.pre('updateOne', function () {
      this.set('by', 'hook');
    });
    const Item = await at.model('Item', schema);
    await Item.create({ n: 1 });
    await Item.updateOne({ n: 1 }, { n: 2 });
    assert.equal((await Item.findOne().lean())?.['by'], 'hook');
  });

  it('discriminators share a collection and are told apart', async (at) => {
    const Event = await at.model('Event', new Schema({ n: Number }));
    const Click = Event.discriminator('Click', new Schema({ url: String }));
    const Sale = Event.discriminator('Sale', new Schema({ price: Number }));
    await Click.create({ n: 1, url: '/' });
    await Sale.create({ n: 2, price: 5 });
    assert.equal(await Event.countDocuments(), 2);
    assert.equal(await Click.countDocuments(), 1);
    assert.equal((await Event.findOne({ n: 2 }).lean())?.['__t'], 'Sale');
    assert.ok((await Event.findOne({ n: 1 })) instanceof Click);
  });

  it('discriminators in an array of sub-documents', async (at) => {
    const part = new Schema({ n: Number }, { discriminatorKey: 'kind', _id: false });
    const schema = new Schema({ parts: [part] });
    (schema.path('parts') as unknown as { discriminator(name: string, schema: Schema): void }).discriminator(
      'wheel',
      new Schema({ size: Number }, { _id: false }),
    );
    const Car = await at.model('Car', schema);
    await Car.create({ parts: [{ kind: 'wheel', n: 1, size: 5 }] });
    assertSameFields((await Car.findOne().lean())?.['parts'], [{ kind: 'wheel', n: 1, size: 5 }]);
  });

  it('optimistic concurrency refuses a stale save', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number }, { optimisticConcurrency: true }));
    const { _id } = await Item.create({ n: 1 });
    const [one, two] = [await Item.findById(_id), await Item.findById(_id)];
    one!['n'] = 2;
    two!['n'] = 3;
    await one!.save();
    const error = await refused(two!.save());
    assert.equal(error.name, 'VersionError');
    assertSameFields(await Item.findById(_id).lean(), { _id, n: 2, __v: 1 });
  });

  it('optimistic concurrency counts the version up', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number }, { optimisticConcurrency: true }));
    const item = await Item.create({ n: 1 });
    for (const n of [2, 3]) {
      item['n'] = n;
      await item.save();
    }
    assert.equal((await Item.findOne().lean())?.__v, 2);
  });

  it('a stale change at a position of an array is refused', async (at) => {
    const Item = await at.model('Item', new Schema({ list: [{ n: Number }] }));
    const { _id } = await Item.create({ list: [{ n: 1 }, { n: 2 }] });
    const [one, two] = [await Item.findById(_id), await Item.findById(_id)];
    one!['list'] = [{ n: 9 }];
    await one!.save();
    two!['list'][1].n = 5;
    assert.equal((await refused(two!.save())).name, 'VersionError');
  });

  it('two pushes to an array are both kept', async (at) => {
    const Item = await at.model('Item', new Schema({ list: [Number] }));
    const { _id } = await Item.create({ list: [1] });
    const [one, two] = [await Item.findById(_id), await Item.findById(_id)];
    one!['list'].push(2);
    two!['list'].push(3);
    await one!.save();
    await two!.save();
    assert.deepEqual((await Item.findById(_id).lean())?.['list'], [1, 2, 3]);
  });

  it('sub-documents are added, changed and removed by id', async (at) => {
    const Order = await at.model('Order', new Schema({ lines: [{ sku: String, n: Number }] }));
    const order = await Order.create({
      lines: [
        { sku: 'a', n: 1 },
        { sku: 'b', n: 2 },
      ],
    });
    order['lines'].id(order['lines'][0]._id).n = 5;
    order['lines'].push({ sku: 'c', n: 3 });
    await order.save();
    order['lines'].pull(order['lines'][1]._id);
    await order.save();
    const lines = (await Order.findOne().lean())?.['lines'] as { sku: string; n: number }[];
    assert.deepEqual(
      lines.map(({ sku, n }) => [sku, n]),
      [
        ['a', 5],
        ['c', 3],
      ],
    );
  });

  it('a single sub-document and nested paths', async (at) => {
    const Order = await at.model(
      'Order',
      new Schema({ ship: new Schema({ city: String }, { _id: false }), bill: { city: String, zip: String } }),
    );
    const order = await Order.create({ ship: { city: 'Oslo' }, bill: { city: 'Rome', zip: '1' } });
    order['ship'].city = 'Bonn';
    order['bill'].zip = '2';
    await order.save();
    assertSameFields(await Order.findOne().select('-_id -__v').lean(), {
      ship: { city: 'Bonn' },
      bill: { city: 'Rome', zip: '2' },
    });
  });

  it('a Map is stored as a document and asked by key', async (at) => {
    const Item = await at.model('Item', new Schema({ stock: { type: Map, of: Number } }));
    const item = await Item.create({ stock: { north: 1 } });
    item['stock'].set('south', 2);
    await item.save();
    assert.equal(await Item.countDocuments({ 'stock.south': 2 }), 1);
    assertSameFields((await Item.findOne().lean())?.['stock'], { north: 1, south: 2 });
  });

  it('Decimal128 in a schema is exact', async (at) => {
    const Item = await at.model('Item', new Schema({ price: Schema.Types.Decimal128 }));
    await Item.create({ price: '0.10' });
    await Item.updateOne({}, { $inc: { price: Decimal128.fromString('0.20') } });
    assert.equal((await Item.findOne())?.['price'].toString(), '0.30');
    assert.equal(await Item.countDocuments({ price: { $gt: '0.29' } }), 1);
  });

  it('BigInt in a schema is a long', async (at) => {
    const Item = await at.model('Item', new Schema({ n: BigInt }));
    await Item.create({ n: 9007199254740993n });
    assert.equal((await Item.findOne())?.['n'], 9007199254740993n);
  });

  it('Buffer and UUID in a schema', async (at) => {
    const Item = await at.model('Item', new Schema({ bytes: Buffer, uuid: Schema.Types.UUID }));
    const uuid = '0192f0c1-7a6b-7c3d-8e4f-001122334455';
    await Item.create({ bytes: Buffer.from([1, 2]), uuid });
    const item = await Item.findOne({ uuid });
    assert.deepEqual([...item!['bytes']], [1, 2]);
    assert.equal(item!['uuid'].toString(), uuid);
  });

  it('a mixed field is saved when it is marked', async (at) => {
    const Item = await at.model('Item', new Schema({ any: Schema.Types.Mixed }));
    const item = await Item.create({ any: { a: { b: 1 } } });
    item['any'].a.b = 2;
    item.markModified('any');
    await item.save();
    assertSameFields((await Item.findOne().lean())?.['any'], { a: { b: 2 } });
  });

  it('a unique path refuses the second', async (at) => {
    const Item = await at.model('Item', new Schema({ mail: { type: String, unique: true } }));
    await Item.create({ mail: 'x@example.org' });
    await refused(Item.create({ mail: 'x@example.org' }), 11000);
    assert.equal(await Item.countDocuments(), 1);
  });

  it('indexes of the schema are made', async (at) => {
    const schema = new Schema({ a: Number, b: Number });
    schema.index({ a: 1, b: -1 }, { name: 'both' });
    const Item = await at.model('Item', schema);
    const made = (await Item.listIndexes()) as { name: string; key: object }[];
    assert.deepEqual(made.find(({ name }) => name === 'both')?.key, { a: 1, b: -1 });
  });

  it('syncIndexes drops what the schema does not have', async (at) => {
    const Item = await at.model('Item', new Schema({ a: { type: Number, index: true } }));
    await Item.collection.createIndex({ old: 1 });
    assert.deepEqual(await Item.syncIndexes(), ['old_1']);
    assert.equal((await Item.listIndexes()).length, 2);
  });

  it('insertMany unordered goes on after a duplicate', async (at) => {
    const Item = await at.model('Item', new Schema({ n: { type: Number, unique: true } }));
    await refused(Item.insertMany([{ n: 1 }, { n: 1 }, { n: 2 }], { ordered: false }), 11000);
    assert.deepEqual((await Item.distinct('n')).sort(), [1, 2]);
  });

  it('bulkSave saves many documents', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number }));
    const items = await Item.create([{ n: 1 }, { n: 2 }]);
    for (const item of items) item['n'] += 10;
    await Item.bulkSave([...items, new Item({ n: 13 })]);
    assert.deepEqual((await Item.distinct('n')).sort(), [11, 12, 13]);
  });

  it('bulkSave of a stale document is refused', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number }, { optimisticConcurrency: true }));
    const { _id } = await Item.create({ n: 1 });
    const stale = await Item.findById(_id);
    const fresh = await Item.findById(_id);
    fresh!['n'] = 2;
    await fresh!.save();
    stale!['n'] = 3;
    await refused(Item.bulkSave([stale!]));
    assert.equal((await Item.findById(_id).lean())?.['n'], 2);
  });

  it('bulkWrite of a model casts', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number }));
    const result = await Item.bulkWrite([
      { insertOne: { document: { n: '1' } } },
      { updateOne: { filter: { n: '1' }, update: { $inc: { n: '4' } } } },
    ]);
    assert.deepEqual([result.insertedCount, result.modifiedCount], [1, 1]);
    assert.equal(await Item.countDocuments({ n: 5 }), 1);
  });

  it('a compare-and-swap by filter tells who lost', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number, version: Number }));
    const { _id } = await Item.create({ n: 0, version: 1 });
    const swap = (n: number) => Item.updateOne({ _id, version: 1 }, { $set: { n }, $inc: { version: 1 } });
    const results = await Promise.all([swap(1), swap(2), swap(3)]);
    assert.equal(results.filter(({ matchedCount }) => matchedCount === 1).length, 1);
  });

  it('useDb keeps another database apart', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number }));
    await Item.create({ n: 1 });
    const other = at.connection.useDb(`${at.connection.name}-other`);
    const There = other.model('Item', new Schema({ n: Number }), Item.collection.collectionName);
    assert.equal(await There.countDocuments(), 0);
    await other.dropDatabase();
    assert.equal(await Item.countDocuments(), 1);
  });

  it('createCollection and listCollections of a connection', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number }));
    await Item.createCollection();
    const names = (await at.connection.listCollections()).map(({ name }) => name);
    assert.ok(names.includes(Item.collection.collectionName));
  });

  it.needing('explain', 'explain of a query', async (at) => {
    const Item = await at.model('Item', new Schema({ a: { type: Number, index: true } }));
    await Item.create({ a: 1 });
    assert.match(JSON.stringify(await Item.find({ a: 1 }).explain()), /IXSCAN/);
  });

  it.needing('transactions', 'connection.transaction commits the saves in it', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number }));
    await at.connection.transaction(async (session) => {
      await new Item({ n: 1 }).save({ session });
      await Item.create([{ n: 2 }], { session });
    });
    assert.equal(await Item.countDocuments(), 2);
  });

  it.needing('transactions', 'connection.transaction that throws stores nothing', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number }));
    const error = await refused(
      at.connection.transaction(async (session) => {
        await Item.create([{ n: 1 }], { session });
        throw new Error('changed my mind');
      }),
    );
    assert.match(error.message, /changed my mind/);
    assert.equal(await Item.countDocuments(), 0);
  });

  it.needing('transactions', 'a document is new again after its transaction failed', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number }));
    const item = new Item({ n: 1 });
    await refused(
      at.connection.transaction(async (session) => {
        await item.save({ session });
        throw new Error('no');
      }),
    );
    assert.equal(item.isNew, true);
    await item.save();
    assert.equal(await Item.countDocuments(), 1);
  });

  it.needing('transactions', 'queries, counts and aggregates take a session', async (at) => {
    const Item = await at.model('Item', new Schema({ n: Number }));
    await at.connection.transaction(async (session) => {
      await Item.create([{ n: 1 }], { session });
      assert.equal((await Item.find().session(session)).length, 1);
      assert.equal(await Item.countDocuments().session(session), 1);
      assert.equal((await Item.aggregate([{ $match: { n: 1 } }]).session(session)).length, 1);
      assert.equal(await Item.countDocuments(), 0);
    });
  });

  it.needing('transactions', 'bulkWrite of a model in a transaction is all or none', async (at) => {
    const Item = await at.model('Item', new Schema({ n: { type: Number, unique: true } }));
    await Item.create({ n: 1 });
    await refused(
      at.connection.transaction((session) =>
        Item.bulkWrite([{ insertOne: { document: { n: 2 } } }, { insertOne: { document: { n: 1 } } }], {
          session,
        }),
      ),
      11000,
    );
    assert.deepEqual(await Item.distinct('n'), [1]);
  });
});
