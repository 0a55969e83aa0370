// What an operator of expressions is, and the registry of them that an evaluator is made from.
import type { BusinessCalendar } from '../calendar/business-calendar.js';
import type { Extent } from './extent.js';

/** What is known of a value before it is evaluated. */
export const expressionTypes = [
  'boolean',
  'number',
  'string',
  'money',
  'date',
  'dateTime',
  'duration',
  'list',
  'object',
  'null',
  'unknown',
] as const;

export type ExpressionType = (typeof expressionTypes)[number];

/**
 * What an operand may be. `amount` is a number or money; `scalar` anything but a list or an object; `body` an expression that is
 * evaluated once for each item of the first operand; `raw` is given as it stands, unevaluated; `recordField` is a variable that
 * begins with `$record`.
 */
export type OperandKind =
  | Exclude<ExpressionType, 'unknown' | 'null'>
  | 'any'
  | 'amount'
  | 'scalar'
  | 'zone'
  | 'pattern'
  | 'path'
  | 'body'
  | 'recordField'
  | 'raw';

export interface Operand {
  readonly name: string;
  readonly kind: OperandKind;
  readonly optional?: boolean;
  /** The only texts that are accepted. */
  readonly oneOf?: readonly string[];
}

/** What an operator sees of the evaluation that it is part of. */
export interface Call {
  /** Data that variables are looked up in: the scope, or the item inside an iteration. */
  readonly data: unknown;
  /** The scope of the whole evaluation. */
  readonly root: unknown;
  /** Pays for work that grows with the data. @throws {RecourseError} `expression.fuel-exhausted` */
  spend(steps: number): void;
  /** The business calendar of that name in `$calendar`. @throws {RecourseError} `calendar.*`, `expression.variable-unknown` */
  calendar(name: string): BusinessCalendar;
  /** Data `levels` iterations further out: 1 is `{index}`, 2 what surrounds the iteration, and so on. */
  outer(levels: number): unknown;
  /** Evaluates an operand of a lazy operator. */
  evaluate(operand: unknown): unknown;
  /** Whether a variable that does not exist is null here. */
  readonly optional: boolean;
  /** Evaluates an operand; if it is a variable that does not exist, it is null. */
  evaluateOptional(operand: unknown): unknown;
  /** Evaluates a body for each item until `visit` returns false. */
  each(items: readonly unknown[], body: unknown, visit: (value: unknown, item: unknown) => boolean): void;
}

/** What an operator sees when its cost is estimated: as a `Call`, with bounds in place of values. */
export interface Estimating {
  /** Bound on what variables are looked up in: the scope, or the item inside an iteration. */
  readonly data: Extent;
  readonly root: Extent;
  /** Bound on whatever a path can lead to that is computed. */
  readonly anything: Extent;
  /** Counts work beyond that of the operands, and the one step of the operator itself. */
  spend(steps: number): void;
  /** Counts an operand of a lazy operator. */
  evaluate(operand: unknown): Extent;
  /** Counts a body for each item; gives a bound on its values. */
  each(list: Extent, body: unknown): Extent;
  /** Counts a body that is given its own value of the item before. */
  fold(list: Extent, body: unknown, initial: Extent): Extent;
  /** Counts the operand that costs most, where one of them is evaluated; gives a bound on all. */
  dearestOf(operands: readonly unknown[]): Extent;
  /** Bound on the variable at a path. */
  lookUp(path: string): Extent;
  /** Bound on what stands so many levels further out; as that of a `Call`. */
  outer(levels: number): Extent;
}

export interface OperatorExample {
  readonly rule: unknown;
  readonly scope?: Readonly<Record<string, unknown>>;
  readonly result: unknown;
}

/** An operator: its operands, its result, and a pure function from one to the other. */
export interface Operator {
  readonly name: string;
  readonly group: string;
  /** One sentence for the documents and the console. */
  readonly summary: string;
  readonly operands: readonly Operand[];
  /** Further operands after `operands`, any number of them. */
  readonly rest?: Operand;
  readonly result: ExpressionType | ((operands: readonly ExpressionType[]) => ExpressionType);
  /** What it looks up in the scope by itself, not by a path that it is given. Left out: it may be anything. */
  readonly sees?: readonly string[];
  /** Lazy operators are given their operands unevaluated, and evaluate them through the call. */
  readonly lazy?: boolean;
  /** Operators of JsonLogic that json-logic-js itself evaluates have none. */
  readonly evaluate?: (operands: readonly unknown[], call: Call) => unknown;
  /**
   * What `evaluate` spends at most and how large its value can be, over operands of these extents. Left out by operators that
   * spend nothing; their values are bounded by their type.
   */
  readonly estimate?: (operands: readonly Extent[], at: Estimating) => Extent | undefined;
  /** As `estimate`, of a lazy operator, which has to have it. */
  readonly estimateLazy?: (operands: readonly unknown[], at: Estimating) => Extent | undefined;
  readonly example: OperatorExample;
}

const nameShape = /^(?:[a-zA-Z][a-zA-Z0-9_]*(?:\.[a-z][a-zA-Z0-9]*)?|[-+*/%<>=!?:]{1,3})$/;
const inherited = new Set(Object.getOwnPropertyNames(Object.prototype));

/** The operators that expressions may use: a closed list, looked up by own name only. */
export class OperatorRegistry {
  readonly #operators = new Map<string, Operator>();

  /** @throws {TypeError} for a name that is taken, malformed or inherited by every object, or a lazy operator without an estimate */
  constructor(operators: Iterable<Operator>) {
    for (const operator of operators) {
      const { name } = operator;
      if (!nameShape.test(name) || inherited.has(name)) throw new TypeError(`${name} can't name an operator`);
      if (operator.lazy === true && operator.estimateLazy === undefined) {
        throw new TypeError(`${name} is lazy and does not say what it costs`);
      }
      if (this.#operators.has(name)) throw new TypeError(`there are two operators ${name}`);
      this.#operators.set(name, Object.freeze({ ...operator }));
    }
  }

  get(name: string): Operator | undefined {
    return this.#operators.get(name);
  }

  names(): IterableIterator<string> {
    return this.#operators.keys();
  }

  [Symbol.iterator](): IterableIterator<Operator> {
    return this.#operators.values();
  }

  /** A new registry with further operators, such as those of the order domain. @throws {TypeError} as the constructor */
  with(operators: Iterable<Operator>): OperatorRegistry {
    return new OperatorRegistry([...this, ...operators]);
  }
}

/** The least and the greatest number of operands. */
export function operandCounts(operator: Operator): { least: number; most: number } {
  return {
    least: operator.operands.filter(({ optional }) => optional !== true).length,
    most: operator.rest === undefined ? operator.operands.length : Number.POSITIVE_INFINITY,
  };
}

/** The description of the operand at an index. */
export function operandAt(operator: Operator, index: number): Operand | undefined {
  return operator.operands[index] ?? operator.rest;
}
