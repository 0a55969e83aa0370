// API keys: how programs sign in. A key has some of its owner's permissions, until it expires or the owner loses them.
import type { Models } from '../../store/connect.js';
import { insertOnce } from '../../store/insert-once.js';
import type { ApiKeyRecord } from '../../store/models/api-key.js';
import type { Clock } from '../clock.js';
import { serverErrors } from '../server-errors.js';
import type { Permission } from './permissions.js';
import type { Roles } from './roles.js';
import type { Principal } from './sessions.js';
import { newToken, tokenHash } from './tokens.js';

/** How exactly the last use is known; each time it is noted costs a write. */
const lastUseMsExact = 60_000;
const dayMs = 24 * 60 * 60_000;

export interface NewKey {
  readonly name: string;
  readonly owner: string;
  readonly permissions: readonly Permission[];
  readonly days: number;
  readonly createdBy: string;
}

export class ApiKeys {
  readonly #models: Models;
  readonly #clock: Clock;
  readonly #roles: Roles;

  constructor(models: Models, clock: Clock, roles: Roles) {
    this.#models = models;
    this.#clock = clock;
    this.#roles = roles;
  }

  /** All keys, by owner and name. */
  list(): Promise<ApiKeyRecord[]> {
    return this.#models.apiKeys.find({}).sort({ owner: 1, name: 1 }).lean<ApiKeyRecord[]>();
  }

  /**
   * Makes a key; the token is told here and never again.
   *
   * @throws {RecourseError} `server.key-exists`
   */
  async create({ days, permissions, ...key }: NewKey): Promise<{ token: string; key: ApiKeyRecord }> {
    const token = newToken();
    const now = this.#clock.now();
    const made: ApiKeyRecord = {
      _id: tokenHash(token),
      ...key,
      permissions,
      createdAt: now,
      expiresAt: new Date(now.getTime() + days * dayMs),
    };
    const { collection } = this.#models.apiKeys;
    if ((await insertOnce(() => collection.insertOne({ ...made, version: 0 } as never))) !== 'new') {
      throw serverErrors.error('key-exists', `${key.owner} has a key ${JSON.stringify(key.name)} already`);
    }
    return { token, key: made };
  }

  /** Whose key it is; undefined when there is none, it has expired, or its owner may not sign in any more. */
  async principalOf(token: string): Promise<Principal | undefined> {
    const id = tokenHash(token);
    const key = await this.#models.apiKeys.findById(id).lean<ApiKeyRecord | null>();
    const now = this.#clock.now();
    if (key === null || now >= key.expiresAt) return undefined;
    const owner = await this.#models.users.findById(key.owner).lean();
    if (owner === null || !owner.active) return undefined;
    if (key.lastUsedAt === undefined || now.getTime() - key.lastUsedAt.getTime() >= lastUseMsExact) {
      await this.#models.apiKeys.updateOne({ _id: id }, { $set: { lastUsedAt: now } });
    }
    const permitted = await this.#roles.permissionsOf(owner.roles);
    return {
      userName: `${owner._id}/${key.name}`,
      owner: owner._id,
      roles: owner.roles,
      permissions: new Set(
        key.permissions.filter((name) => permitted.has(name as Permission)) as Permission[],
      ),
      ...(owner.customer === undefined ? {} : { customer: owner.customer }),
    };
  }

  /** Ends a key; false if there is none. */
  async revoke(id: string): Promise<boolean> {
    return (await this.#models.apiKeys.deleteOne({ _id: id })).deletedCount === 1;
  }
}
