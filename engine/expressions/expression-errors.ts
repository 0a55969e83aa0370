// The errors of expressions: those found when a rule is checked, and those found when it is evaluated.
import { defineErrors } from '../errors/catalogue.js';
import type { Problem } from '../errors/recourse-error.js';

const caller = { status: 422, who: 'caller', retryable: false } as const;

export const expressionErrors = defineErrors('expression', {
  invalid: { ...caller, title: 'Invalid expression', remedy: 'Correct each of the problems listed.' },
  'operator-unknown': {
    ...caller,
    title: 'Unknown operator',
    remedy:
      'Use an operator from docs/expressions.md; a literal object with one key goes into {"preserve": …}.',
  },
  'operator-refused': {
    ...caller,
    title: 'Operator not offered',
    remedy: 'Remove it, or do what it is for in a way that the problem names.',
  },
  'operand-count': {
    ...caller,
    title: 'Wrong number of operands',
    remedy: 'Give the operands that are expected.',
  },
  'operand-invalid': {
    ...caller,
    title: 'An operand of the wrong kind',
    remedy:
      'Give what the operator expects; for a value that may be null, test it first or use {"??": [value, default]}.',
  },
  'variable-invalid': {
    ...caller,
    title: 'Not a path of a variable',
    remedy: 'Write names separated by points, such as "order.lines.0.sku".',
  },
  'variable-unknown': {
    ...caller,
    title: 'Unknown variable',
    remedy: 'Correct the name, or give a default: {"var": ["name", default]}.',
  },
  'logic-in-literal': {
    ...caller,
    title: 'Logic inside a literal object is not evaluated',
    remedy: 'Build the object with {"object": ["key", value, …]}, or wrap a literal in {"preserve": …}.',
  },
  'data-invalid': {
    ...caller,
    title: 'Not plain JSON data',
    remedy: 'Use null, true, false, finite numbers, text, lists and plain objects without getters.',
  },
  'too-many-nodes': {
    ...caller,
    title: 'Expression too long',
    remedy: 'Split it into formulas; an expression has at most 500 values.',
  },
  'too-deep': { ...caller, title: 'Expression nested too deeply', remedy: 'Split it into formulas.' },
  'text-too-long': {
    ...caller,
    title: 'Text in an expression too long',
    remedy: 'Shorten it, or use a text template.',
  },
  'pattern-invalid': {
    ...caller,
    title: 'Not a regular expression of RE2',
    remedy: 'Use RE2 syntax: no look-around, no back-references, at most 500 characters.',
  },
  'condition-invalid': {
    ...caller,
    title: 'Not a condition',
    remedy: 'Give left, operator and, where the operator compares, right.',
  },
  'logic-invalid': {
    ...caller,
    title: 'Not a custom logic string',
    remedy: 'Join the numbers of all conditions with AND, OR, NOT and parentheses: 1 AND (2 OR 3).',
  },
  'template-invalid': {
    ...caller,
    title: 'Not a text template',
    remedy: 'Write merge fields as {{path}}; templates have no logic.',
  },
  'division-by-zero': {
    ...caller,
    title: 'Division by zero',
    remedy: 'Test the divisor with {"if": …} first.',
  },
  'number-range': {
    ...caller,
    title: 'Number out of range',
    remedy: 'Keep numbers below 1e308 in size; use money operators for money.',
  },
  'fuel-exhausted': {
    ...caller,
    title: 'Expression takes too many steps',
    remedy: 'Avoid lists inside lists; an evaluation may take 100,000 steps.',
  },
  'output-too-large': {
    ...caller,
    title: 'Result too large',
    remedy: 'Keep texts within 65,536 characters and lists within 10,000 items.',
  },
  'operator-failed': {
    status: 500,
    title: 'An operator failed',
    who: 'bug',
    retryable: false,
    remedy: 'Report it; the operator threw something that is not an error of ours.',
  },
});

/** One thing wrong with an expression, where it is and how to put it right. */
export interface ExpressionProblem extends Problem {
  /** What would have been accepted here. */
  readonly expected: string;
  /** The nearest name that exists. */
  readonly didYouMean?: string;
}

/** The error that carries all problems of an expression. */
export function invalidExpression(problems: readonly ExpressionProblem[]) {
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return expressionErrors.error('invalid', `${problems[0]?.detail ?? 'invalid expression'}${more}`, {
    problems,
  });
}
