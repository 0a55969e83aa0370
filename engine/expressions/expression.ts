// Expressions: a rule is checked once, completely, and can then be evaluated any number of times.
import { checkRule, newRuleCheck, type Read, type RuleCheck } from './check-rule.js';
import { type Estimate, estimateRule } from './estimate.js';
import { Evaluator, type Outcome } from './evaluator.js';
import { invalidExpression, type ExpressionProblem } from './expression-errors.js';
import type { Extent } from './extent.js';
import type { ExpressionType, OperatorRegistry } from './operator.js';
import { standardOperators } from './standard-operators.js';
import { TruthRecorder, type TruthOperand } from './truth.js';

/**
 * What an expression is evaluated over, plain JSON: variables and outputs by name, and the globals `$record`, `$recordPrior`,
 * `$user`, `$permission`, `$flow`, `$now`, `$error` and `$calendar` (business calendars by name).
 */
export type Scope = Readonly<Record<string, unknown>>;

export interface ExpressionOptions {
  /** The operators that may be used; the standard ones if left out. */
  readonly operators?: OperatorRegistry;
  /** The type of the variable at a path (`order.lines.*.price`), if it is declared. */
  readonly typeOf?: (path: string) => ExpressionType | undefined;
  /** JSON pointer at which the rule stands in its document; problems are reported below it. */
  readonly pointer?: string;
}

/** A rule that has been checked. */
export interface Expression {
  readonly type: ExpressionType;
  /** The variables that it reads, each as often as it is read. */
  readonly reads: readonly Read[];
  /** Whether it reads variables whose names are computed, too. */
  readonly readsMore: boolean;
  /** What its operators look up in the scope by themselves. */
  readonly sees: ReadonlySet<string>;
  /** Whether that may be anything. */
  readonly seesAll: boolean;
  /**
   * The value over a scope, within fuel and size; it may share parts with the scope, so neither may be changed in place.
   *
   * @throws {RecourseError} `expression.*`, `money.*`, `calendar.*`; `problems[0].pointer` says where
   */
  evaluate(scope: Scope): Outcome;
  /** The value with its truth table; as `evaluate`, and an error has the table so far in `data.truth`. */
  evaluateWithTruth(scope: Scope): Outcome & { readonly truth: TruthOperand };
  /** The most steps that an evaluation takes over a scope within these bounds, or within what is assumed of data. */
  estimate(scope?: Extent): Estimate;
}

/** What a check found: an expression, or everything that is wrong with it. */
export type ExpressionCheck =
  | { readonly expression: Expression; readonly problems: readonly [] }
  | { readonly expression: undefined; readonly problems: readonly ExpressionProblem[] };

/**
 * Makes an expression of a JsonLogic rule.
 *
 * @throws {RecourseError} `expression.invalid` with all problems at once
 */
export function compileExpression(rule: unknown, options: ExpressionOptions = {}): Expression {
  const { expression, problems } = checkExpression(rule, options);
  if (expression === undefined) throw invalidExpression(problems);
  return expression;
}

/** As `compileExpression`, but gives the problems back, for whoever collects those of a whole flow. */
export function checkExpression(rule: unknown, options: ExpressionOptions = {}): ExpressionCheck {
  const check = newRuleCheck(options.operators ?? standardOperators, options.typeOf);
  const checked = checkRule(rule, options.pointer ?? '', check);
  if (check.problems.length > 0) return { expression: undefined, problems: check.problems };
  return { expression: toExpression(checked.rule, checked.type, check), problems: [] };
}

/** An expression of a rule that a check has accepted. */
export function toExpression(rule: unknown, type: ExpressionType, check: RuleCheck): Expression {
  const evaluator = evaluatorOf(check.operators);
  return {
    type,
    reads: check.reads,
    readsMore: check.readsMore,
    sees: check.sees,
    seesAll: check.seesAll,
    evaluate: (scope) => evaluator.evaluate(rule, scope, check.pointers),
    evaluateWithTruth(scope) {
      const recorder = new TruthRecorder();
      const outcome = evaluator.evaluate(rule, scope, check.pointers, recorder);
      return { truth: recorder.table(), ...outcome };
    },
    estimate: (scope) => estimateRule(rule, check.operators, check.pointers, scope),
  };
}

// One evaluator, with its private copy of json-logic-js, lives as long as its registry of operators.
const evaluators = new WeakMap<OperatorRegistry, Evaluator>();

function evaluatorOf(operators: OperatorRegistry): Evaluator {
  const known = evaluators.get(operators);
  if (known !== undefined) return known;
  const evaluator = new Evaluator(operators);
  evaluators.set(operators, evaluator);
  return evaluator;
}
