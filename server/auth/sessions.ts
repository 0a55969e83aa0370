// Sessions: made at sign-in, ended by sign-out, by twelve hours, by half an hour without a request, or with the user.
import mongoose from 'mongoose';
import type { Models } from '../../store/connect.js';
import type { SessionRecord } from '../../store/models/session.js';
import type { Clock } from '../clock.js';
import type { Permission } from './permissions.js';
import type { Roles } from './roles.js';
import { newToken, tokenHash } from './tokens.js';

export const sessionMsMax = 12 * 60 * 60_000;
export const idleMsMax = 30 * 60_000;
/** How exactly the last use is known; each time it is noted costs a write. */
const lastUseMsExact = 60_000;

/** Who makes a request. */
export interface Principal {
  readonly userName: string;
  /** Of an API key: whose it is. */
  readonly owner?: string;
  readonly roles: readonly string[];
  /** What the roles permit, as far as an API key has it. */
  readonly permissions: ReadonlySet<Permission>;
  /** Of a shopper: whose orders they see, and no others. */
  readonly customer?: string;
  /** Absent for the command line on this machine, which signs in by a file that only the owner can read. */
  readonly sessionId?: string;
}

export class Sessions {
  readonly #models: Models;
  readonly #clock: Clock;
  readonly #roles: Roles;

  constructor(models: Models, clock: Clock, roles: Roles) {
    this.#models = models;
    this.#clock = clock;
    this.#roles = roles;
  }

  /** Begins a session; the token is told here and never again. */
  async begin(userName: string): Promise<{ token: string; expiresAt: Date }> {
    const now = this.#clock.now();
    const token = newToken();
    const expiresAt = new Date(now.getTime() + sessionMsMax);
    await this.#models.sessions.create({
      _id: tokenHash(token),
      userName,
      createdAt: now,
      lastUsedAt: now,
      expiresAt,
    });
    return { token, expiresAt };
  }

  /** Whose token it is; undefined when the session has ended, or the user may not sign in any more. */
  async principalOf(token: string): Promise<Principal | undefined> {
    const sessionId = tokenHash(token);
    const session = await this.#models.sessions.findById(sessionId).lean();
    if (session === null) return undefined;
    const now = this.#clock.now();
    const idleMs = now.getTime() - session.lastUsedAt.getTime();
    if (now >= session.expiresAt || idleMs >= idleMsMax) {
      await this.end(sessionId);
      return undefined;
    }
    const user = await this.#models.users.findById(session.userName).lean();
    if (user === null || !user.active) return undefined;
    if (idleMs >= lastUseMsExact) {
      await this.#models.sessions.updateOne({ _id: sessionId }, { $set: { lastUsedAt: now } });
    }
    const { customer } = user;
    return {
      userName: user._id,
      roles: user.roles,
      permissions: await this.#roles.permissionsOf(user.roles),
      ...(customer === undefined ? {} : { customer }),
      sessionId,
    };
  }

  async end(sessionId: string): Promise<void> {
    await this.#models.sessions.deleteOne({ _id: sessionId });
  }

  /** Removes what nobody can use any more. */
  async removeEnded(): Promise<void> {
    const ended = mongoose.trusted({ $lte: this.#clock.now() });
    await this.#models.sessions.deleteMany({ expiresAt: ended });
  }

  /** The sessions of a user that have not ended, the newest first. */
  async listOf(userName: string): Promise<SessionRecord[]> {
    const now = this.#clock.now();
    const sessions = await this.#models.sessions
      .find({ userName, expiresAt: mongoose.trusted({ $gt: now }) } as never)
      .lean<SessionRecord[]>();
    return sessions
      .filter(({ lastUsedAt }) => now.getTime() - lastUsedAt.getTime() < idleMsMax)
      .sort((left, right) => right.createdAt.getTime() - left.createdAt.getTime());
  }

  /** Ends the sessions of a user, but for the one that is kept. */
  async endAllOf(userName: string, kept?: string): Promise<void> {
    await this.#models.sessions.deleteMany({
      userName,
      ...(kept === undefined ? {} : { _id: mongoose.trusted({ $ne: kept }) }),
    } as never);
  }
}
