// Chooses how a query finds its documents: by `_id`, by byte ranges of one index, by several such ways, or by looking
// at all of them. A plan may find more than the filter matches, never less.
import type { Document } from 'bson';
import { compareBytes, equalValues } from '../bson/compare.js';
import { idBytes } from '../bson/key-bytes.js';
import { typeOf } from '../bson/type-of.js';
import { CommandError } from '../errors.js';
import type { Directions, IndexSpec } from '../store.js';
import { type Bounds, type ByteRange, intersect, joinBytes, prefixRange, toBounds } from './bounds.js';
import { type Condition, type Conditions, isNullish, meetInOneKey, toConditions } from './conditions.js';
import { idIndex, sameKey } from './index-spec.js';
import { holdsAllMatches } from './partial.js';

export type Plan =
  /** No document can match. */
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'id';
      /** Key bytes of the `_id`s, in order, without repeats. */
      readonly ids: readonly Uint8Array[];
      /** Whatever is found is known to match the whole filter. */
      readonly exact: boolean;
    }
  | IndexPlan
  /** A document may be found by several of them. */
  | { readonly kind: 'or'; readonly plans: readonly Plan[] }
  | { readonly kind: 'scan'; readonly reverse?: boolean };

export interface IndexPlan {
  readonly kind: 'index';
  readonly spec: IndexSpec;
  /** Disjoint and in order; from the last to the first, each backwards, if `reverse`. */
  readonly ranges: readonly ByteRange[];
  readonly reverse: boolean;
  /** The query has a sort, and this order satisfies it. */
  readonly sorted: boolean;
  /** Whatever is found is known to match the whole filter. */
  readonly exact: boolean;
}

export interface PlannedIndex {
  readonly spec: IndexSpec;
  /** Some document in it has an array on an indexed path (`Index.isMultikey`). */
  readonly multikey: boolean;
}

/** The parts of a query that decide its plan; in canonical form, and accepted by `compileFilter` and `compileSort`. */
export interface PlannedQuery {
  readonly filter: Document;
  readonly sort?: Document;
  readonly hint?: string | Document;
}

/** How many ranges the values of several fields may be multiplied into. */
export const rangesMax = 1_000;

/**
 * The best way to find the documents of a query. The `_id_` index is used for ranges and sorts if it is in the list.
 *
 * @throws {CommandError} `BadValue` if the hint names no index; `NoQueryExecutionPlans` if it names a partial index
 *   that may lack documents that match. A sparse index that is hinted is used as it is, as MongoDB does.
 */
export function planRead(query: PlannedQuery, indexes: readonly PlannedIndex[]): Plan {
  const { filter, hint } = query;
  if (hint === undefined) {
    const quick = quickPlan(filter);
    if (quick !== undefined) return quick;
  }
  const conditions = toConditions(filter);
  const sort = toSort(query.sort);
  const hinted = resolveHint(hint, indexes);
  if (isNever(conditions)) return { kind: 'empty' };
  switch (hinted.kind) {
    case 'none':
      return planFor(conditions, sort, indexes);
    case 'scan':
      return hinted;
    case 'id':
      return idPlan(conditions) ?? { kind: 'scan' };
    case 'index':
      return hintedPlan(hinted.index, conditions, sort);
  }
}

function hintedPlan(index: PlannedIndex, conditions: Conditions, sort: Directions | undefined): Plan {
  if (index.spec.partial !== undefined && !holdsAllMatches(index.spec, conditions)) {
    throw new CommandError(
      'NoQueryExecutionPlans',
      `the partial index ${index.spec.name} that is hinted may lack documents that match`,
    );
  }
  return toCandidate(index, conditions, sort).plan;
}

type Hint =
  | { readonly kind: 'none' }
  | { readonly kind: 'scan'; readonly reverse?: true }
  /** The `_id_` index, which every collection has, be it in the list or not. */
  | { readonly kind: 'id' }
  | { readonly kind: 'index'; readonly index: PlannedIndex };

function resolveHint(hint: string | Document | undefined, indexes: readonly PlannedIndex[]): Hint {
  if (hint === undefined) return { kind: 'none' };
  let meant: (spec: IndexSpec) => boolean;
  if (typeof hint === 'string') {
    meant = ({ name }) => name === hint;
  } else {
    if (Object.keys(hint).length === 0) return { kind: 'none' };
    const natural: unknown = hint['$natural'];
    if (natural !== undefined)
      return toDirection(natural) === -1 ? { kind: 'scan', reverse: true } : { kind: 'scan' };
    const key = toDirections(hint);
    meant = (spec) => key !== undefined && sameKey(spec.key, key);
  }
  const index = indexes.find(({ spec }) => meant(spec));
  if (index !== undefined) return { kind: 'index', index };
  if (meant(idIndex)) return { kind: 'id' };
  throw new CommandError('BadValue', 'hint provided does not correspond to an existing index');
}

/** Undefined unless every value is 1 or -1. */
function toDirections(document: Document): Directions | undefined {
  const directions: [string, 1 | -1][] = [];
  for (const path of Object.keys(document)) {
    const direction = toDirection(document[path]);
    if (direction === undefined) return undefined;
    directions.push([path, direction]);
  }
  return directions;
}

function toDirection(value: unknown): 1 | -1 | undefined {
  if (equalValues(value, 1)) return 1;
  return equalValues(value, -1) ? -1 : undefined;
}

/** Undefined if there is none, or none that an index could supply. */
function toSort(sort: Document | undefined): Directions | undefined {
  return sort === undefined || Object.keys(sort).length === 0 ? undefined : toDirections(sort);
}

/** A query by one `_id`, with or without more, is planned without looking at the rest. */
export function quickPlan(filter: Document): Extract<Plan, { kind: 'id' }> | undefined {
  if (!Object.hasOwn(filter, '_id')) return undefined;
  const id: unknown = filter['_id'];
  switch (typeOf(id)) {
    case 'objectId':
    case 'string':
    case 'int':
    case 'long':
    case 'double':
    case 'decimal':
    case 'bool':
    case 'date':
    case 'binData':
      return { kind: 'id', ids: [idBytes(id)], exact: isAlone(filter) };
    default:
      return undefined;
  }
}

function isAlone(filter: Document): boolean {
  for (const name in filter) if (name !== '_id') return false;
  return true;
}

/** An `$in` of nothing matches nothing, whatever the indexes hold. */
function isNever({ all }: Conditions): boolean {
  return all.some(({ test }) => test.kind === 'in' && test.values.length === 0);
}

function planFor(
  conditions: Conditions,
  sort: Directions | undefined,
  indexes: readonly PlannedIndex[],
): Plan {
  const byId = idPlan(conditions);
  if (byId !== undefined) return byId;
  const best = bestCandidate(conditions, sort, indexes);
  if (best !== undefined && best.equalities + best.ranged > 0) return best.plan;
  return planAlternatives(conditions, indexes) ?? best?.plan ?? { kind: 'scan' };
}

/** The `_id`s asked for, if the filter names them. An `_id` is never an array, a regular expression or missing. */
function idPlan({ all, alternatives, more }: Conditions): Plan | undefined {
  let ids: Uint8Array[] | undefined;
  let exact = !more && alternatives.length === 0 && all.length === 1;
  for (const { path, test, elements } of all) {
    if (path !== '_id' || test.kind !== 'in' || test.patterns.length > 0 || elements.length > 0) continue;
    if (ids !== undefined && ids.length <= test.values.length) continue;
    ids = test.values.map(idBytes);
    exact &&= !test.values.some((value) => isNullish(value) || Array.isArray(value));
  }
  if (ids === undefined) return undefined;
  ids.sort(compareBytes);
  return { kind: 'id', ids: ids.filter((id, at) => at === 0 || compareBytes(id, ids[at - 1]!) !== 0), exact };
}

interface Candidate {
  readonly plan: IndexPlan;
  /** Leading fields that are bound to single values. */
  readonly equalities: number;
  /** 1 if the field after them is bound to ranges. */
  readonly ranged: 0 | 1;
  /** Better first, compared number by number. */
  readonly merits: readonly number[];
}

function bestCandidate(
  conditions: Conditions,
  sort: Directions | undefined,
  indexes: readonly PlannedIndex[],
): Candidate | undefined {
  let best: Candidate | undefined;
  for (const index of indexes) {
    if (!mayHelp(index, conditions, sort) || !holdsAllMatches(index.spec, conditions)) continue;
    const candidate = toCandidate(index, conditions, sort);
    if (!isUseful(candidate, conditions)) continue;
    if (best === undefined || isBetter(candidate.merits, best.merits)) best = candidate;
  }
  return best;
}

/** Spares the work on indexes of other fields. */
function mayHelp({ spec }: PlannedIndex, { all }: Conditions, sort: Directions | undefined): boolean {
  if (sort !== undefined || spec.sparse || spec.partial !== undefined) return true;
  const first = spec.key[0]![0];
  return all.some(({ path }) => path === first);
}

/** Without bounds and order, an index helps if it leaves out documents that don't match. */
function isUseful({ plan, equalities, ranged }: Candidate, { all }: Conditions): boolean {
  if (equalities + ranged > 0 || plan.sorted || plan.spec.partial !== undefined) return true;
  return (
    plan.spec.sparse &&
    all.some(({ path, test }) => test.kind === 'exists' && plan.spec.key.some(([field]) => field === path))
  );
}

function isBetter(a: readonly number[], b: readonly number[]): boolean {
  for (const [at, merit] of a.entries()) if (merit !== b[at]) return merit > b[at]!;
  return false;
}

function toCandidate(
  { spec, multikey }: PlannedIndex,
  conditions: Conditions,
  sort: Directions | undefined,
): Candidate {
  const used: Condition[] = [];
  const fixed = new Set<string>();
  let exact = !multikey && !conditions.more && conditions.alternatives.length === 0;
  let prefixes: Uint8Array[] = [new Uint8Array(0)];
  let ranges: ByteRange[] | undefined;
  let equalities = 0;
  for (const [path, direction] of spec.key) {
    const bounds = fieldBounds(path, direction, multikey, conditions, used);
    if (bounds === undefined) break;
    // The values of one field alone may be as many as the query names.
    const { length } = bounds.ranges;
    if (prefixes.length > 1 && length > 1 && prefixes.length * length > rangesMax) break;
    used.push(...bounds.from);
    exact &&= bounds.exact;
    if (!bounds.points) {
      ranges = prefixes.flatMap((prefix) =>
        bounds.ranges.map(({ low, high }) => ({
          low: joinBytes(prefix, low),
          high: joinBytes(prefix, high),
        })),
      );
      break;
    }
    prefixes = prefixes.flatMap((prefix) => bounds.ranges.map(({ low }) => joinBytes(prefix, low)));
    equalities += 1;
    if (length === 1) fixed.add(path);
  }
  const ranged = ranges === undefined ? 0 : 1;
  const unique = spec.unique && equalities === spec.key.length && prefixes.length <= 1;
  const ordered = sort !== undefined && (!multikey || isById(sort));
  const reverse = ordered ? orderOf(spec.key, sort, fixed) : undefined;
  const sorted = sort !== undefined && (unique || reverse !== undefined);
  const found = ranges ?? prefixes.map(prefixRange);
  return {
    plan: {
      kind: 'index',
      spec,
      ranges: found,
      reverse: reverse === true,
      sorted,
      exact: exact && conditions.all.every((condition) => used.includes(condition)),
    },
    equalities,
    ranged,
    merits: [
      Number(unique),
      equalities,
      ranged,
      Number(sorted),
      Number(spec.partial !== undefined || spec.sparse),
      -found.length,
      -spec.key.length,
    ],
  };
}

interface FieldBounds extends Bounds {
  readonly from: readonly Condition[];
}

/**
 * Where the keys of all matching documents lie in this field. In a multikey index, a second condition counts only
 * if one and the same key has to meet it; otherwise each may be met by another key of the document.
 */
function fieldBounds(
  path: string,
  direction: 1 | -1,
  multikey: boolean,
  { all }: Conditions,
  usedBefore: readonly Condition[],
): FieldBounds | undefined {
  const usable: { condition: Condition; bounds: Bounds }[] = [];
  for (const condition of all) {
    if (condition.path !== path) continue;
    if (multikey && !usedBefore.every((other) => meetInOneKey(condition, other))) continue;
    const bounds = toBounds(condition.test, direction);
    if (bounds !== undefined) usable.push({ condition, bounds });
  }
  if (multikey) usable.sort((a, b) => rank(a.bounds) - rank(b.bounds));
  let result: FieldBounds | undefined;
  for (const { condition, bounds } of usable) {
    if (result === undefined) {
      result = { from: [condition], ...bounds };
    } else if (!multikey || result.from.every((other) => meetInOneKey(condition, other))) {
      result = { ...intersect(result, bounds), from: [...result.from, condition] };
    }
  }
  return result;
}

function rank({ points, ranges }: Bounds): number {
  return points ? ranges.length : Number.POSITIVE_INFINITY;
}

/** The `_id` is never an array: a multikey index has it in order, too, within one key of the fields before it. */
const isById = (sort: Directions): boolean => sort.length === 1 && sort[0]![0] === '_id';

/** True to read the index backwards for this sort, false to read it forwards, undefined if it isn't in this order. */
function orderOf(key: Directions, sort: Directions, fixed: ReadonlySet<string>): boolean | undefined {
  let sign: number | undefined;
  let at = 0;
  for (const [path, direction] of sort) {
    if (fixed.has(path)) continue;
    while (at < key.length && key[at]![0] !== path && fixed.has(key[at]![0])) at += 1;
    const field = key[at];
    if (field?.[0] !== path) return undefined;
    sign ??= field[1] * direction;
    if (field[1] * direction !== sign) return undefined;
    at += 1;
  }
  return sign === -1;
}

/** If each branch of an `$or` can be found by itself, together with the conditions around it. */
function planAlternatives(conditions: Conditions, indexes: readonly PlannedIndex[]): Plan | undefined {
  for (const branches of conditions.alternatives) {
    const plans = branches.map((branch) => planBranch(conditions, toConditions(branch), indexes));
    if (!plans.includes(undefined)) {
      const ways = plans.filter((plan) => plan !== undefined && plan.kind !== 'empty') as Plan[];
      return ways.length === 0 ? { kind: 'empty' } : { kind: 'or', plans: ways };
    }
  }
  return undefined;
}

/** Undefined if all documents would have to be looked at. */
function planBranch(
  around: Conditions,
  branch: Conditions,
  indexes: readonly PlannedIndex[],
): Plan | undefined {
  const conditions: Conditions = {
    all: [...around.all, ...branch.all],
    // The other alternatives around it stay out: trying them in each branch would multiply.
    alternatives: branch.alternatives,
    more: around.more || branch.more || around.alternatives.length > 1,
  };
  if (isNever(conditions)) return { kind: 'empty' };
  const plan = planFor(conditions, undefined, indexes);
  return plan.kind === 'scan' ? undefined : plan;
}
