// Slows down guessing: after some free failures each further one doubles the wait. Never locks for good, so that
// nobody can lock somebody else out. Kept in memory, per process: a restart forgets it.
import { ipKeyGenerator } from 'express-rate-limit';
import type { Clock } from '../clock.js';
import { serverErrors } from '../server-errors.js';

const freePerAccountAndAddress = 5;
/** One address may fail on many accounts: people behind one router sign in too. */
const freePerAddress = 50;
const delayMsMin = 1_000;
const delayMsMax = 15 * 60_000;
/** A key without failures for this long is forgotten. */
const quietMs = 60 * 60_000;
const keysMax = 100_000;

interface Failures {
  count: number;
  lastAt: number;
  blockedUntil: number;
}

export class SignInThrottle {
  readonly #failures = new Map<string, Failures>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Counts an attempt as failed before it is checked, so that attempts at once can't outrun the count.
   *
   * @param address of the peer; IPv6 counts by /56, and an IPv4 address written as IPv6 as itself
   * @returns 0 if the attempt may be made, else the seconds to wait: it isn't counted then
   */
  begin(account: string, address: string): number {
    const now = this.#clock.now().getTime();
    const keys = keysOf(account, address);
    const wait = Math.max(...keys.map(({ key }) => (this.#failures.get(key)?.blockedUntil ?? 0) - now));
    if (wait > 0) return Math.ceil(wait / 1000);
    for (const { key, free } of keys) this.#count(key, free, now);
    return 0;
  }

  /**
   * Counts an attempt, and refuses it while the account or the address has to wait.
   *
   * @throws {RecourseError} `server.sign-in-throttled`
   */
  admit(account: string, address: string): void {
    const waitSeconds = this.begin(account, address);
    if (waitSeconds === 0) return;
    throw serverErrors.error('sign-in-throttled', `wait ${waitSeconds} s before the next attempt`, {
      data: { retryAfterSeconds: waitSeconds },
    });
  }

  /** Takes back what `begin` counted: the attempt succeeded. */
  succeed(account: string, address: string): void {
    const [own, shared] = keysOf(account, address);
    this.#failures.delete(own!.key);
    const failures = this.#failures.get(shared!.key);
    if (failures !== undefined) failures.count = Math.max(0, failures.count - 1);
  }

  #count(key: string, free: number, now: number): void {
    let failures = this.#failures.get(key);
    if (failures === undefined || now - failures.lastAt > quietMs) {
      failures = { count: 0, lastAt: now, blockedUntil: 0 };
    }
    failures.count += 1;
    failures.lastAt = now;
    if (failures.count >= free) {
      failures.blockedUntil = now + Math.min(delayMsMin * 2 ** (failures.count - free), delayMsMax);
    }
    // Re-inserted, so that the map's order is that of the last failure.
    this.#failures.delete(key);
    this.#failures.set(key, failures);
    if (this.#failures.size > keysMax) {
      const [oldest] = this.#failures.keys();
      if (oldest !== undefined) this.#failures.delete(oldest);
    }
  }
}

function keysOf(account: string, address: string): { key: string; free: number }[] {
  const network = ipKeyGenerator(address, 56);
  return [
    { key: `${network} ${account}`, free: freePerAccountAndAddress },
    { key: network, free: freePerAddress },
  ];
}
