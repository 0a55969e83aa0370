// json-logic-js at work behind our door: every step of its recursion passes through the `apply` below, which counts
// fuel, keeps the iterations, writes truth tables and evaluates our lazy operators.
import { BusinessCalendar, type CalendarData } from '../calendar/business-calendar.js';
import { RecourseError } from '../errors/recourse-error.js';
import { isTruthy } from './compare.js';
import { expressionErrors } from './expression-errors.js';
import { expressionLimits } from './expression-limits.js';
import type { Call, Operator, OperatorRegistry } from './operator.js';
import { checkOutput } from './plain-data.js';
import { unexpected } from './operands.js';
import { type JsonLogic, loadPrivateJsonLogic } from './private-json-logic.js';
import type { TruthRecorder } from './truth.js';
import { resolvePath } from './variable-path.js';

/** JsonLogic's own iterations, which json-logic-js evaluates itself. */
const iterations = new Set(['map', 'filter', 'reduce', 'all', 'some', 'none']);

export interface Outcome {
  readonly value: unknown;
  /** Steps that were taken. */
  readonly fuel: number;
}

/** Evaluates rules that have been checked; one for each registry of operators. */
export class Evaluator {
  readonly #logic: JsonLogic;
  readonly #original: JsonLogic['apply'];
  readonly #operators = new Map<string, Operator>();
  readonly #calendars = new WeakMap<object, BusinessCalendar>();
  #run: Run | undefined;

  constructor(registry: OperatorRegistry) {
    this.#logic = loadPrivateJsonLogic();
    this.#original = this.#logic.apply;
    this.#logic.apply = this.#apply;
    this.#logic.truthy = isTruthy;
    for (const refused of ['log', 'method']) this.#logic.rm_operation(refused);
    for (const operator of registry) {
      this.#operators.set(operator.name, operator);
      const { evaluate, lazy, name } = operator;
      if (evaluate === undefined || lazy === true) continue;
      const evaluator = this;
      this.#logic.add_operation(name, function (this: unknown, ...operands) {
        return evaluate(operands, new OperatorCall(evaluator.#run!, this));
      });
    }
  }

  /**
   * Evaluates a checked rule.
   *
   * @throws {RecourseError} `expression.*`, `money.*`, `calendar.*`, with the pointer of the operator that failed
   */
  evaluate(rule: unknown, scope: unknown, pointers: WeakMap<object, string>, truth?: TruthRecorder): Outcome {
    const outer = this.#run;
    const run = new Run(scope, truth, this.#apply, this.#calendar);
    this.#run = run;
    try {
      const value = this.#apply(rule, scope);
      checkOutput(value);
      return { value, fuel: run.steps };
    } catch (error) {
      throw located(error, run.failed, pointers, truth);
    } finally {
      this.#run = outer;
    }
  }

  readonly #apply = (logic: unknown, data: unknown): unknown => {
    const run = this.#run!;
    run.spend(1);
    const iteration = run.iterations.at(-1);
    const ofIteration = iteration !== undefined && iteration.depth === run.depth;
    const isList = ofIteration && iteration.advance() === 0;
    const value =
      ofIteration && run.truth !== undefined && iteration.index >= expressionLimits.truthIterationsMax
        ? this.#valueUntold(logic, data, run, run.truth)
        : this.#valueOf(logic, data, run);
    // json-logic-js takes what is no list for an empty one; here it is an error.
    if (isList && iteration.before > 0 && !Array.isArray(value)) throw unexpected('a list', value);
    return value;
  };

  /** The value of a part that the truth table leaves out. */
  #valueUntold(logic: unknown, data: unknown, run: Run, truth: TruthRecorder): unknown {
    truth.omit();
    run.truth = undefined;
    const value = this.#valueOf(logic, data, run);
    run.truth = truth;
    return value;
  }

  #valueOf(logic: unknown, data: unknown, run: Run): unknown {
    if (typeof logic !== 'object' || logic === null) {
      run.truth?.value(logic);
      return logic;
    }
    if (Array.isArray(logic)) return this.#valueOfList(logic, data, run);
    const names = Object.keys(logic);
    const [name] = names;
    if (names.length === 1 && name !== undefined) return this.#valueOfOperator(name, logic, data, run);
    run.truth?.value(logic);
    return logic;
  }

  #valueOfList(logic: readonly unknown[], data: unknown, run: Run): unknown {
    // The table shows a literal list as one value, not as an operand for each item.
    const { truth } = run;
    run.truth = undefined;
    run.depth += 1;
    const list = this.#original(logic, data);
    run.depth -= 1;
    run.truth = truth;
    truth?.value(list);
    return list;
  }

  #valueOfOperator(name: string, logic: object, data: unknown, run: Run): unknown {
    const operator = this.#operators.get(name);
    // Checked rules name known operators only; this is the second lock.
    if (operator === undefined)
      throw expressionErrors.error('operator-unknown', `there is no operator ${name}`);
    if (run.truth !== undefined) run.truth.enter(name, pathOf(name, logic));
    run.depth += 1;
    let value: unknown;
    try {
      value = this.#operate(operator, logic, data, run);
    } catch (error) {
      run.failed ??= { name, logic };
      throw error;
    }
    run.depth -= 1;
    run.truth?.leave(value);
    return value;
  }

  #operate({ evaluate, lazy, name }: Operator, logic: object, data: unknown, run: Run): unknown {
    if (lazy === true && evaluate !== undefined) {
      const operands = (logic as Record<string, unknown>)[name];
      return evaluate(Array.isArray(operands) ? operands : [operands], new OperatorCall(run, data));
    }
    if (!iterations.has(name)) return this.#original(logic, data);
    const { length } = (logic as Record<string, readonly unknown[]>)[name]!;
    run.iterations.push(new Iteration(run.depth, data, length > 2 ? 2 : 1));
    const value = this.#original(logic, data);
    run.iterations.pop();
    return value;
  }

  readonly #calendar = (name: string, scope: unknown): BusinessCalendar => {
    const data = resolvePath(scope, ['$calendar', name]);
    if (typeof data !== 'object' || data === null) {
      throw expressionErrors.error(
        'variable-unknown',
        `there is no calendar ${JSON.stringify(name.slice(0, 60))}`,
      );
    }
    const known = this.#calendars.get(data);
    if (known !== undefined) return known;
    checkOutput(data);
    const calendar = new BusinessCalendar(data as CalendarData);
    this.#calendars.set(data, calendar);
    return calendar;
  };
}

/** An iteration that json-logic-js or one of our operators is in. */
class Iteration {
  #calls = 0;
  /**
   * @param depth where the operator is evaluated: its list, its initial value and its body are all applied there
   * @param data what surrounds the iteration
   * @param before how often `apply` is called before the first time for the body
   */
  constructor(
    readonly depth: number,
    readonly data: unknown,
    readonly before: number,
  ) {}

  /** Counts a call of `apply`, and gives its number. */
  advance(): number {
    this.#calls += 1;
    return this.#calls - 1;
  }

  /** Index of the item that the body is evaluated for; negative while the body has not begun. */
  get index(): number {
    return this.#calls - 1 - this.before;
  }
}

/** One evaluation: its fuel and where it stands. */
class Run {
  steps = 0;
  depth = 0;
  /** Depth of an operand that may be a variable that is missing. */
  optionalDepth = -1;
  readonly iterations: Iteration[] = [];
  /** The innermost operator that failed. */
  failed: { readonly name: string; readonly logic: object } | undefined;

  constructor(
    readonly root: unknown,
    public truth: TruthRecorder | undefined,
    readonly apply: (operand: unknown, data: unknown) => unknown,
    readonly calendar: (name: string, scope: unknown) => BusinessCalendar,
  ) {}

  spend(steps: number): void {
    this.steps += steps;
    if (this.steps > expressionLimits.fuelStepsMax) {
      throw expressionErrors.error('fuel-exhausted', `stopped after ${expressionLimits.fuelStepsMax} steps`);
    }
  }
}

class OperatorCall implements Call {
  readonly #run: Run;
  readonly data: unknown;
  readonly optional: boolean;

  constructor(run: Run, data: unknown) {
    this.#run = run;
    this.data = data;
    this.optional = run.optionalDepth === run.depth - 1;
  }

  get root(): unknown {
    return this.#run.root;
  }

  spend(steps: number): void {
    this.#run.spend(steps);
  }

  calendar(name: string): BusinessCalendar {
    return this.#run.calendar(name, this.#run.root);
  }

  outer(levels: number): unknown {
    if (levels === 0) return this.data;
    const around = this.#run.iterations.filter(({ index }) => index >= 0);
    const iteration = around.at(-Math.ceil(levels / 2));
    if (iteration === undefined) throw unexpected(`at most ${around.length * 2} levels outwards`, levels);
    return levels % 2 === 1 ? { index: iteration.index } : iteration.data;
  }

  evaluate(operand: unknown): unknown {
    return this.#run.apply(operand, this.data);
  }

  evaluateOptional(operand: unknown): unknown {
    const outside = this.#run.optionalDepth;
    this.#run.optionalDepth = this.#run.depth;
    const value = this.#run.apply(operand, this.data);
    this.#run.optionalDepth = outside;
    return value;
  }

  each(items: readonly unknown[], body: unknown, visit: (value: unknown, item: unknown) => boolean): void {
    const { iterations: open, depth } = this.#run;
    open.push(new Iteration(depth, this.data, 0));
    for (const item of items) {
      if (!visit(this.#run.apply(body, item), item)) break;
    }
    open.pop();
  }
}

/** The path that a variable's operator names, for the truth table. */
function pathOf(name: string, logic: object): string | undefined {
  if (name !== 'var') return undefined;
  const operand = (logic as Record<string, unknown>)[name];
  const path: unknown = Array.isArray(operand) ? operand[0] : operand;
  return typeof path === 'string' || typeof path === 'number' ? String(path) : undefined;
}

/** The error with the place in the rule where it happened; what is not an error of ours is a bug of an operator. */
function located(
  error: unknown,
  failed: Run['failed'],
  pointers: WeakMap<object, string>,
  truth: TruthRecorder | undefined,
): RecourseError {
  const known =
    error instanceof RecourseError
      ? error
      : expressionErrors.error('operator-failed', `${failed?.name ?? 'an operator'} failed`, {
          cause: error,
        });
  const pointer = (failed === undefined ? undefined : pointers.get(failed.logic)) ?? '';
  return new RecourseError(known.code, known.entry, known.message, {
    problems: [{ pointer, code: known.code, detail: known.message }],
    data: {
      ...known.data,
      ...(failed === undefined ? {} : { operator: failed.name }),
      ...(truth === undefined ? {} : { truth: truth.table() }),
    },
    cause: known.cause,
  });
}
