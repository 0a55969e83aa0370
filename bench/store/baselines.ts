// What the disk and SQLite can do by themselves, measured in the same run as what stands on them.
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { serialize } from 'bson';
import Database from 'libsql';
import type { Work } from '../harness.js';
import { sampleDocument } from './sample-document.js';

export interface Baseline extends Work {
  close(): unknown;
}

/** 1 KiB appended and flushed, one at a time. */
export function deviceFlushes(directory: string, operations: number): Baseline {
  const file = openSync(join(directory, 'append'), 'a');
  const block = Buffer.alloc(1024, 7);
  const work = (): void => {
    for (let n = 0; n < operations; n += 1) {
      writeSync(file, block);
      fdatasyncSync(file);
    }
  };
  return { name: 'append 1 KiB + fdatasync', operations, work, close: () => closeSync(file) };
}

/** Rows of the same bytes as the benchmark's documents, `perCommit` of them in each durable commit. */
export function rawCommits(directory: string, operations: number, perCommit: number): Baseline {
  const database = new Database(join(directory, `raw-${perCommit}.db`));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE rows (rid INTEGER PRIMARY KEY, id BLOB UNIQUE, rev INTEGER, body BLOB)');
  const insert = database.prepare('INSERT INTO rows (id, rev, body) VALUES (?, ?, ?)');
  const work = (): void => {
    for (let n = 0; n < operations; n += perCommit) {
      if (perCommit > 1) database.exec('BEGIN IMMEDIATE');
      for (let m = 0; m < perCommit; m += 1) {
        const document = sampleDocument(n + m);
        insert.run([Buffer.from(document._id.id), n, Buffer.from(serialize(document))]);
      }
      if (perCommit > 1) database.exec('COMMIT');
    }
  };
  const name = `raw libsql, ${perCommit} row${perCommit > 1 ? 's' : ''} a commit`;
  return { name, operations, work, close: () => database.close() };
}

/** A message to a thread and back, alone: what group commit saves by sending many at once. */
export function handOff(operations: number): Baseline {
  const echo =
    "const { parentPort } = require('node:worker_threads'); parentPort.on('message', (m) => parentPort.postMessage(m));";
  const worker = new Worker(echo, { eval: true });
  const message = new Uint8Array(512);
  const work = async (): Promise<void> => {
    for (let n = 0; n < operations; n += 1) {
      const answered = new Promise((resolve) => worker.once('message', resolve));
      worker.postMessage(message);
      await answered;
    }
  };
  return { name: 'hand-off to a thread and back, alone', operations, work, close: () => worker.terminate() };
}
