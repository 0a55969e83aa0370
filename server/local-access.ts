// How the command line reaches the server that has the data directory open: the server leaves its address and a token
// in a file that only its owner can read. The token is new at every start and dies with the process.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSecretFile } from './files.js';

export interface LocalAccess {
  readonly url: string;
  readonly token: string;
}

const fileOf = (dataDir: string): string => join(dataDir, 'admin.json');

export const offerLocalAccess = (dataDir: string, access: LocalAccess): Promise<void> =>
  writeSecretFile(fileOf(dataDir), `${JSON.stringify(access)}\n`);

export const withdrawLocalAccess = (dataDir: string): Promise<void> => rm(fileOf(dataDir), { force: true });

/** Undefined if no server has left one, or what lies there is none. */
export async function findLocalAccess(dataDir: string): Promise<LocalAccess | undefined> {
  let text: string;
  try {
    text = await readFile(fileOf(dataDir), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as LocalAccess;
  } catch {
    return undefined;
  }
}
