// What the embedded store doesn't do is refused, by name: never a silently different answer.
import assert from 'node:assert/strict';
import { Code } from 'mongodb';
import { type Case, refused, theme } from './theme.js';

async function refusesFind(at: Case, filter: object, name: RegExp): Promise<void> {
  await at.given({ _id: 1, a: 1, s: 'x' });
  assert.match((await refused(at.collection.find(filter).toArray())).message, name);
}

async function refusesStage(at: Case, stage: object, name: RegExp): Promise<void> {
  await at.given({ _id: 1, a: 1 });
  assert.match((await refused(at.collection.aggregate([stage]).toArray())).message, name);
}

export const refusals = theme('refusal', (it) => {
  const refuses = (title: string, body: (at: Case) => Promise<void>): void =>
    it.needing('refusals', title, body);

  refuses('$where with code', (at) => refusesFind(at, { $where: 'true' }, /\$where/));

  it.needing('functions', '$where with a function', (at) =>
    refusesFind(at, { $where: () => true }, /function|\$where/),
  );

  refuses('$where deep in a filter', (at) =>
    refusesFind(at, { $and: [{ $or: [{ a: 1 }, { $where: 'true' }] }] }, /\$where/),
  );

  it.needing('functions', 'a function as a value of a filter', (at) =>
    refusesFind(at, { a: () => 1 }, /function/),
  );

  refuses('BSON code in a filter', (at) => refusesFind(at, { $where: new Code('true') }, /\$where/));

  it.needing('functions', 'a function in a document', async (at) => {
    await refused(at.collection.insertOne({ _id: 1, a: () => 1 }));
    assert.equal(await at.collection.countDocuments(), 0);
  });

  refuses('$function', (at) =>
    refusesFind(
      at,
      { $expr: { $function: { body: 'function(){return true}', args: [], lang: 'js' } } },
      /\$function|\$expr/,
    ),
  );

  refuses('an expression in a filter', (at) => refusesFind(at, { $expr: { $eq: ['$a', 1] } }, /\$expr/));

  refuses('an expression in a projection', async (at) => {
    await at.given({ _id: 1, a: 1 });
    const projection = { b: { $add: ['$a', 1] } };
    assert.match((await refused(at.collection.find({}, { projection }).toArray())).message, /\$add/);
  });

  refuses('$graphLookup', (at) =>
    refusesStage(
      at,
      { $graphLookup: { from: 'c', startWith: '$a', connectFromField: 'a', connectToField: '_id', as: 'x' } },
      /\$graphLookup/,
    ),
  );

  refuses('$accumulator', (at) =>
    refusesStage(
      at,
      {
        $group: {
          _id: null,
          x: {
            $accumulator: {
              init: 'function(){}',
              accumulate: 'function(){}',
              accumulateArgs: [],
              merge: 'function(){}',
              lang: 'js',
            },
          },
        },
      },
      /\$accumulator/,
    ),
  );

  refuses('$text', (at) => refusesFind(at, { $text: { $search: 'x' } }, /\$text/));

  refuses('$near', (at) => refusesFind(at, { a: { $near: [0, 0] } }, /\$near/));

  refuses('$geoWithin', (at) =>
    refusesFind(at, { a: { $geoWithin: { $centerSphere: [[0, 0], 1] } } }, /\$geoWithin/),
  );

  refuses('$jsonSchema', (at) => refusesFind(at, { $jsonSchema: { required: ['a'] } }, /\$jsonSchema/));

  refuses('a regular expression that backtracks is never run, or in linear time', async (at) => {
    await at.given({ _id: 1, s: `${'a'.repeat(5000)}!` });
    await at.answers({ s: { $regex: '^(a+)+$' } }, []);
  });

  refuses('a regular expression with a back-reference', (at) =>
    refusesFind(at, { s: { $regex: '(a)\\1' } }, /./),
  );

  refuses('a collation', async (at) => {
    await at.given({ _id: 1, a: 'X' });
    const error = await refused(
      at.collection.find({ a: 'x' }, { collation: { locale: 'en', strength: 2 } }).toArray(),
    );
    assert.match(error.message, /collation/);
  });

  refuses('an update with a pipeline', async (at) => {
    await at.given({ _id: 1, a: 1 });
    const error = await refused(at.collection.updateOne({ _id: 1 }, [{ $set: { a: 2 } }]));
    assert.match(error.message, /pipeline/);
    await at.holds({ _id: 1, a: 1 });
  });

  refuses('a capped collection', async (at) => {
    const error = await refused(at.db.createCollection('capped', { capped: true, size: 1000 }));
    assert.match(error.message, /capped/);
  });

  refuses('a view', async (at) => {
    const error = await refused(at.db.createCollection('view', { viewOn: 'c', pipeline: [] }));
    assert.match(error.message, /view/i);
  });

  refuses('a text index', async (at) => {
    assert.match((await refused(at.collection.createIndex({ a: 'text' }))).message, /text/);
  });

  refuses('a geo index', async (at) => {
    assert.match((await refused(at.collection.createIndex({ a: '2dsphere' }))).message, /2dsphere/);
  });

  refuses('a hashed index', async (at) => {
    assert.match((await refused(at.collection.createIndex({ a: 'hashed' }))).message, /hashed/);
  });

  refuses('an index that expires', async (at) => {
    const error = await refused(at.collection.createIndex({ a: 1 }, { expireAfterSeconds: 1 }));
    assert.match(error.message, /expireAfterSeconds/);
  });

  refuses('an index with a collation', async (at) => {
    const error = await refused(at.collection.createIndex({ a: 1 }, { collation: { locale: 'en' } }));
    assert.match(error.message, /collation/);
  });

  refuses('$out', (at) => refusesStage(at, { $out: 'elsewhere' }, /\$out/));

  refuses('$merge', (at) => refusesStage(at, { $merge: { into: 'elsewhere' } }, /\$merge/));

  refuses('$geoNear', (at) =>
    refusesStage(at, { $geoNear: { near: [0, 0], distanceField: 'd' } }, /\$geoNear/),
  );

  refuses('$search', (at) => refusesStage(at, { $search: { text: { query: 'x', path: 'a' } } }, /\$search/));

  refuses('a change stream', async (at) => {
    await at.given({ _id: 1 });
    const error = await refused(
      (async () => {
        const stream = at.collection.watch();
        try {
          return await stream.tryNext();
        } finally {
          await stream.close();
        }
      })(),
    );
    assert.match(error.message, /watch|change ?stream/i);
  });

  refuses('mapReduce as a command', async (at) => {
    const error = await refused(at.db.command({ mapReduce: 'c', map: 'x', reduce: 'y', out: { inline: 1 } }));
    assert.match(error.message, /mapReduce/i);
  });
});
