// Users: checking a password, and giving a new one.
import { randomBytes } from 'node:crypto';
import type { Models } from '../../store/connect.js';
import { serverErrors } from '../server-errors.js';
import { generatePassword, hashPassword, passwordMatches } from './passwords.js';
import type { Sessions } from './sessions.js';

/** User names are compared in lower case. */
export const toUserName = (given: string): string => given.trim().toLowerCase();

export class Users {
  readonly #models: Models;
  readonly #sessions: Sessions;
  /** Checked when there is no such user, so that the answer takes as long. */
  readonly #nobody: Promise<string>;

  constructor(models: Models, sessions: Sessions) {
    this.#models = models;
    this.#sessions = sessions;
    this.#nobody = hashPassword(randomBytes(16).toString('hex'));
  }

  /** The user's name if the password is right and the user may sign in. */
  async check(userName: string, password: string): Promise<string | undefined> {
    const user = await this.#models.users.findById(userName).lean();
    const matches = await passwordMatches(user?.passwordHash ?? (await this.#nobody), password);
    return matches && user?.active ? user._id : undefined;
  }

  /**
   * Gives the user a new password and ends all of the user's sessions.
   *
   * @throws {RecourseError} `server.unknown-user`
   */
  async resetPassword(userName: string): Promise<string> {
    const password = generatePassword();
    const passwordHash = await hashPassword(password);
    const { matchedCount } = await this.#models.users.updateOne(
      { _id: userName },
      { $set: { passwordHash } },
    );
    if (matchedCount === 0) {
      throw serverErrors.error('unknown-user', `there is no user ${JSON.stringify(userName)}`);
    }
    await this.#sessions.endAllOf(userName);
    return password;
  }
}
