// Operators that look variables up: strict about names, never about null.
import { didYouMean } from '../did-you-mean.js';
import { expressionErrors } from '../expression-errors.js';
import { expressionLimits } from '../expression-limits.js';
import { type Extent, itemOf, joined, listExtent, nullExtent, partOf, textExtent } from '../extent.js';
import { asInteger, asList, unexpected } from '../operands.js';
import type { Call, Estimating, Operator } from '../operator.js';
import { isPlainObject } from '../plain-data.js';
import { absent, namesNear, resolvePath, toSegments } from '../variable-path.js';

/** Names that start with `$` are found from anywhere; `$root` is the whole scope. */
export function lookUp(path: unknown, call: Call): unknown {
  const segments = toSegments(path);
  const [first] = segments;
  if (first?.startsWith('$') === true) {
    return first === '$root' ? resolvePath(call.root, segments.slice(1)) : resolvePath(call.root, segments);
  }
  return resolvePath(call.data, segments);
}

function unknownVariable(path: unknown, data: unknown, segments: readonly string[]) {
  const name = segments.join('.');
  const near = didYouMean(name, namesNear(data, segments));
  const hint = near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`;
  return expressionErrors.error('variable-unknown', `there is no variable ${JSON.stringify(name)}${hint}`, {
    data: { path, ...(near === undefined ? {} : { didYouMean: near }) },
  });
}

function isMissing(path: unknown, call: Call): boolean {
  const value = lookUp(path, call);
  return value === absent || value === null || value === '';
}

function missingOf(paths: readonly unknown[], call: Call): unknown[] {
  call.spend(paths.length);
  return paths.filter((path) => isMissing(path, call));
}

/** The data and names that `val` and `exists` mean: names as operands, perhaps after `[levels]` further out. */
function target(operands: readonly unknown[], call: Call): { data: unknown; segments: string[] } {
  const [first, ...more] = operands;
  const jump = Array.isArray(first);
  const data = jump ? call.outer(Math.abs(asInteger(first[0], -40, 40))) : call.data;
  const segments = (jump ? more : operands).map((name) => {
    if (typeof name === 'string') return name;
    if (typeof name === 'number' && Number.isInteger(name)) return String(name);
    throw unexpected('a name or an index', name);
  });
  return { data, segments };
}

/** One list may stand for all names, unless it is a number in a list, which says how far outwards. */
function spread(operands: readonly unknown[]): readonly unknown[] {
  const [only] = operands;
  if (operands.length !== 1 || !Array.isArray(only)) return operands;
  return Array.isArray(only[0]) || (only.length === 1 && typeof only[0] === 'number') ? operands : only;
}

/** Bound on what stands at names given one by one. */
function named(names: readonly Extent[], at: Estimating): Extent {
  const [first] = names;
  // `[n]` goes outwards; a list of more may stand for all names.
  const levels = first?.length === 1 ? partOf(first, '0').value : undefined;
  const from = typeof levels === 'number' ? at.outer(Math.abs(levels)) : at.data;
  const known = names.slice(typeof levels === 'number' ? 1 : 0).map(({ value }) => value);
  return known.every((name) => typeof name === 'string' || typeof name === 'number')
    ? known.map(String).reduce(partOf, from)
    : at.anything;
}

export const variableOperators: readonly Operator[] = [
  {
    name: 'var',
    group: 'Variables',
    summary:
      'The value at a path. A name that does not exist is an error unless a default is given; a field of null is null, or the default. Names with `$` and `$root.…` are found from inside iterations too.',
    operands: [
      { name: 'path', kind: 'path', optional: true },
      { name: 'default', kind: 'any', optional: true },
    ],
    result: 'unknown',
    evaluate([path, fallback], call) {
      const value = lookUp(path, call);
      if (value !== absent && !(value === null && fallback !== undefined && isBelowNull(path, call)))
        return value;
      if (fallback !== undefined) return fallback;
      if (call.optional) return null;
      const segments = toSegments(path);
      throw unknownVariable(path, segments[0]?.startsWith('$') === true ? call.root : call.data, segments);
    },
    estimate([path, fallback], at) {
      const known = path === undefined ? '' : path.value;
      const value = known === undefined ? at.anything : at.lookUp(String(known ?? ''));
      return fallback === undefined ? value : joined(value, fallback);
    },
    example: { rule: { var: 'order.number' }, scope: { order: { number: 'A-7' } }, result: 'A-7' },
  },
  {
    name: 'val',
    group: 'Variables',
    summary:
      'The value at names given one by one, so that they may contain points. A first operand `[n]` goes outwards: `[1]` is `{index}` of the iteration, `[2]` what surrounds it.',
    operands: [],
    rest: { name: 'name', kind: 'any' },
    result: 'unknown',
    evaluate(operands, call) {
      const { data, segments } = target(spread(operands), call);
      const value = resolvePath(data, segments);
      if (value !== absent) return value;
      if (call.optional) return null;
      throw unknownVariable(segments.join('.'), data, segments);
    },
    estimate: named,
    example: {
      rule: { map: [[10, 20], { '+': [{ val: [] }, { val: [[1], 'index'] }, { val: [[2], 'extra'] }] }] },
      scope: { extra: 5 },
      result: [15, 26],
    },
  },
  {
    name: 'exists',
    group: 'Variables',
    summary: 'Whether there is a variable at names given one by one; null is there.',
    operands: [],
    rest: { name: 'name', kind: 'any' },
    result: 'boolean',
    evaluate(operands, call) {
      const { data, segments } = target(spread(operands), call);
      if (segments.length === 0) return true;
      const parent = resolvePath(data, segments.slice(0, -1));
      return parent !== null && resolvePath(data, segments) !== absent;
    },
    example: { rule: { exists: ['order', 'note'] }, scope: { order: { note: null } }, result: true },
  },
  {
    name: 'missing',
    group: 'Variables',
    summary: 'Those of the paths that have no value: missing, null or empty text.',
    operands: [],
    rest: { name: 'path', kind: 'any' },
    result: 'list',
    evaluate(operands, call) {
      const [first] = operands;
      return missingOf(Array.isArray(first) ? first : operands, call);
    },
    estimate(operands, at) {
      const paths = Math.max(operands.length, operands[0]?.length ?? 0);
      at.spend(paths);
      return listExtent(paths, operands.reduce(joined, textExtent(expressionLimits.pathCharsMax)));
    },
    example: { rule: { missing: ['name', 'street'] }, scope: { name: 'Ada' }, result: ['street'] },
  },
  {
    name: 'missing_some',
    group: 'Variables',
    summary: 'An empty list if at least that many of the paths have a value, otherwise those that have none.',
    operands: [
      { name: 'least', kind: 'number' },
      { name: 'paths', kind: 'list' },
    ],
    result: 'list',
    evaluate([least, paths], call) {
      const wanted = asList(paths);
      const without = missingOf(wanted, call);
      return wanted.length - without.length >= asInteger(least) ? [] : without;
    },
    estimate([, paths], at) {
      at.spend(paths!.length);
      return listExtent(paths!.length, itemOf(paths!));
    },
    example: { rule: { missing_some: [1, ['email', 'phone']] }, scope: { phone: '1' }, result: [] },
  },
  {
    name: '??',
    group: 'Variables',
    summary: 'The first operand that is not null; a variable that does not exist counts as null here.',
    operands: [],
    rest: { name: 'value', kind: 'any' },
    lazy: true,
    result: (types) => types.find((type) => type !== 'null') ?? 'null',
    evaluate(operands, call) {
      for (const operand of operands) {
        const value = call.evaluateOptional(operand);
        if (value !== null) return value;
      }
      return null;
    },
    estimateLazy: (operands, at) =>
      operands.map((operand) => at.evaluate(operand)).reduce(joined, nullExtent),
    example: {
      rule: { '??': [{ var: 'nickname' }, { var: 'name' }] },
      scope: { name: 'Ada' },
      result: 'Ada',
    },
  },
];

function isBelowNull(path: unknown, call: Call): boolean {
  const segments = toSegments(path);
  const parentPath = segments.slice(0, -1).join('.');
  const data = segments[0]?.startsWith('$') === true ? call.root : call.data;
  if (segments.length < 2) return !isPlainObject(data) && !Array.isArray(data);
  return lookUp(parentPath, call) === null;
}
