// Changes variables, one assignment after the other.
import { isDateText, isInstantText, toDate, toInstant } from '../calendar/instant.js';
import type { Json, Rule } from '../definition/flow.js';
import { defineErrors } from '../errors/catalogue.js';
import { add as addNumbers, subtract as subtractNumbers } from '../expressions/decimal.js';
import { isMoney, negateMoney, subtractMoney, sumMoney } from '../money/money.js';
import type { ElementType } from './element.js';
import { ruleSchema } from './rule-schema.js';
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

export const assignmentOperators = [
  'assign',
  'add',
  'subtract',
  'addItem',
  'addAtStart',
  'assignCount',
  'removeAll',
  'removeFirst',
  'removeBeforeFirst',
  'removeAfterFirst',
  'removePosition',
  'removeUncommon',
] as const;

type AssignmentOperator = (typeof assignmentOperators)[number];

interface AssignmentProperties {
  readonly assignments: readonly {
    readonly target: string;
    readonly operator?: AssignmentOperator;
    readonly value: Rule;
  }[];
}

export const assignmentElement: ElementType<AssignmentProperties> = {
  type: 'assignment',
  title: 'Assignment',
  description:
    'Sets variables, or parts of them, in order; each assignment sees those before it. Before a save it also sets fields of `$record`.',
  schema: {
    type: 'object',
    properties: {
      assignments: {
        type: 'array',
        minItems: 1,
        maxItems: 200,
        description: 'Assignments in the order in which they are made.',
        examples: [[{ target: 'total', operator: 'add', value: { var: 'line.amount' } }]],
        items: {
          type: 'object',
          properties: {
            target: {
              type: 'string',
              minLength: 1,
              maxLength: 256,
              description: 'Variable, or a part of one; before a save also `$record` and a field.',
              examples: ['order.note'],
            },
            operator: {
              enum: [...assignmentOperators],
              description:
                'What is done with the value; assign if left out. add, subtract: numbers, money, days of a date or a point in time; add also text to text and items to a list, subtract also takes items out. addItem: the value as one more item; addAtStart: before the others; assignCount: how many items the value has. removeAll, removeFirst: items equal to the value; removeBeforeFirst, removeAfterFirst: what is before or after the first such item, which stays; removePosition: the item at a position, counted from 1; removeUncommon: items that the value, a list, does not have.',
              examples: ['add'],
            },
            value: ruleSchema('Rule or plain value.', { var: 'line.amount' }),
          },
          required: ['target', 'value'],
          additionalProperties: false,
        },
      },
    },
    required: ['assignments'],
    additionalProperties: false,
  },
  outlets: ({ next }) => [{ name: 'next', target: next, pointer: '/next' }],
  output: () => 'none',
  summary: ({ assignments }) =>
    assignments.map(({ target, operator }) => `${operator ?? 'assign'} ${target}`).join(', '),
  compile({ assignments }, at) {
    const compiled = assignments.map(({ target, operator = 'assign', value }, index) => {
      const compiled = at.expression(value, `/assignments/${index}/value`);
      // The other operators make something of the value; only this one stores it as it is.
      at.target(target, `/assignments/${index}/target`, operator === 'assign' ? compiled : undefined);
      return { target, operator, value: compiled };
    });
    return {
      enter(visit) {
        for (const { target, operator, value } of compiled) {
          const given = visit.evaluate(value);
          visit.assign(target, operate[operator](visit.variable(target) ?? null, given));
        }
        return { kind: 'go', outlet: 'next' };
      },
    };
  },
};

type Operate = (current: Json, given: Json) => Json;

const operate: Readonly<Record<AssignmentOperator, Operate>> = {
  assign: (_current, given) => given,
  add: (current, given) => add(current, given, 1),
  subtract: (current, given) => add(current, given, -1),
  addItem: (current, given) => [...toList(current, 'addItem'), given],
  addAtStart: (current, given) => [
    ...(Array.isArray(given) ? given : [given]),
    ...toList(current, 'addAtStart'),
  ],
  assignCount: (_current, given) => toList(given, 'assignCount').length,
  removeAll: (current, given) => {
    const gone = keysOf(Array.isArray(given) ? given : [given]);
    return toList(current, 'removeAll').filter((item) => !gone.has(valueKey(item)));
  },
  removeFirst: (current, given) => {
    const list = toList(current, 'removeFirst');
    const index = indexOf(list, given);
    return index < 0 ? list : list.toSpliced(index, 1);
  },
  removeBeforeFirst: (current, given) => {
    const list = toList(current, 'removeBeforeFirst');
    return list.slice(Math.max(0, indexOf(list, given)));
  },
  removeAfterFirst: (current, given) => {
    const list = toList(current, 'removeAfterFirst');
    const index = indexOf(list, given);
    return index < 0 ? list : list.slice(0, index + 1);
  },
  removePosition: (current, given) => {
    const list = toList(current, 'removePosition');
    if (typeof given !== 'number' || !Number.isInteger(given) || given < 1 || given > list.length) {
      throw invalid(`removePosition: there is no position ${JSON.stringify(given)} among ${list.length}`);
    }
    return list.toSpliced(given - 1, 1);
  },
  removeUncommon: (current, given) => {
    const kept = keysOf(toList(given, 'removeUncommon'));
    return toList(current, 'removeUncommon').filter((item) => kept.has(valueKey(item)));
  },
};

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
  if (sign === -1 && Array.isArray(current)) return operate.removeAll(current, given);
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
