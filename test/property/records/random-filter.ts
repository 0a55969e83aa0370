// Random records with everything that JSON has in them, and random filters over their fields that often hold.
import { type Json, type RecordFilter, recordOperators, type RecordValue } from '../../../engine/index.js';
import type { SeededRandom } from '../../simulation/seeded-random.js';

const fields = ['a', 'b', 'c', 'd', 'a', 'b', 'a.b', 'a.b.c', 'b.0', 'a.missing'];

/** Few of each kind, so that filters and records meet: what patterns, code points and lists make of them is in there. */
const plain: readonly Json[] = [
  null,
  true,
  false,
  0,
  1,
  -1.5,
  '',
  'a',
  'ab',
  'ba',
  'a\n',
  'a.b',
  '.',
  '1',
  '^a$',
  '\u0000',
  '\uff5e',
  '\u{1f600}',
];

export function randomJson(random: SeededRandom, depth = 3): Json {
  const kind = depth === 0 ? 0 : random.next();
  if (kind < 0.6) return random.pick(plain);
  if (kind < 0.8) {
    return Array.from({ length: random.between(0, 3) }, () => randomJson(random, depth - 1));
  }
  return randomObject(random, depth - 1);
}

function randomObject(random: SeededRandom, depth: number): Record<string, Json> {
  const names = ['a', 'b', 'c', 'd', '0'].filter(() => random.chance(0.7));
  return Object.fromEntries(names.map((name) => [name, randomJson(random, depth)]));
}

export function randomRecord(random: SeededRandom, id: string): RecordValue {
  return { ...randomObject(random, 3), id };
}

export function randomFilter(random: SeededRandom, depth = 3): RecordFilter {
  const kind = depth === 0 ? 1 : random.next();
  const several = () =>
    Array.from({ length: random.chance(0.1) ? 0 : random.between(2, 4) }, () =>
      randomFilter(random, depth - 1),
    );
  if (kind < 0.2) return { all: several() };
  if (kind < 0.5) return { any: several() };
  if (kind < 0.6) return { not: randomFilter(random, depth - 1) };
  const operator = random.pick(recordOperators);
  const value =
    operator === 'in'
      ? Array.from({ length: random.between(0, 6) }, () => randomJson(random, 2))
      : randomJson(random, random.between(0, 2));
  return { field: random.pick(fields), operator, value };
}
