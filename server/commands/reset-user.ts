// `recourse user reset`: through the server where one runs, else in the store itself.
import { existsSync } from 'node:fs';
import { RecourseError } from '../../engine/errors/recourse-error.js';
import { storeDirectory } from '../../store/connect.js';
import { composeAuth } from '../auth/compose-auth.js';
import { toUserName } from '../auth/users.js';
import { systemClock } from '../clock.js';
import { openFor } from '../compose.js';
import type { Config } from '../config.js';
import { serverErrors } from '../server-errors.js';
import { askRunningServer } from './running-server.js';

export interface NewPassword {
  readonly username: string;
  readonly password: string;
}

/** @throws {RecourseError} `server.unknown-user` */
export async function resetUser(config: Config, name: string): Promise<NewPassword> {
  const username = toUserName(name);
  if (config.mongodbUri === undefined && !existsSync(storeDirectory(config.dataDir))) {
    throw serverErrors.error('unknown-user', `${config.dataDir} holds no store, so there are no users`);
  }
  try {
    const database = await openFor(config);
    try {
      const { users } = composeAuth(database.models, systemClock);
      return { username, password: await users.resetPassword(username) };
    } finally {
      await database.close();
    }
  } catch (error) {
    if (!(error instanceof RecourseError) || error.code !== 'store.in-use') throw error;
    const path = `/api/v1/admin/users/${encodeURIComponent(username)}/reset-password`;
    return (await (await askRunningServer(config.dataDir, path)).json()) as NewPassword;
  }
}
