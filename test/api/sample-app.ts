// The real application on a store of its own with the sample orders and first users, and a clock turned by hand.
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Express } from 'express';
import supertest from 'supertest';
import type { Connections } from '../../connections/index.js';
import { SchemaCompiler } from '../../engine/index.js';
import { checkAnswers } from '../support/answer-check.js';
import { createApp } from '../../server/app.js';
import { composeServices, type ServiceParts, type Services } from '../../server/compose-services.js';
import type { ServerEngine } from '../../server/engine/compose-engine.js';
import { simulatedProvider } from '../../server/engine/payments.js';
import { wallClock } from '../../server/engine/system-ports.js';
import { keptMails } from '../../server/mails/kept-mails.js';
import { createFirstUsers, type FirstUser } from '../../server/first-users.js';
import { createLog } from '../../server/log.js';
import type { Phase } from '../../server/phase.js';
import type { Route } from '../../server/routes/route.js';
import { loadSampleData } from '../../server/sample-data.js';
import { cursorKey } from '../../server/settings.js';
import { type OpenDatabase, openDatabase, storeDirectory } from '../../store/connect.js';
import { storeFileName } from '../../store/embedded/storage/directory.js';

export class ManualClock {
  #now = new Date('2026-11-22T12:00:00Z');
  now(): Date {
    return this.#now;
  }
  advance(ms: number): void {
    this.#now = new Date(this.#now.getTime() + ms);
  }
}

export interface SampleApp {
  readonly handler: Express;
  readonly routes: readonly Route[];
  readonly database: OpenDatabase;
  readonly clock: ManualClock;
  readonly flows: ServerEngine;
  readonly jobs: Services['jobs'];
  readonly provider: Awaited<ReturnType<typeof simulatedProvider>>;
  readonly users: readonly FirstUser[];
  /** Every line that was logged. */
  readonly logged: string[];
  phase: Phase;
  request(): ReturnType<typeof supertest>;
  passwordOf(username: string): string;
  /** A fresh bearer header of that user. */
  signIn(username: string): Promise<string>;
  close(): Promise<void>;
}

/** Schemas that all applications of one test process share: compiling them takes the longest. */
const schemas = new SchemaCompiler();

interface Begun {
  readonly users: readonly FirstUser[];
  /** A copy of the store. */
  readonly file: string;
}

/** What applications begin with, by kind: made once a process, since it takes longer than most tests do. */
const begun = new Map<string, Promise<Begun>>();

/** A data directory on a memory file system, named as stores in memory are: one that is left behind is removed by a later process. */
const scratch = (): Promise<string> =>
  mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), `recourse-memory-${process.pid}-`));

/** Opens a copy of a store that has the sample orders, the first users, and the flows and templates, as they are asked for. */
async function openCopy(dataDir: string, kind: { readonly orders: boolean; readonly engine: boolean }) {
  const name = JSON.stringify(kind);
  const made = begun.get(name) ?? begin(kind);
  begun.set(name, made);
  made.catch(() => begun.delete(name));
  const { file, users } = await made;
  await mkdir(storeDirectory(dataDir));
  await copyFile(file, join(storeDirectory(dataDir), storeFileName));
  return { users, database: await openDatabase({ kind: 'directory', dataDir }) };
}

const compose = (
  parts: Pick<ServiceParts, 'database' | 'log' | 'payment' | 'connections'> & { readonly clock: ManualClock },
): Promise<Services> =>
  composeServices({
    ...parts,
    transport: keptMails(parts.database.models),
    from: 'service@recourse.example',
    schemas,
    pollMs: 25,
    engineClock: { ...wallClock, now: () => parts.clock.now().getTime() },
  });

async function begin({
  orders,
  engine,
}: {
  readonly orders: boolean;
  readonly engine: boolean;
}): Promise<Begun> {
  const dataDir = await scratch();
  process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }));
  const database = await openDatabase({ kind: 'memory' });
  const clock = new ManualClock();
  if (orders) await loadSampleData(database.models);
  const users = await createFirstUsers(database.models, { demo: true, dataDir, clock });
  if (users === undefined) throw new Error('the store was not empty');
  if (engine) {
    const provider = await simulatedProvider(dataDir);
    const log = createLog('silent', () => {});
    const services = await compose({ database, clock, log, payment: provider.port, connections: new Map() });
    await services.takeFiles();
    await services.close();
    await provider.close();
  }
  const file = join(dataDir, 'begun.db');
  await database.backup(file);
  await database.close();
  return { users, file };
}

/** `orders: false` leaves the order collections empty; with `engine` the flows and templates are there, and it works. */
export async function openSampleApp({
  orders = true,
  engine = false,
  requestsPerMinute = 1_000_000,
  connections = new Map() as Connections,
} = {}): Promise<SampleApp> {
  const scratchDirectory = await scratch();
  const { database, users } = await openCopy(scratchDirectory, { orders, engine });
  const clock = new ManualClock();
  const logged: string[] = [];
  const app: { phase: Phase } = { phase: 'ready' };
  const log = createLog('debug', (line) => logged.push(line));
  const { models } = database;
  const provider = await simulatedProvider(scratchDirectory);
  await provider.prepare(models);
  const services = await compose({ database, clock, log, payment: provider.port, connections });
  if (engine) {
    await services.takeFiles();
    services.begin();
  }
  const { handler: plain, routes } = createApp({
    database,
    services,
    clock,
    log,
    cursorKey: await cursorKey(database.models),
    phase: () => app.phase,
    requestsPerMinute,
    scratchDirectory,
  });
  const { handler, mismatches } = checkAnswers(plain, routes);
  const passwordOf = (username: string): string => {
    const user = users.find((one) => one.username === username);
    if (user === undefined) throw new Error(`no user ${username}`);
    return user.password;
  };
  return Object.assign(app, {
    handler,
    routes,
    database,
    clock,
    users,
    logged,
    request: () => supertest(handler),
    passwordOf,
    async signIn(username: string) {
      const { body } = await supertest(handler)
        .post('/api/v1/sign-in')
        .send({ username, password: passwordOf(username) })
        .expect(200);
      return `Bearer ${(body as { token: string }).token}`;
    },
    flows: services.flows,
    jobs: services.jobs,
    provider,
    async close() {
      await services.close();
      await provider.close();
      await database.close();
      await rm(scratchDirectory, { recursive: true, force: true });
      assert.deepEqual(mismatches, [], 'answers that differ from the OpenAPI document');
    },
  });
}
