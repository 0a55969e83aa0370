// Files of the data directory that hold secrets: readable by their owner only, and never seen half-written.
import { randomUUID } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes the whole file or leaves the old one; flushed when it resolves. Mode 0600. */
export async function writeSecretFile(file: string, text: string): Promise<void> {
  const partial = `${file}.${randomUUID()}.partial`;
  const handle = await open(partial, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(partial, file);
  await flushDirectory(dirname(file));
}

/** Flushes the names in a directory, so that a rename survives a power loss. */
export async function flushDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
