// The clock, the ids and the chance of a server's engine.
import { randomBytes } from 'node:crypto';
import type { Clock, Ids, Random } from '../../engine/index.js';

const longestTimeoutMs = 2_147_483_647;

export const wallClock: Clock = {
  now: Date.now,
  alarm(ms, wake) {
    const timer = setTimeout(wake, Math.min(ms, longestTimeoutMs));
    return () => clearTimeout(timer);
  },
};

/** Ids of one life of a process: increasing, and unique among all lives. */
export function newIds(): Ids {
  const life = `${Date.now().toString(36)}${randomBytes(4).toString('hex')}`;
  let count = 0;
  return {
    next() {
      count += 1;
      return `${life}${String(count).padStart(10, '0')}`;
    },
  };
}

export const systemRandom: Random = { next: Math.random };
