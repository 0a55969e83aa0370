// A client in a process of its own: increments one counter in transactions. Run by processes.test.ts.
import { MongoClient } from 'mongodb';

const [uri = '', count = '0'] = process.argv.slice(2);
const client = new MongoClient(uri, { retryWrites: true });
const counters = client.db('t').collection<{ _id: string; n: number }>('counters');
let runs = 0;
await client.withSession(async (session) => {
  for (let done = 0; done < Number(count); done += 1) {
    await session.withTransaction(async () => {
      runs += 1;
      const found = await counters.findOne({ _id: 'shared' }, { session });
      await counters.updateOne({ _id: 'shared' }, { $set: { n: (found?.n ?? 0) + 1 } }, { session });
      await counters.updateOne({ _id: `of ${process.pid}` }, { $inc: { n: 1 } }, { session, upsert: true });
    });
  }
});
await client.close();
console.log(JSON.stringify({ runs }));
