// Users: checking passwords and giving new ones, making users and changing what they may do.
import { randomBytes } from 'node:crypto';
import mongoose from 'mongoose';
import type { Models } from '../../store/connect.js';
import { insertOnce } from '../../store/insert-once.js';
import type { UserRecord } from '../../store/models/user.js';
import type { Clock } from '../clock.js';
import { serverErrors } from '../server-errors.js';
import { generatePassword, hashPassword, passwordMatches } from './passwords.js';
import type { Sessions } from './sessions.js';

/** What an administrator says of a user. */
export type UserProfile = Pick<UserRecord, 'displayName' | 'roles' | 'customer' | 'active'>;

export const userNameShape = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** User names are compared in lower case. */
export const toUserName = (given: string): string => given.trim().toLowerCase();

export class Users {
  readonly #models: Models;
  readonly #sessions: Sessions;
  readonly #clock: Clock;
  /** Checked when there is no such user, so that the answer takes as long. */
  readonly #nobody: Promise<string>;

  constructor(models: Models, sessions: Sessions, clock: Clock) {
    this.#models = models;
    this.#sessions = sessions;
    this.#clock = clock;
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

  /** A page of users by name. */
  list(after: string | undefined, limit: number): Promise<UserRecord[]> {
    return this.#models.users
      .find((after === undefined ? {} : { _id: mongoose.trusted({ $gt: after }) }) as never)
      .sort({ _id: 1 })
      .limit(limit)
      .lean<UserRecord[]>();
  }

  /** @throws {RecourseError} `server.unknown-user` */
  async get(userName: string): Promise<UserRecord> {
    const found = await this.find(userName);
    if (found === undefined) {
      throw serverErrors.error('unknown-user', `there is no user ${JSON.stringify(userName.slice(0, 64))}`);
    }
    return found;
  }

  async find(userName: string): Promise<UserRecord | undefined> {
    if (!userNameShape.test(userName)) return undefined;
    return (await this.#models.users.findById(userName).lean<UserRecord | null>()) ?? undefined;
  }

  /** Makes a user with a generated password, which is told here only; undefined if there is one of that name. */
  async create(userName: string, profile: UserProfile): Promise<string | undefined> {
    const password = generatePassword();
    const user = {
      _id: userName,
      ...profile,
      passwordHash: await hashPassword(password),
      createdAt: this.#clock.now(),
      version: 1,
    };
    const { collection } = this.#models.users;
    return (await insertOnce(() => collection.insertOne(user as never))) === 'new' ? password : undefined;
  }

  /**
   * Changes a user that has been seen at `version`; false if it is at another one. Who may not sign in any more is signed
   * out at once, and other roles count from the next request on.
   *
   * @throws {RecourseError} `server.last-administrator`
   */
  async change(userName: string, { customer, ...profile }: UserProfile, version: number): Promise<boolean> {
    const staysAdministrator = profile.active && profile.roles.includes('administrator');
    if (!staysAdministrator && (await this.#isLastAdministrator(userName))) {
      throw serverErrors.error('last-administrator', `${userName} is the last administrator who can sign in`);
    }
    const { matchedCount } = await this.#models.users.collection.updateOne(
      { _id: userName as never, version },
      {
        $set: { ...profile, version: version + 1, ...(customer === undefined ? {} : { customer }) },
        ...(customer === undefined ? { $unset: { customer: '' } } : {}),
      },
    );
    if (matchedCount !== 1) return false;
    if (!profile.active) await this.#sessions.endAllOf(userName);
    return true;
  }

  async #isLastAdministrator(userName: string): Promise<boolean> {
    const administrators = await this.#models.users
      .find({ roles: 'administrator', active: true })
      .select('_id')
      .lean();
    return administrators.length === 1 && administrators[0]!._id === userName;
  }

  /** Gives the user the password that they chose, and ends their other sessions. */
  async choosePassword(userName: string, password: string, keptSession: string | undefined): Promise<void> {
    const passwordHash = await hashPassword(password);
    await this.#models.users.updateOne({ _id: userName }, { $set: { passwordHash } });
    await this.#sessions.endAllOf(userName, keptSession);
  }
}
