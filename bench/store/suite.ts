// The store on the embedded driver: durable writes, transactions, compare-and-swap, reads, loading, memory, hand-off.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { embeddedDriver } from '../../store/embedded/index.js';
import {
  inFlight,
  measure,
  measureInTurn,
  printRows,
  printTargets,
  type Row,
  ratio,
  round,
  saveReport,
  type Target,
  type Work,
} from '../harness.js';
import { deviceFlushes, handOff, rawCommits } from './baselines.js';
import { type SampleDocument, sampleDocument } from './sample-document.js';

const rounds = 5;
const concurrency = 64;

export async function run(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'recourse-bench-'));
  const own = new mongoose.Mongoose();
  own.setDriver(embeddedDriver);
  const connection = await own.createConnection(`embedded:${join(directory, 'store')}`).asPromise();
  try {
    const writes = await measureWrites(directory, connection);
    printRows('Durable writes against raw one-row commits', writes);
    const small = await measureReads(connection, 1000);
    const large = await measureReads(connection, 100_000);
    printRows('Indexed reads, one at a time, 1,000 documents and 100,000', [...small.rows, ...large.rows]);
    const insertedPerSecond = round(100_000 / large.insertSeconds);
    console.log(`  insert of 100,000 documents with 3 indexes: ${round(large.insertSeconds)} s`);
    const memoryMiB = round(process.memoryUsage().rss / 1024 / 1024);
    console.log(`  resident memory at the end, benchmark data included: ${memoryMiB} MiB`);
    const targets = toTargets(writes, small.rows, large.rows);
    printTargets(targets);
    saveReport('store', {
      writes,
      reads: [...small.rows, ...large.rows],
      insertedPerSecond,
      memoryMiB,
      targets,
    });
  } finally {
    await connection.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const schema = new mongoose.Schema<SampleDocument>(
  {
    number: { type: Number, required: true, index: true },
    status: { type: String, required: true },
    customer: { name: String, email: String },
    lines: [{ _id: false, sku: String, quantity: Number, price: Number }],
    version: { type: Number, required: true },
    placedAt: Date,
  },
  { versionKey: false },
);

async function measureWrites(directory: string, connection: mongoose.Connection): Promise<Row[]> {
  const plain = connection.collection<SampleDocument>('plain');
  const Model: mongoose.Model<SampleDocument> = connection.model<SampleDocument>('Sample', schema);
  await Model.init();
  const baselines = [
    rawCommits(directory, 1000, 1),
    rawCommits(directory, 6400, 64),
    deviceFlushes(directory, 1000),
    handOff(2000),
  ];

  const insert = (n: number) => plain.insertOne(sampleDocument(n));
  const create = (n: number) => Model.create(sampleDocument(n));
  const transaction = async (n: number): Promise<void> => {
    const session = await connection.startSession();
    await session.withTransaction(async () => {
      for (let write = 0; write < 3; write += 1) await plain.insertOne(sampleDocument(n), { session });
    });
    await session.endSession();
  };
  const swapped = Array.from({ length: concurrency }, (_, n) => sampleDocument(n));
  await plain.insertMany(swapped);
  const swap = async (n: number): Promise<void> => {
    const { _id } = swapped[n % concurrency] as SampleDocument;
    const version = (await plain.findOne({ _id }, { projection: { version: 1 } }))?.version ?? 0;
    await plain.updateOne({ _id, version }, { $set: { version: version + 1 } });
  };
  const many = `${concurrency} in flight`;
  const works: Work[] = [
    ...baselines,
    toWork('collection, one at a time', 1000, 1, insert),
    toWork(`collection, ${many}`, 20_000, concurrency, insert),
    toWork('model, one at a time', 500, 1, create),
    toWork(`model, ${many}`, 5000, concurrency, create),
    toWork('transaction of 3 writes, one at a time', 300, 1, transaction),
    toWork(`transaction of 3 writes, ${many}`, 3000, concurrency, transaction),
    toWork(`compare-and-swap (a read and a write), ${many}`, 5000, concurrency, swap),
  ];
  const rows = await measureInTurn(works, rounds);
  for (const baseline of baselines) await baseline.close();
  return rows;
}

function toWork(
  name: string,
  operations: number,
  count: number,
  work: (n: number) => Promise<unknown>,
): Work {
  return { name, operations, work: () => inFlight(operations, count, work) };
}

/** Point look-up by `_id` and by a secondary index, an array element, and a page in the order of an index. */
async function measureReads(
  connection: mongoose.Connection,
  size: number,
): Promise<{ rows: Row[]; insertSeconds: number }> {
  const collection = connection.collection<SampleDocument & { tags: number[] }>(`reads-${size}`);
  await collection.createIndex({ number: 1 });
  await collection.createIndex({ tags: 1 });
  await collection.createIndex({ status: 1, placedAt: -1 });
  const documents = Array.from({ length: size }, (_, n) => ({ ...sampleDocument(n), tags: [n, -n] }));
  const start = performance.now();
  for (let n = 0; n < size; n += 1000) await collection.insertMany(documents.slice(n, n + 1000));
  const insertSeconds = (performance.now() - start) / 1000;
  const pick = (n: number): number => (n * 7919) % size;
  const count = 3000;
  const time = (name: string, read: (n: number) => Promise<unknown>): Promise<Row> =>
    measure(`${size.toLocaleString('en')}: ${name}`, count, rounds, () => inFlight(count, 1, read));
  const rows = [
    await time('by _id', (n) => collection.findOne({ _id: (documents[pick(n)] as SampleDocument)._id })),
    await time('by indexed number', (n) => collection.findOne({ number: pick(n) })),
    await time('by array element', (n) => collection.findOne({ tags: -pick(n) })),
    await time('10 newest of a status', () =>
      collection.find({ status: 'submitted' }).sort({ placedAt: -1 }).limit(10).toArray(),
    ),
  ];
  return { rows, insertSeconds };
}

function toTargets(writes: readonly Row[], small: readonly Row[], large: readonly Row[]): Target[] {
  const raw = writes[0] as Row;
  const grouped = ratio(
    writes.find(({ name }) => name === `collection, ${concurrency} in flight`) as Row,
    raw,
  );
  const slower = Math.max(...large.map(({ rate }, n) => (small[n]?.rate ?? 0) / rate));
  return [
    {
      what: `collection, ${concurrency} in flight, against raw one-row commits`,
      wanted: 'at least 4 x',
      measured: grouped,
      met: grouped >= 4,
    },
    {
      what: 'cost of an indexed look-up at 100,000 documents against 1,000, the worst of them',
      wanted: 'at most 2 x',
      measured: slower,
      met: slower <= 2,
    },
  ];
}
