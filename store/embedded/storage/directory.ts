// Where a store's files are. A store "in memory" is a directory of its own on a memory file system, without flushes,
// removed at close: one code path for both.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type DirectoryLock, lockDirectory } from './lock.js';
import { makeDirectory } from './make-directory.js';

export interface StoreDirectory {
  readonly file: string;
  readonly flush: 'always' | 'never';
  release(): void;
}

export const memoryLocation = ':memory:';
export const storeFileName = 'store.db';
const prefix = 'recourse-memory-';

/** Makes the directory if it isn't there and takes it for this process; @throws see {@link lockDirectory}. */
export function takeDirectory(location: string): StoreDirectory {
  if (location === memoryLocation) return memoryDirectory();
  const directory = resolve(location);
  makeDirectory(directory);
  const lock: DirectoryLock = lockDirectory(directory);
  return { file: join(directory, storeFileName), flush: 'always', release: () => lock.release() };
}

function memoryDirectory(): StoreDirectory {
  const root = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  removeAbandoned(root);
  const directory = mkdtempSync(join(root, `${prefix}${process.pid}-`));
  return {
    file: join(directory, storeFileName),
    flush: 'never',
    release: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** What a killed process left behind. */
function removeAbandoned(root: string): void {
  for (const name of readdirSync(root)) {
    const pid = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN;
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    try {
      rmSync(join(root, name), { recursive: true, force: true });
    } catch {
      // Another user's: not ours to remove, and no reason not to open a store of our own.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
