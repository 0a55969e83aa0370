// Several processes at once on one store: the server in its own, two clients in theirs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MongoClient } from 'mongodb';
import { type ServerProcess, startServerProcess } from './server-process.js';

const increments = 60;
const program = fileURLToPath(new URL('./increment-process.js', import.meta.url));

describe('wire: several processes', () => {
  let directory: string;
  let server: ServerProcess;
  before(async () => {
    directory = await mkdtemp(path.join(os.tmpdir(), 'recourse-wire-'));
    server = await startServerProcess(directory);
  });
  after(() => rm(directory, { recursive: true }));

  it('count one counter in transactions, and none is lost', async () => {
    const uri = `mongodb://127.0.0.1:${server.port}/?replicaSet=recourse&directConnection=false`;
    const client = new MongoClient(uri);
    const counters = client.db('t').collection<{ _id: string; n: number }>('counters');
    await counters.insertOne({ _id: 'shared', n: 0 });
    await Promise.all(
      [1, 2].map(() => promisify(execFile)(process.execPath, [program, uri, String(increments)])),
    );
    assert.equal((await counters.findOne({ _id: 'shared' }))?.n, 2 * increments);
    const own = await counters.find({ _id: /^of / }).toArray();
    assert.deepEqual(
      own.map(({ n }) => n),
      [increments, increments],
    );
    await client.close();
  });

  it('are told what the server is, and it ends in order when asked to', async () => {
    assert.match(
      server.line,
      /^mongodb:\/\/127\.0\.0\.1:\d+\/\?replicaSet=recourse \(.*not MongoDB; loopback only, no authentication/,
    );
    assert.equal(await server.end('SIGTERM'), 0);
  });
});
