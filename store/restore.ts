// Puts a backup in the place of the embedded store. The present data is moved aside whole, never overwritten. The swap
// is two renames; a crash between them is finished at the next start, so that it is seen either before or after.
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RecourseError } from '../engine/errors/recourse-error.js';
import { takeDataDirectory } from './data-directory.js';
import { makeDirectory } from './embedded/index.js';
import { checkStoreFile } from './embedded/storage/backup.js';
import { storeFileName } from './embedded/storage/directory.js';
import { type DirectoryLock, lockDirectory } from './embedded/storage/lock.js';
import { storeErrors } from './store-errors.js';
import { toStoreError } from './store-faults.js';

const present = 'store';
/** A copy that is not complete, or not yet found to be sound. */
const copying = 'store.copying';
/** A checked copy that nobody has been asked to put in place yet. */
const staged = 'store.staged';
/** A checked copy on its way into place. */
const restored = 'store.restored';
/** Holds nothing but the lock of whoever lays a copy ready. */
const restoring = 'store.restoring';

/**
 * Lets one restore at a time lay its copy ready and have it put in place: with two, each could get the other's.
 *
 * @throws {RecourseError} `store.restore-under-way`
 */
export function lockRestores(dataDir: string): DirectoryLock {
  const directory = join(dataDir, restoring);
  try {
    makeDirectory(directory);
    return lockDirectory(directory);
  } catch (error) {
    const fault = toStoreError(error);
    if (isFault(fault, 'store.in-use')) {
      throw storeErrors.error('restore-under-way', `another restore into ${dataDir} is under way`, {
        cause: error,
      });
    }
    throw fault;
  }
}

/**
 * Restores a backup file into a data directory that no process has open; call it under {@link lockRestores}.
 *
 * @param stamp names the directory beside the store into which the present data goes: `store.before-<stamp>`
 * @returns where the data was put that was there before, if there was any
 * @throws {RecourseError} `store.in-use`; `store.damaged` if the backup isn't sound: nothing was changed then
 */
export async function restoreBackup(file: string, dataDir: string, stamp: string): Promise<Restored> {
  const taken = takeDataDirectory(dataDir);
  try {
    await finishRestore(dataDir);
    await stageRestore(file, dataDir);
    return await putStaged(dataDir, stamp);
  } finally {
    taken.release();
  }
}

export interface Restored {
  readonly aside: string | undefined;
}

/**
 * Lays a checked and flushed copy of a backup beside the store, which may be in use, for {@link putStaged}.
 *
 * @throws {RecourseError} `store.damaged` if the backup isn't sound, `store.full`: nothing was changed then
 */
export async function stageRestore(file: string, dataDir: string): Promise<void> {
  await unstageRestore(dataDir);
  await takeCopy(file, dataDir);
  await rename(join(dataDir, copying), join(dataDir, staged));
}

/** Throws away what {@link stageRestore} has laid ready, if it is still there. */
export async function unstageRestore(dataDir: string): Promise<void> {
  await rm(join(dataDir, staged), { recursive: true, force: true });
}

/**
 * Puts the staged copy in the place of the store, which nobody may have open; the caller has taken the data directory.
 *
 * @throws {RecourseError} `store.nothing-staged`
 */
export async function putStaged(dataDir: string, stamp: string): Promise<Restored> {
  if (!existsSync(join(dataDir, staged))) {
    throw storeErrors.error('nothing-staged', `${dataDir} holds no backup that waits to be put in place`);
  }
  const aside = existsSync(join(dataDir, present)) ? join(dataDir, `store.before-${stamp}`) : undefined;
  await rename(join(dataDir, staged), join(dataDir, restored));
  if (aside !== undefined) await rename(join(dataDir, present), aside);
  await rename(join(dataDir, restored), join(dataDir, present));
  await flush(dataDir);
  return { aside };
}

/**
 * Finishes a restore that a crash has cut short: either its copy goes into place, or it is thrown away. The caller has
 * taken the data directory: what looks cut short may be under way in another process otherwise.
 */
export async function finishRestore(dataDir: string): Promise<void> {
  if (!existsSync(join(dataDir, restored))) return;
  if (existsSync(join(dataDir, present))) {
    await rm(join(dataDir, restored), { recursive: true, force: true });
    return;
  }
  await rename(join(dataDir, restored), join(dataDir, present));
  await flush(dataDir);
}

async function takeCopy(file: string, dataDir: string): Promise<void> {
  const directory = join(dataDir, copying);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { mode: 0o700 });
  const copy = join(directory, storeFileName);
  try {
    await copyFile(file, copy);
    // A backup is often kept read-only; the store isn't.
    await chmod(copy, 0o600);
    checkStoreFile(copy);
    await flush(copy);
    await flush(directory);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    const fault = toStoreError(error);
    if (isFault(fault, 'store.full')) throw fault;
    const reason = error instanceof Error ? error.message : String(error);
    throw storeErrors.error('damaged', `${file} is not a sound backup: ${reason}`, { cause: error });
  }
}

/** Flushes a file's data, or a directory's names, to the device. */
async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const isFault = (fault: unknown, code: string): boolean =>
  fault instanceof RecourseError && fault.code === code;
