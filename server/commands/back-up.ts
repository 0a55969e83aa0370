// `recourse backup`: through the server where one runs, else from the store itself.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { access, chmod, constants, open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { RecourseError } from '../../engine/errors/recourse-error.js';
import { storeDirectory } from '../../store/connect.js';
import { storeErrors } from '../../store/store-errors.js';
import { openFor } from '../compose.js';
import type { Config } from '../config.js';
import { flushDirectory } from '../files.js';
import { askRunningServer } from './running-server.js';

export interface BackupReport {
  readonly bytes: number;
  readonly through: 'server' | 'store';
}

/**
 * Writes a backup to a file that isn't there yet; it is complete, checked and flushed when this resolves.
 *
 * @throws {RecourseError} `store.file-exists`, `store.no-access`, `store.backup-not-supported`, `store.damaged`
 */
export async function backUp(config: Config, file: string): Promise<BackupReport> {
  const target = resolve(file);
  if (existsSync(target)) throw storeErrors.error('file-exists', `${target} exists`);
  if (config.mongodbUri !== undefined) {
    throw storeErrors.error('backup-not-supported', 'the data is in MongoDB (MONGODB_URI)');
  }
  if (!existsSync(storeDirectory(config.dataDir))) {
    throw storeErrors.error('unavailable', `${config.dataDir} holds no store: there is nothing to back up`);
  }
  const directory = dirname(target);
  await access(directory, constants.W_OK).catch((cause: unknown) => {
    throw storeErrors.error('no-access', `no file can be made in ${directory}`, { cause });
  });
  const partial = `${target}.partial`;
  await rm(partial, { force: true });
  try {
    const report = await copy(config, partial);
    await flushFile(partial);
    await rename(partial, target);
    await flushDirectory(dirname(target));
    return report;
  } finally {
    await rm(partial, { force: true });
  }
}

async function copy(config: Config, partial: string): Promise<BackupReport> {
  try {
    const database = await openFor(config);
    try {
      const { bytes } = await database.backup(partial);
      await chmod(partial, 0o600);
      return { bytes, through: 'store' };
    } finally {
      await database.close();
    }
  } catch (error) {
    if (!(error instanceof RecourseError) || error.code !== 'store.in-use') throw error;
    return { bytes: await receive(config.dataDir, partial), through: 'server' };
  }
}

async function receive(dataDir: string, partial: string): Promise<number> {
  const response = await askRunningServer(dataDir, '/api/v1/admin/backup');
  const digest = createHash('sha256');
  const handle = await open(partial, 'wx', 0o600);
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      digest.update(chunk);
      bytes += chunk.byteLength;
      await handle.write(chunk);
    }
  } finally {
    await handle.close();
  }
  const announced = response.headers.get('repr-digest');
  if (announced !== `sha-256=:${digest.digest('base64')}:`) {
    throw storeErrors.error('damaged', 'the backup did not arrive as the server sent it');
  }
  return bytes;
}

async function flushFile(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
