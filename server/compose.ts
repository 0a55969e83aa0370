// The only place where adapters meet what uses them.
import { readdir, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type OpenDatabase, openDatabase } from '../store/connect.js';
import { makeDirectory } from '../store/embedded/index.js';
import type { Restored } from '../store/restore.js';
import { type App, createApp } from './app.js';
import { Sessions } from './auth/sessions.js';
import { newToken, tokenHash } from './auth/tokens.js';
import { systemClock } from './clock.js';
import type { Config } from './config.js';
import { createFirstUsers, type FirstUser } from './first-users.js';
import type { Phase } from './phase.js';
import { backupFilePrefix } from './routes/admin.js';
import { loadSampleData } from './sample-data.js';
import { cursorKey } from './settings.js';

export interface Composed {
  readonly app: App;
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
  { phase, restore }: { phase: () => Phase; restore: (asking: ServerResponse) => Promise<Restored> },
): Promise<Composed> {
  const { dataDir, demo, mongodbUri } = config;
  makeDirectory(dataDir);
  const database = await openFor(config, { taken: true });
  try {
    await removeUnfinishedBackups(dataDir);
    const localToken = newToken();
    const app = createApp({
      database,
      clock: systemClock,
      log,
      cursorKey: await cursorKey(database.models),
      phase,
      localTokenHash: tokenHash(localToken),
      scratchDirectory: dataDir,
      ...(mongodbUri === undefined && { restore }),
    });
    return {
      app,
      localToken,
      prepare: () => prepare(database, { demo, dataDir }),
      close: () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function prepare(database: OpenDatabase, { demo, dataDir }: { demo: boolean; dataDir: string }) {
  await new Sessions(database.models, systemClock).removeEnded();
  const ordersLoaded = demo ? await loadSampleData(database.models) : 0;
  const users = await createFirstUsers(database.models, { demo, dataDir, clock: systemClock });
  return { ordersLoaded, users };
}

async function removeUnfinishedBackups(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (name.startsWith(backupFilePrefix)) await rm(join(dataDir, name), { force: true });
  }
}
