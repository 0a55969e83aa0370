// The data directory as a whole: one process has it, from before the store in it is opened until after it is closed. The
// store's own lock is not enough, as a restore swaps the directory that it lies in.
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { type DirectoryLock, lockDirectory } from './embedded/storage/lock.js';
import { makeDirectory } from './embedded/storage/make-directory.js';
import { toStoreError } from './store-faults.js';

export type { DirectoryLock };

/**
 * Makes the directory if it isn't there and takes it for this process.
 *
 * @throws {RecourseError} `store.in-use`, `store.no-access` or `store.full` if the file system refuses
 */
export function takeDataDirectory(dataDir: string): DirectoryLock {
  try {
    makeDirectory(dataDir);
    // The directory may be open to others, who must not hold the lock by reading its file.
    closeSync(openSync(join(dataDir, 'lock.db'), 'a', 0o600));
    return lockDirectory(dataDir);
  } catch (error) {
    throw toStoreError(error);
  }
}
