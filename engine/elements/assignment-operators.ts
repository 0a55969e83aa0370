// What the operators of assignments work on, and what they make of it: of numbers, money, dates, texts and lists.
import { isDateText, isInstantText, toDate, toInstant } from '../calendar/instant.js';
import type { Json } from '../definition/flow.js';
import { defineErrors } from '../errors/catalogue.js';
import { add as addNumbers, subtract as subtractNumbers } from '../expressions/decimal.js';
import type { ExpressionType } from '../expressions/index.js';
import { isMoney, negateMoney, subtractMoney, sumMoney } from '../money/money.js';
import { valueKey } from './value-key.js';

export const assignmentErrors = defineErrors('assignment', {
  'value-invalid': {
    status: 422,
    title: 'The value does not fit the operator',
    who: 'caller',
    retryable: false,
    remedy: 'Give the operator what it works on, or use assign.',
  },
});

type Kinds = readonly ExpressionType[] | 'all';

/** What an operator is given beside what stands there: kinds of targets, and of values that go with these. */
type Fit = readonly [target: Kinds, value: Kinds];

interface AssignmentOperator {
  readonly fits: readonly Fit[];
  make(current: Json, given: Json): Json;
}

const texts: Kinds = ['string', 'date', 'dateTime', 'duration'];
/** An object may be an amount, too. */
const amounts: Kinds = ['money', 'object'];
const ofAmounts: readonly Fit[] = [
  [['number'], ['number']],
  [amounts, amounts],
  [['string', 'date', 'dateTime'], ['number']],
  [['list'], 'all'],
];
const ofLists = (value: Kinds = 'all'): readonly Fit[] => [[['list'], value]];

const operators = {
  assign: { fits: [['all', 'all']], make: (_current, given) => given },
  add: { fits: [...ofAmounts, [texts, texts]], make: (current, given) => add(current, given, 1) },
  subtract: { fits: ofAmounts, make: (current, given) => add(current, given, -1) },
  addItem: { fits: ofLists(), make: (current, given) => [...toList(current, 'addItem'), given] },
  addAtStart: {
    fits: ofLists(),
    make: (current, given) => [...(Array.isArray(given) ? given : [given]), ...toList(current, 'addAtStart')],
  },
  assignCount: {
    fits: [[['number'], ['list', 'null']]],
    make: (_current, given) => toList(given, 'assignCount').length,
  },
  removeAll: { fits: ofLists(), make: (current, given) => removeAll(toList(current, 'removeAll'), given) },
  removeFirst: {
    fits: ofLists(),
    make(current, given) {
      const list = toList(current, 'removeFirst');
      const index = indexOf(list, given);
      return index < 0 ? list : list.toSpliced(index, 1);
    },
  },
  removeBeforeFirst: {
    fits: ofLists(),
    make(current, given) {
      const list = toList(current, 'removeBeforeFirst');
      return list.slice(Math.max(0, indexOf(list, given)));
    },
  },
  removeAfterFirst: {
    fits: ofLists(),
    make(current, given) {
      const list = toList(current, 'removeAfterFirst');
      const index = indexOf(list, given);
      return index < 0 ? list : list.slice(0, index + 1);
    },
  },
  removePosition: {
    fits: ofLists(['number']),
    make(current, given) {
      const list = toList(current, 'removePosition');
      if (typeof given !== 'number' || !Number.isInteger(given) || given < 1 || given > list.length) {
        throw invalid(`removePosition: there is no position ${JSON.stringify(given)} among ${list.length}`);
      }
      return list.toSpliced(given - 1, 1);
    },
  },
  removeUncommon: {
    fits: ofLists(['list', 'null']),
    make(current, given) {
      const kept = keysOf(toList(given, 'removeUncommon'));
      return toList(current, 'removeUncommon').filter((item) => kept.has(valueKey(item)));
    },
  },
} satisfies Readonly<Record<string, AssignmentOperator>>;

export type AssignmentOperatorName = keyof typeof operators;

/** What assignments do, by name. */
export const assignmentOperators: Readonly<Record<AssignmentOperatorName, AssignmentOperator>> = operators;

export const assignmentOperatorNames = Object.keys(operators) as readonly AssignmentOperatorName[];

/** Why an operator always fails on a target and a value of these types; undefined: it may work. */
export function operatorProblem(
  operator: AssignmentOperatorName,
  path: string,
  target: ExpressionType,
  value: ExpressionType,
): { readonly of: 'operator' | 'value'; readonly detail: string; readonly expected: string } | undefined {
  const ofTarget = fitsOf(operator, target);
  if (ofTarget.length === 0) {
    const others = assignmentOperatorNames.filter((name) => fitsOf(name, target).length > 0);
    const detail = `${operator} does not go with ${path}, a ${target}`;
    return { of: 'operator', detail, expected: `one of ${others.join(', ')}` };
  }
  if (ofTarget.some(([, kinds]) => includes(kinds, value))) return undefined;
  const kinds = new Set(ofTarget.flatMap(([, kind]) => kind));
  const detail = `${operator} takes no ${value} for ${path}`;
  return { of: 'value', detail, expected: `a ${[...kinds].join(' or ')}` };
}

const fitsOf = (operator: AssignmentOperatorName, target: ExpressionType): readonly Fit[] =>
  assignmentOperators[operator].fits.filter(([kinds]) => includes(kinds, target));

const includes = (kinds: Kinds, type: ExpressionType): boolean =>
  type === 'unknown' || kinds === 'all' || kinds.includes(type);

const invalid = (detail: string) => assignmentErrors.error('value-invalid', detail);

/** Null counts as the empty list: a variable that was never set. */
function toList(value: Json, operator: string): readonly Json[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value;
  throw invalid(`${operator} works on lists`);
}

const keysOf = (list: readonly Json[]): ReadonlySet<string> => new Set(list.map(valueKey));

function indexOf(list: readonly Json[], value: Json): number {
  const key = valueKey(value);
  return list.findIndex((item) => valueKey(item) === key);
}

function removeAll(list: readonly Json[], given: Json): Json {
  const gone = keysOf(Array.isArray(given) ? given : [given]);
  return list.filter((item) => !gone.has(valueKey(item)));
}

/** Numbers, money, days to dates, text to text, items to lists. */
function add(current: Json, given: Json, sign: 1 | -1): Json {
  const operator = sign === 1 ? 'add' : 'subtract';
  if (typeof given === 'number' && (current === null || typeof current === 'number')) {
    return (sign === 1 ? addNumbers : subtractNumbers)(current ?? 0, given);
  }
  if (isMoney(given) && current === null) return asJson(sign === 1 ? given : negateMoney(given));
  if (isMoney(given) && isMoney(current)) {
    return asJson(sign === 1 ? sumMoney([current, given]) : subtractMoney(current, given));
  }
  if (typeof current === 'string' && typeof given === 'number') {
    const moved = addDays(current, sign * given);
    if (moved !== undefined) return moved;
  }
  if (sign === 1 && typeof given === 'string' && (current === null || typeof current === 'string')) {
    return `${current ?? ''}${given}`;
  }
  if (sign === 1 && (current === null || Array.isArray(current))) {
    return [...toList(current, operator), ...(Array.isArray(given) ? given : [given])];
  }
  if (sign === -1 && Array.isArray(current)) return removeAll(current, given);
  throw invalid(`${operator} can't work on ${kindOf(current)} and ${kindOf(given)}`);
}

/** A date or a point in time later by days, those of a point in time having 24 hours; undefined: it is neither. */
function addDays(text: string, days: number): string | undefined {
  const isDate = isDateText(text);
  if (!isDate && !isInstantText(text)) return undefined;
  if (isDate && !Number.isInteger(days)) throw invalid(`a date is moved by whole days, not by ${days}`);
  const start = isDate ? toDate(text) : toInstant(text);
  try {
    return (
      'day' in start ? start.add({ days }) : start.add({ seconds: Math.round(days * 86_400) })
    ).toString();
  } catch {
    throw invalid(`${text} can't be moved by ${days} days`);
  }
}

const asJson = ({ amount, currency }: { amount: string; currency: string }): Json => ({ amount, currency });

const kindOf = (value: Json): string =>
  value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
