// Operands that never go together, whatever the data are: tried out where enough is known of them.
import { RecourseError } from '../errors/recourse-error.js';
import type { CheckedRule } from './check-rule.js';
import { describe } from './operands.js';
import type { Call, ExpressionType, Operator } from './operator.js';

/** What stands for all values of a type: which one it is never decides whether an operator takes it. */
const examples: Partial<Record<ExpressionType, unknown>> = {
  date: '2026-11-22',
  dateTime: '2026-11-22T10:00:00Z',
  number: 1,
  money: { amount: '1.00', currency: 'EUR' },
};

const words: Partial<Record<ExpressionType, string>> = {
  date: 'a date',
  dateTime: 'a point in time',
  number: 'a number',
  money: 'money',
};

/** Thrown by what an operator asks for beyond its operands: of that nothing is known. */
const ask = (): never => {
  throw new Error('nothing is known of this yet');
};
const call: Call = {
  get data() {
    return ask();
  },
  get root() {
    return ask();
  },
  spend() {},
  calendar: ask,
  outer: ask,
  evaluate: ask,
  optional: false,
  evaluateOptional: ask,
  each: ask,
};

/** What an operator says of its operands; that a result is out of range, only an evaluation finds. */
const ofOperands = new Set(['expression.operand-invalid', 'money.currency-mixed']);

/** Reports operands that an operator refuses together, although it may take each of them. */
export function checkTogether(
  { name, evaluate, lazy }: Operator,
  operands: readonly CheckedRule[],
  report: (detail: string, expected: string) => void,
): void {
  if (evaluate === undefined || lazy === true) return;
  const values = operands.map(({ rule, type }) => (isLiteral(rule) ? rule : examples[type]));
  if (values.includes(undefined)) return;
  try {
    evaluate(values, call);
  } catch (error) {
    if (!(error instanceof RecourseError) || !ofOperands.has(error.code)) return;
    // Of amounts that are not written down, the currency is not known.
    if (error.code === 'money.currency-mixed' && !operands.every(({ rule }) => isLiteral(rule))) return;
    const { expected } = error.data as { readonly expected?: unknown };
    if (typeof expected !== 'string') {
      report(`${name}: ${error.message}`, 'operands that go together');
      return;
    }
    const given = operands.map(({ rule, type }) => (isLiteral(rule) ? describe(rule) : words[type]));
    report(`${name} needs ${expected}, and is given ${given.join(', ')}`, expected);
  }
}

/** Whether a checked rule is its own value. */
export function isLiteral(rule: unknown): boolean {
  if (typeof rule !== 'object' || rule === null) return true;
  return Array.isArray(rule) ? rule.every(isLiteral) : Object.keys(rule).length !== 1;
}
