// One process a directory. The lock is an open exclusive transaction on a file of its own: the operating system
// lets go of it when the process ends, however it ends, so that there are no stale locks.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '../errors.js';
import { Connection, isSqliteFault } from './connection.js';

export interface DirectoryLock {
  release(): void;
}

/**
 * Takes the directory for this process, or refuses at once.
 *
 * @throws {CommandError} `IllegalOperation` if another process, or another thread of this one, has it open.
 */
export function lockDirectory(directory: string): DirectoryLock {
  const connection = new Connection(join(directory, 'lock.db'));
  const ownerFile = join(directory, 'lock.pid');
  try {
    connection.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    connection.close();
    if (!isSqliteFault(error) || error.code !== 'SQLITE_BUSY') throw error;
    throw new CommandError(
      'IllegalOperation',
      `${directory} is in use by another process (${owner(ownerFile)}): stop that one first, or choose another data directory`,
    );
  }
  writeFileSync(ownerFile, `${process.pid}\n`);
  return { release: () => connection.close() };
}

function owner(file: string): string {
  try {
    return `pid ${readFileSync(file, 'utf8').trim()}`;
  } catch {
    return 'pid unknown';
  }
}
