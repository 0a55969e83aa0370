// One store in memory for all worlds of a process, each with a database of its own: to open a store takes longer than most
// tests do.
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedClient } from '../../store/embedded/index.js';

let opened: Promise<string> | undefined;
let databases = 0;

/** Where a new world has its data, for `mongoose.connect`. */
export async function worldDatabase(): Promise<{ uri: string; dbName: string }> {
  opened ??= openForLife();
  databases += 1;
  return { uri: `embedded:${await opened}`, dbName: `world-${databases}` };
}

/** Open until the process ends; named as the store's own directories in memory are, which are removed when their process is gone. */
async function openForLife(): Promise<string> {
  const root = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const directory = mkdtempSync(join(root, `recourse-memory-${process.pid}-`));
  await EmbeddedClient.connect(directory);
  return directory;
}
