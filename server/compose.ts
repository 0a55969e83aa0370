// The only place where adapters meet what uses them.
import { readdir, readFile, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type Models, type OpenDatabase, openDatabase } from '../store/connect.js';
import { makeDirectory } from '../store/embedded/index.js';
import type { Restored } from '../store/restore.js';
import { connectionErrors, type Connections, readConnections } from '../connections/index.js';
import { smtpTransport } from '../mail/index.js';
import type { Engine } from '../engine/index.js';
import { type App, createApp } from './app.js';
import { composeAuth } from './auth/compose-auth.js';
import { newToken, tokenHash } from './auth/tokens.js';
import { systemClock } from './clock.js';
import type { Config } from './config.js';
import { createFirstUsers, type FirstUser } from './first-users.js';
import type { Phase } from './phase.js';
import { backupFilePrefix } from './routes/admin.js';
import { loadSampleData } from './sample-data.js';
import { composeServices } from './compose-services.js';
import { configuredProvider, type PaymentProvider, simulatedProvider } from './engine/payments.js';
import { keptMails } from './mails/kept-mails.js';
import { cursorKey } from './settings.js';

export interface Composed {
  readonly models: Models;
  readonly app: App;
  readonly engine: Engine;
  /** For the command line on this machine. */
  readonly localToken: string;
  /** What the first start has made: sample orders and users, with passwords that are told now only. */
  prepare(): Promise<{ ordersLoaded: number; users: FirstUser[] | undefined }>;
  close(): Promise<void>;
}

/** Opens the store that the configuration names, in a data directory that is taken or not. @throws as {@link openDatabase} */
export function openFor(
  { mongodbUri, dataDir }: Config,
  { taken = false }: { taken?: boolean } = {},
): Promise<OpenDatabase> {
  return openDatabase(
    mongodbUri === undefined ? { kind: 'directory', dataDir, taken } : { kind: 'mongodb', uri: mongodbUri },
  );
}

/**
 * Opens the store and puts the application together; it doesn't listen yet. The caller has taken the data directory.
 *
 * @throws as {@link openDatabase}
 */
export async function compose(
  config: Config,
  log: Logger,
  {
    phase,
    restore,
    currentModels,
  }: {
    phase: () => Phase;
    restore: (asking: ServerResponse) => Promise<Restored>;
    /** Of the store that serves now. */
    currentModels?: () => Models | undefined;
  },
): Promise<Composed> {
  const { dataDir, demo, mongodbUri } = config;
  makeDirectory(dataDir);
  const database = await openFor(config, { taken: true });
  const opened: { close(): Promise<void> }[] = [database];
  const close = async (): Promise<void> => {
    for (const part of opened.splice(0).reverse()) await part.close();
  };
  try {
    await removeUnfinishedBackups(dataDir);
    const { models } = database;
    const provider = await openProvider(config);
    opened.push(provider);
    const services = await composeServices({
      database,
      payment: provider.port,
      connections: await connectionsOf(config),
      transport: config.smtpUrl === undefined ? keptMails(models) : smtpTransport({ url: config.smtpUrl }),
      from: config.mailFrom,
      clock: systemClock,
      log,
    });
    opened.push(services);
    const localToken = newToken();
    const app = createApp({
      database,
      services,
      clock: systemClock,
      log,
      cursorKey: await cursorKey(models),
      phase,
      requestsPerMinute: config.requestsPerMinute,
      localTokenHash: tokenHash(localToken),
      scratchDirectory: dataDir,
      ...(mongodbUri === undefined && { restore }),
      ...(currentModels === undefined ? {} : { currentModels }),
    });
    return {
      models,
      app,
      engine: services.flows.engine,
      localToken,
      async prepare() {
        await composeAuth(models, systemClock).sessions.removeEnded();
        // At a first start each of these takes its time, in other threads for the most part.
        const [ordersLoaded, users] = await together([
          demo ? loadSampleData(models) : 0,
          createFirstUsers(models, { demo, dataDir, clock: systemClock }),
          services.takeFiles(),
        ]);
        await provider.prepare(models);
        services.begin();
        return { ordersLoaded, users };
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Waits for all of them, also when one has failed: what goes on must not find the store closed. @throws what the first of them throws */
async function together<T extends readonly unknown[]>(
  works: readonly [...{ [Index in keyof T]: T[Index] | Promise<T[Index]> }],
): Promise<T> {
  await Promise.allSettled(works);
  return (await Promise.all(works)) as unknown as T;
}

/** Without a provider the simulator takes its place; processes that share a MongoDB would each have one of their own. */
async function openProvider({ payment, dataDir }: Config): Promise<PaymentProvider> {
  return payment === undefined ? simulatedProvider(dataDir) : configuredProvider(payment.url, payment.apiKey);
}

/** @throws {RecourseError} `connection.file-invalid` */
async function connectionsOf({ connections: path }: Config): Promise<Connections> {
  if (path === undefined) return new Map();
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw connectionErrors.error('file-invalid', `CONNECTIONS: ${error.message}`);
  });
  return readConnections(text);
}

async function removeUnfinishedBackups(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (name.startsWith(backupFilePrefix)) await rm(join(dataDir, name), { force: true });
  }
}
