// Condition lists as analysts write them, `{ left, operator, right }` joined by and, or or a custom logic string,
// made into one expression.
import { checkRule, newRuleCheck, type RuleCheck } from './check-rule.js';
import { type Logic, parseConditionLogic } from './condition-logic.js';
import { didYouMean } from './did-you-mean.js';
import { type Expression, type ExpressionCheck, type ExpressionOptions, toExpression } from './expression.js';
import { type ExpressionProblem, type expressionErrors, invalidExpression } from './expression-errors.js';
import { expressionLimits } from './expression-limits.js';
import { standardOperators } from './standard-operators.js';
import { isPlainObject, ownValue } from './plain-data.js';

/** The operators of conditions; those that test one value take true or false on the right, true if it is left out. */
export const conditionOperatorNames = [
  'equalTo',
  'notEqualTo',
  'greaterThan',
  'greaterThanOrEqualTo',
  'lessThan',
  'lessThanOrEqualTo',
  'contains',
  'startsWith',
  'endsWith',
  'in',
  'notIn',
  'matchesAny',
  'isNull',
  'isBlank',
  'isEmpty',
  'isChanged',
  'wasSet',
  'wasSelected',
  'wasVisited',
  'hasError',
] as const;

export type ConditionOperator = (typeof conditionOperatorNames)[number];

const testsOneValue: ReadonlySet<string> = new Set([
  'isNull',
  'isBlank',
  'isEmpty',
  'isChanged',
  'wasSet',
  'wasVisited',
  'hasError',
]);

export interface Condition {
  readonly left: unknown;
  /** `none` marks a draft that is not finished; it is refused here. */
  readonly operator: ConditionOperator | 'none';
  readonly right?: unknown;
}

export interface ConditionList {
  readonly conditions: readonly Condition[];
  /** `and` if left out. */
  readonly logic?: 'and' | 'or' | (string & {});
}

/**
 * Makes one expression of a list of conditions.
 *
 * @throws {RecourseError} `expression.invalid` with all problems at once
 */
export function compileConditions(list: ConditionList, options: ExpressionOptions = {}): Expression {
  const { expression, problems } = checkConditions(list, options);
  if (expression === undefined) throw invalidExpression(problems);
  return expression;
}

/** As `compileConditions`, but gives the problems back. */
export function checkConditions(list: ConditionList, options: ExpressionOptions = {}): ExpressionCheck {
  const check = newRuleCheck(options.operators ?? standardOperators, options.typeOf);
  const rule = toRule(list, options.pointer ?? '', check);
  if (check.problems.length > 0) return { expression: undefined, problems: check.problems };
  return { expression: toExpression(rule, 'boolean', check), problems: [] };
}

function toRule(list: unknown, pointer: string, check: RuleCheck): unknown {
  const conditions = isPlainObject(list) ? ownValue(list, 'conditions') : undefined;
  if (!isPlainObject(list) || !Array.isArray(conditions)) {
    report(
      check,
      pointer,
      'condition-invalid',
      'there is no list of conditions',
      '{"conditions": […], "logic": "and"}',
    );
    return null;
  }
  const { conditionsMax } = expressionLimits;
  if (conditions.length === 0 || conditions.length > conditionsMax) {
    report(
      check,
      `${pointer}/conditions`,
      'condition-invalid',
      `there are ${conditions.length} conditions`,
      `1 to ${conditionsMax}`,
    );
    return null;
  }
  const rules = conditions.map((condition: unknown, index) =>
    toTest(condition, `${pointer}/conditions/${index}`, check),
  );
  return toLogic(ownValue(list, 'logic') ?? 'and', rules, `${pointer}/logic`, check);
}

function toTest(condition: unknown, pointer: string, check: RuleCheck): unknown {
  if (!isPlainObject(condition)) {
    report(
      check,
      pointer,
      'condition-invalid',
      'a condition is an object',
      '{"left": …, "operator": …, "right": …}',
    );
    return null;
  }
  const operator = ownValue(condition, 'operator');
  if (typeof operator !== 'string' || !conditionOperatorNames.some((name) => name === operator)) {
    reportOperator(operator, `${pointer}/operator`, check);
    return null;
  }
  const has = (name: string) => Object.hasOwn(condition, name);
  if (!has('left') || (!has('right') && !testsOneValue.has(operator))) {
    const lacking = has('left') ? 'right' : 'left';
    report(
      check,
      pointer,
      'condition-invalid',
      `${operator} has no ${lacking} side`,
      `"${lacking}": a value or an expression`,
    );
    return null;
  }
  const sides = has('right') ? ['left', 'right'] : ['left'];
  // Checked as one rule, so that types and variables are seen as they are anywhere else; then pointed at by its sides.
  const before = check.problems.length;
  const firstRead = check.reads.length;
  const { rule } = checkRule({ [operator]: sides.map((side) => ownValue(condition, side)) }, pointer, check);
  const point = (written: string) => {
    const prefix = `${pointer}/${operator}`;
    if (!written.startsWith(prefix)) return written;
    const rest = written.slice(prefix.length);
    return rest === ''
      ? pointer
      : rest.replace(/^\/([01])/, (_, side: string) => `${pointer}/${sides[Number(side)]}`);
  };
  for (let index = before; index < check.problems.length; index += 1) {
    const problem = check.problems[index]!;
    check.problems[index] = { ...problem, pointer: point(problem.pointer) };
  }
  for (let index = firstRead; index < check.reads.length; index += 1) {
    const read = check.reads[index]!;
    const equals = read.equals?.map(({ value, pointer: written }) => ({ value, pointer: point(written) }));
    check.reads[index] = {
      ...read,
      pointer: point(read.pointer),
      ...(equals === undefined ? {} : { equals }),
    };
  }
  repoint(rule, point, check);
  return rule;
}

/** Lets failures at run time point into the condition as it was written. */
function repoint(rule: unknown, point: (written: string) => string, check: RuleCheck): void {
  if (typeof rule !== 'object' || rule === null) return;
  const pointer = check.pointers.get(rule);
  if (pointer !== undefined) check.pointers.set(rule, point(pointer));
  for (const part of Object.values(rule)) repoint(part, point, check);
}

/** What is meant by the operators of rules. */
const ofSymbol: ReadonlyMap<string, string> = new Map([
  ['=', 'equalTo'],
  ['==', 'equalTo'],
  ['===', 'equalTo'],
  ['!=', 'notEqualTo'],
  ['!==', 'notEqualTo'],
  ['<', 'lessThan'],
  ['<=', 'lessThanOrEqualTo'],
  ['>', 'greaterThan'],
  ['>=', 'greaterThanOrEqualTo'],
]);

function reportOperator(operator: unknown, pointer: string, check: RuleCheck): void {
  const expected = conditionOperatorNames.join(', ');
  if (operator === 'none') {
    report(
      check,
      pointer,
      'condition-invalid',
      'the condition is not finished: it has no operator yet',
      expected,
    );
    return;
  }
  const name = typeof operator === 'string' ? operator : '';
  const near = ofSymbol.get(name) ?? didYouMean(name, conditionOperatorNames);
  report(
    check,
    pointer,
    'condition-invalid',
    `there is no operator ${JSON.stringify(name.slice(0, 60))}`,
    expected,
    near,
  );
}

function toLogic(logic: unknown, rules: readonly unknown[], pointer: string, check: RuleCheck): unknown {
  if (typeof logic !== 'string') {
    report(
      check,
      pointer,
      'logic-invalid',
      'the logic is text',
      'and, or, or numbers joined by AND, OR, NOT',
    );
    return null;
  }
  const { logic: parsed, fault } = parseConditionLogic(logic, rules.length);
  if (fault !== undefined) {
    report(
      check,
      pointer,
      'logic-invalid',
      `at character ${fault.position + 1}: ${fault.detail}`,
      fault.expected,
    );
    return null;
  }
  return toJsonLogic(parsed, rules);
}

function toJsonLogic(logic: Logic, rules: readonly unknown[]): unknown {
  if ('condition' in logic) return rules[logic.condition - 1];
  if ('not' in logic) return { '!': [toJsonLogic(logic.not, rules)] };
  return { [logic.operator]: logic.operands.map((operand) => toJsonLogic(operand, rules)) };
}

type Code = Parameters<typeof expressionErrors.error>[0];

function report(
  check: RuleCheck,
  pointer: string,
  code: Code,
  detail: string,
  expected: string,
  near?: string,
): void {
  const problem: ExpressionProblem = {
    pointer,
    code: `expression.${code}`,
    detail: near === undefined ? detail : `${detail}; did you mean ${JSON.stringify(near)}?`,
    expected,
    ...(near === undefined ? {} : { didYouMean: near }),
  };
  check.problems.push(problem);
}
