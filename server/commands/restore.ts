// `recourse restore`: through the server where one runs, else into the directory itself.
import { RecourseError } from '../../engine/errors/recourse-error.js';
import { lockRestores, restoreBackup, stageRestore, unstageRestore } from '../../store/restore.js';
import { askRunningServer } from './running-server.js';

export interface RestoreReport {
  /** Where the data is that was there before; null if there was none. */
  readonly aside: string | null;
  readonly through: 'server' | 'store';
}

/**
 * Checks a backup and puts it in the place of the store. A running server answers 503 for that time, and goes on with
 * the restored data, its users and sessions included.
 *
 * @throws {RecourseError} `store.damaged` if the backup isn't sound, `store.restore-under-way`,
 *   `server.admin-unreachable`
 */
export async function restore(dataDir: string, file: string): Promise<RestoreReport> {
  const alone = lockRestores(dataDir);
  try {
    return await restoreAlone(dataDir, file);
  } finally {
    alone.release();
  }
}

async function restoreAlone(dataDir: string, file: string): Promise<RestoreReport> {
  try {
    const { aside } = await restoreBackup(file, dataDir, new Date().toISOString().replaceAll(':', '-'));
    return { aside: aside ?? null, through: 'store' };
  } catch (error) {
    if (!(error instanceof RecourseError) || error.code !== 'store.in-use') throw error;
  }
  await stageRestore(file, dataDir);
  try {
    const answer = await askRunningServer(dataDir, '/api/v1/admin/restore');
    const { aside } = (await answer.json()) as { aside: string | null };
    return { aside, through: 'server' };
  } finally {
    // Still there if the server has refused it: nobody is to put it in place later, unasked.
    await unstageRestore(dataDir);
  }
}
