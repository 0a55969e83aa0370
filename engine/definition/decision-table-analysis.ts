// Gaps and overlaps of decision tables, each with inputs that show it. Every input is cut at the values that its cells
// name, so that a finite number of stretches stands for all values.

export type TableValue = null | boolean | number | string;

/** What values an input can have. */
export type TableDomain =
  | NumberDomain
  /** Texts, dates and instants: ordered as texts. */
  | { readonly kind: 'string'; readonly minLength?: number }
  | { readonly kind: 'date' }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'enum'; readonly values: readonly TableValue[] }
  /** Values of any of several kinds. */
  | { readonly kind: 'mixed'; readonly domains: readonly TableDomain[] };

/** Bounds as JSON Schema has them. */
interface NumberDomain {
  readonly kind: 'number';
  readonly integer?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
}

export interface TableInput {
  readonly name: string;
  readonly domain: TableDomain;
  /** Whether null is one of its values. */
  readonly nullable?: boolean;
  /** Whether it can have a value, where the domain does not say it all; no other one is an example. */
  readonly accepts?: (value: TableValue) => boolean;
}

export const tableOperators = [
  'equalTo',
  'notEqualTo',
  'lessThan',
  'lessThanOrEqualTo',
  'greaterThan',
  'greaterThanOrEqualTo',
  'in',
  'notIn',
] as const;

export type TableOperator = (typeof tableOperators)[number];

/** One comparison of a cell; all of a cell must hold. */
export interface TableTest {
  readonly operator: TableOperator;
  /** A list for `in` and `notIn`. */
  readonly value: TableValue | readonly TableValue[];
}

/** Cells of one rule by input; an input without a cell may have any value. */
export type TableRule = Readonly<Record<string, readonly TableTest[]>>;

export type TableExample = Readonly<Record<string, TableValue>>;

export interface TableAnalysis {
  /** Inputs for which no rule holds; undefined if there are none. */
  readonly gap?: TableExample;
  /** Pairs of rules that hold together, each with inputs for which they do. */
  readonly overlaps: readonly {
    readonly first: number;
    readonly second: number;
    readonly example: TableExample;
  }[];
  /** Rules that hold only where an earlier one does. */
  readonly shadowed: readonly number[];
  /** Cells that hold for no value at all. */
  readonly empty: readonly { readonly rule: number; readonly input: string }[];
  /** False if looking for gaps took too long and was given up. */
  readonly complete: boolean;
}

const stepsMax = 200_000;
const overlapsMax = 50;

/** A value that stands for a stretch of values, and which rules hold there as far as this input goes. */
interface Stretch {
  readonly example: TableValue;
  /** Whether the input can have it; if not, perhaps others of the stretch. */
  readonly isSure: boolean;
  readonly rules: bigint;
  /** The same by words of 32 rules, to ask for one of them. */
  readonly words: Uint32Array;
}

/** Analyses the rules of a table over its inputs. */
export function analyseTable(inputs: readonly TableInput[], rules: readonly TableRule[]): TableAnalysis {
  const all = (1n << BigInt(rules.length)) - 1n;
  const stretches = inputs.map((input) => toStretches(input, rules));
  const empty = rules.flatMap((_, rule) =>
    inputs.flatMap(({ name }, index) =>
      stretches[index]!.some((stretch) => has(stretch, rule)) ? [] : [{ rule, input: name }],
    ),
  );
  // What is said to be there has to be there; what is said not to be there may be nowhere.
  const sure = stretches.map((some) => some.filter(({ isSure }) => isSure));
  const gaps = new Search(inputs, sure);
  const gap = gaps.outside(all, undefined);
  const search = new Search(inputs, stretches);
  const shadowed: number[] = [];
  for (let rule = 1; rule < rules.length; rule += 1) {
    if (empty.some((one) => one.rule === rule)) continue;
    const earlier = (1n << BigInt(rule)) - 1n;
    if (search.outside(earlier, rule) === undefined && search.complete) shadowed.push(rule);
  }
  return {
    ...(gap === undefined ? {} : { gap }),
    overlaps: findOverlaps(inputs, sure, rules.length),
    shadowed,
    empty,
    complete: gaps.complete && search.complete,
  };
}

const has = ({ words }: Stretch, rule: number): boolean => ((words[rule >>> 5]! >>> (rule & 31)) & 1) === 1;

class Search {
  readonly #inputs: readonly TableInput[];
  readonly #stretches: readonly (readonly Stretch[])[];
  #steps = 0;
  complete = true;

  constructor(inputs: readonly TableInput[], stretches: readonly (readonly Stretch[])[]) {
    this.#inputs = inputs;
    this.#stretches = stretches;
  }

  /** Inputs for which none of the rules holds; with `within`, only such for which that rule holds. */
  outside(rules: bigint, within: number | undefined): TableExample | undefined {
    const covered = new Set<string>();
    const chosen: TableValue[] = [];
    const look = (at: number, left: bigint): boolean => {
      this.#steps += 1;
      if (this.#steps > stepsMax) {
        this.complete = false;
        return false;
      }
      if (left === 0n) {
        for (let rest = at; rest < this.#inputs.length; rest += 1) {
          const free = this.#stretches[rest]!.find((one) => within === undefined || has(one, within));
          if (free === undefined) return false;
          chosen[rest] = free.example;
        }
        return true;
      }
      if (at === this.#inputs.length) return false;
      const key = `${at} ${left}`;
      if (covered.has(key)) return false;
      for (const stretch of this.#stretches[at]!) {
        if (within !== undefined && !has(stretch, within)) continue;
        chosen[at] = stretch.example;
        if (look(at + 1, left & stretch.rules)) return true;
      }
      covered.add(key);
      return false;
    };
    return look(0, rules) ? toExample(this.#inputs, chosen) : undefined;
  }
}

function findOverlaps(
  inputs: readonly TableInput[],
  stretches: readonly (readonly Stretch[])[],
  count: number,
): TableAnalysis['overlaps'] {
  const overlaps: { first: number; second: number; example: TableExample }[] = [];
  for (let second = 1; second < count; second += 1) {
    let open = stretches.reduce(
      (left, some) => left & besideIn(some, second, left),
      (1n << BigInt(second)) - 1n,
    );
    for (let first = 0; open !== 0n; first += 1, open >>= 1n) {
      if ((open & 1n) === 0n) continue;
      if (overlaps.length === overlapsMax) return overlaps;
      const common = stretches.map(
        (some) => some.find((one) => has(one, first) && has(one, second))!.example,
      );
      overlaps.push({ first, second, example: toExample(inputs, common) });
    }
  }
  return overlaps;
}

/** Those of some rules that hold somewhere together with one, as far as this input goes. */
function besideIn(stretches: readonly Stretch[], rule: number, some: bigint): bigint {
  let found = 0n;
  for (const stretch of stretches) {
    if (found === some) break;
    if (has(stretch, rule)) found |= stretch.rules & some;
  }
  return found;
}

const toExample = (inputs: readonly TableInput[], values: readonly TableValue[]): TableExample =>
  Object.fromEntries(inputs.map(({ name }, index) => [name, values[index]!]));

/** The stretches of an input; those in which the same rules hold are one. */
function toStretches(input: TableInput, rules: readonly TableRule[]): Stretch[] {
  const cells = rules.map((rule) => (Object.hasOwn(rule, input.name) ? rule[input.name]! : []));
  const named = cells.flat().flatMap(({ value }) => value) as TableValue[];
  const examples = [
    ...new Set([...toExamples(input.domain, named), ...(input.nullable === true ? [null] : [])]),
  ];
  const places = new Map(examples.map((example, place) => [example, place]));
  const wordCount = Math.ceil(rules.length / 32);
  const words = new Uint32Array(examples.length * wordCount);
  for (const [rule, cell] of cells.entries()) {
    const holding = holdingAt(cell, examples, places);
    for (let place = 0; place < examples.length; place += 1) {
      if (holding[place] === 1) words[place * wordCount + (rule >>> 5)]! |= 1 << (rule & 31);
    }
  }
  const known = new Map<string, Stretch>();
  for (const [place, example] of examples.entries()) {
    const own = words.subarray(place * wordCount, (place + 1) * wordCount);
    const key = own.join();
    if (known.get(key)?.isSure === true) continue;
    const isSure = input.accepts?.(example) ?? true;
    known.set(key, { example, isSure, rules: toSet(own), words: own });
  }
  return [...known.values()];
}

const toSet = (words: Uint32Array): bigint =>
  words.reduceRight((set, word) => (set << 32n) | BigInt(word), 0n);

/** At which of the examples a cell holds: 1, or 0. Values that it names are looked up, not compared with every example. */
function holdingAt(
  cell: readonly TableTest[],
  examples: readonly TableValue[],
  places: ReadonlyMap<TableValue, number>,
): Uint8Array {
  const holding = new Uint8Array(examples.length).fill(1);
  for (const test of cell) {
    const named = namedBy(test)?.flatMap((value) => places.get(value) ?? []);
    if (named === undefined) {
      for (const [place, example] of examples.entries()) if (!holds(test, example)) holding[place] = 0;
    } else if (test.operator === 'notEqualTo' || test.operator === 'notIn') {
      for (const place of named) holding[place] = 0;
    } else {
      const kept = named.filter((place) => holding[place] === 1);
      holding.fill(0);
      for (const place of kept) holding[place] = 1;
    }
  }
  return holding;
}

/** The values that a comparison names one by one; undefined: it compares in another way. */
function namedBy({ operator, value }: TableTest): readonly TableValue[] | undefined {
  if (operator === 'equalTo' || operator === 'notEqualTo') return [value as TableValue];
  return (operator === 'in' || operator === 'notIn') && Array.isArray(value) ? value : undefined;
}

/** Whether a comparison holds for a value. Null is equal to null only, and neither less nor greater than anything. */
export function holds({ operator, value: given }: TableTest, value: TableValue): boolean {
  if (operator === 'in') return (given as readonly TableValue[]).includes(value);
  if (operator === 'notIn') return !(given as readonly TableValue[]).includes(value);
  if (operator === 'equalTo') return value === given;
  if (operator === 'notEqualTo') return value !== given;
  if (value === null || given === null || typeof value !== typeof given) return false;
  const [left, right] = [value as string | number, given as string | number];
  if (operator === 'lessThan') return left < right;
  if (operator === 'lessThanOrEqualTo') return left <= right;
  return operator === 'greaterThan' ? left > right : left >= right;
}

/** One value of each stretch between the values that are named, and these themselves. */
function toExamples(domain: TableDomain, named: readonly TableValue[]): TableValue[] {
  if (domain.kind === 'mixed') return domain.domains.flatMap((each) => toExamples(each, named));
  if (domain.kind === 'boolean') return [false, true];
  if (domain.kind === 'enum') return [...domain.values];
  if (domain.kind === 'number') return numbers(domain, named);
  const texts = [...new Set(named.filter((value) => typeof value === 'string'))].sort();
  return domain.kind === 'date' ? dates(texts) : strings(texts, domain.minLength ?? 0);
}

function numbers(domain: NumberDomain, named: readonly TableValue[]): number[] {
  const { integer = false, minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = domain;
  const bounds = [...new Set([...named, minimum, maximum, exclusiveMinimum, exclusiveMaximum])].filter(
    (value): value is number => typeof value === 'number' && Number.isFinite(value),
  );
  bounds.sort((left, right) => left - right);
  if (bounds.length === 0) return [0];
  const between = bounds.slice(1).map((high, index) => {
    const low = bounds[index]!;
    return integer ? above(Math.floor(low)) : low / 2 + high / 2;
  });
  const first = -above(integer ? Math.floor(-bounds[0]!) : -bounds[0]!);
  const last = above(integer ? Math.floor(bounds.at(-1)!) : bounds.at(-1)!);
  // The multiples next to each bound: between two bounds there is one of them, if there is any.
  const multiples =
    multipleOf === undefined
      ? []
      : bounds.flatMap((bound) => [
          (Math.ceil(bound / multipleOf) - 1) * multipleOf,
          (Math.floor(bound / multipleOf) + 1) * multipleOf,
        ]);
  return [...new Set([first, ...bounds, ...between, ...multiples, last])]
    .filter((value) => isWithin(value, domain))
    .sort((left, right) => left - right);
}

function isWithin(value: number, domain: NumberDomain): boolean {
  const { integer = false, multipleOf = 0 } = domain;
  const { minimum = -Infinity, maximum = Infinity } = domain;
  const { exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = domain;
  return (
    Number.isFinite(value) &&
    value >= minimum &&
    value <= maximum &&
    value > exclusiveMinimum &&
    value < exclusiveMaximum &&
    (!integer || Number.isInteger(value)) &&
    (multipleOf === 0 || Number.isInteger(value / multipleOf))
  );
}

/** One more, or the next number that there is: beyond 2^53 one more is the same. */
const above = (value: number): number =>
  value + 1 > value ? value + 1 : value + Math.abs(value) * Number.EPSILON;

/** Texts between others: the next one after `a` is `a` and the least character, and more of them if it is too short. */
function strings(texts: readonly string[], minLength: number): string[] {
  const long = texts.filter((text) => [...text].length >= minLength);
  const examples = new Set([''.padEnd(minLength), ...long]);
  for (const [index, text] of texts.entries()) {
    const after = `${text} `.padEnd(minLength);
    const next = texts[index + 1];
    if (next === undefined) examples.add(`${text}~`.padEnd(minLength, '~'));
    else if (after < next) examples.add(after);
  }
  if (texts.length === 0) examples.add('any'.padEnd(minLength));
  for (const text of texts.slice(0, alikeMax)) examples.add(alike(text));
  return [...examples];
}

const alikeMax = 10;

/** A text of the same form: where a schema asks for one, it may be another value. */
const alike = (text: string): string =>
  text.replaceAll(/[A-Z]/g, 'X').replaceAll(/[a-z]/g, 'x').replaceAll(/\d/g, '7');

const day = 86_400_000;

/** Whole days, before, between and after those that are named. */
function dates(texts: readonly string[]): string[] {
  // A year has four digits; those before and after have more, and a sign.
  const at = (ms: number): string[] => /^\d{4}-\d\d-\d\d/.exec(new Date(ms).toISOString()) ?? [];
  const times = texts.map((text) => Date.parse(text)).filter((ms) => Number.isFinite(ms));
  if (times.length === 0) return ['2026-01-01'];
  return [...new Set(times.flatMap((ms) => [ms - day, ms, ms + day].flatMap(at)))].sort();
}
