// Values for a JSON Schema, sound or with something hostile in them, from a seeded source of random numbers.
import type { Schema } from '../../server/answers/answer.js';

export type Random = () => number;

/** A seeded source of numbers from 0 to 1: mulberry32. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const pick = <T>(values: readonly T[], random: Random): T =>
  values[Math.floor(random() * values.length)]!;

/** What has broken somebody's server before. */
export const hostile: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1e308,
  2 ** 53,
  '',
  ' ',
  '\u0000',
  '\ud800',
  'a\r\nBcc: evil@x.example',
  '__proto__',
  'constructor',
  '#{7*7}',
  '{{constructor.constructor "return process"}}',
  '../../../etc/passwd',
  "' OR 1=1 --",
  'x'.repeat(20_000),
  '^(a+)+$',
  [],
  {},
  { $ne: null },
  { $where: 'while(1);' },
  { $gt: '' },
  { var: 'constructor' },
  { reduce: [[1, 2, 3], { cat: [{ var: 'accumulator' }, { var: 'accumulator' }] }, 'x'] },
  Array.from({ length: 500 }, () => []),
];

/** A value that fits the schema, as far as its keywords are known here; `words` are texts that mean something. */
export function soundValue(schema: Schema, words: readonly string[], random: Random): unknown {
  const {
    type,
    enum: values,
    const: only,
    properties,
    required,
    items,
  } = schema as {
    type?: string | string[];
    enum?: unknown[];
    const?: unknown;
    properties?: Record<string, Schema>;
    required?: string[];
    items?: Schema;
  };
  if (only !== undefined) return only;
  if (values !== undefined) return pick(values, random);
  switch (Array.isArray(type) ? type[0] : type) {
    case 'boolean':
      return random() < 0.5;
    case 'integer':
    case 'number':
      return Math.max(Number(schema['minimum'] ?? 0), Math.floor(random() * 4));
    case 'array':
      return Array.from({ length: Math.max(Number(schema['minItems'] ?? 0), Math.floor(random() * 3)) }, () =>
        soundValue(items ?? {}, words, random),
      );
    case 'object':
      return Object.fromEntries(
        Object.entries(properties ?? {})
          .filter(([name]) => (required ?? []).includes(name) || random() < 0.5)
          .map(([name, each]) => [name, soundValue(each, words, random)]),
      );
    default:
      return pick(words, random);
  }
}

/** The value with one part of it replaced, removed or added. */
export function spoiled(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random() < 0.15) return pick(hostile, random);
  if (Array.isArray(value)) {
    if (value.length === 0) return [pick(hostile, random)];
    const at = Math.floor(random() * value.length);
    return value.map((each, index) => (index === at ? spoiled(each, random) : each));
  }
  const entries = Object.entries(value);
  if (entries.length === 0 || random() < 0.2)
    return Object.fromEntries([
      ...entries,
      [pick(['$ne', 'x', 'toString', ''], random), pick(hostile, random)],
    ]);
  const [name, each] = pick(entries, random);
  if (random() < 0.2) return Object.fromEntries(entries.filter(([other]) => other !== name));
  return { ...value, [name]: spoiled(each, random) };
}
