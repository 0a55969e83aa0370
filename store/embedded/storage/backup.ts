// Copies a store's file while it serves, in a thread of its own: the copy is one snapshot, checked before it counts.
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { CommandError } from '../errors.js';
import { Connection } from './connection.js';
import { formatVersion } from './layout.js';

interface CopyData {
  readonly copyFrom: string;
  readonly copyTo: string;
}

type CopyReply = { readonly error?: string };

/**
 * Writes a checked copy to a file that isn't there yet.
 *
 * @throws {CommandError} `IllegalOperation` if the file exists, `OperationFailed` if the copy fails; nothing is left behind.
 */
export async function backUp(file: string, to: string): Promise<{ bytes: number }> {
  if (existsSync(to)) throw new CommandError('IllegalOperation', `${to} exists: a backup never overwrites`);
  const partial = `${to}.partial`;
  rmSync(partial, { force: true });
  const worker = new Worker(new URL(import.meta.url), { workerData: { copyFrom: file, copyTo: partial } });
  const { error } = await new Promise<CopyReply>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => resolve({ error: 'its thread ended without an answer' }));
  });
  if (error !== undefined) {
    rmSync(partial, { force: true });
    throw new CommandError('OperationFailed', `the backup failed: ${error}`);
  }
  flush(partial);
  renameSync(partial, to);
  flush(dirname(to));
  return { bytes: statSync(to).size };
}

/**
 * Refuses a file that is damaged or isn't a store of this format.
 *
 * @throws {Error} saying what is wrong with it.
 */
export function checkStoreFile(file: string): void {
  const connection = new Connection(file);
  try {
    const [verdict] = connection.get('PRAGMA integrity_check') ?? [];
    if (verdict !== 'ok') throw new Error(`integrity_check says: ${verdict}`);
    const format = connection.get("SELECT value FROM meta WHERE name = 'format'")?.[0];
    if (format !== formatVersion) throw new Error(`format ${format}, expected ${formatVersion}`);
  } finally {
    connection.close();
  }
}

/** Nothing is a backup before it is on the device, its name included. */
function flush(path: string): void {
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}

function copy({ copyFrom, copyTo }: CopyData): CopyReply {
  try {
    const source = new Connection(copyFrom);
    source.run('VACUUM INTO ?', [copyTo]);
    source.close();
    checkStoreFile(copyTo);
    return {};
  } catch (error) {
    return { error: (error as Error).message };
  }
}

if (!isMainThread && parentPort !== null && (workerData as Partial<CopyData> | null)?.copyTo !== undefined) {
  parentPort.postMessage(copy(workerData as CopyData));
}
