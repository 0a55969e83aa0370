// The static cost of a rule: the most steps that its evaluation can take, computed from the rule and bounds on its data.
// It follows the evaluator step by step; a property test holds the two together.
import type { Estimating, OperatorRegistry, Operator } from './operator.js';
import { expressionLimits } from './expression-limits.js';
import {
  atMost,
  type Extent,
  extentOfType,
  extentOfValue,
  isWithin,
  joined,
  largestExtent,
  listOfExtents,
  nullExtent,
  numberExtent,
  objectExtent,
  partOf,
  summaryOf,
  unknownExtent,
  boundless,
} from './extent.js';

export interface Estimate {
  /** No evaluation over data within the bounds takes more. */
  readonly steps: number;
  /** A bound on the value. */
  readonly extent: Extent;
  /** The innermost operator that may take too many steps by itself. */
  readonly costly?: CostlyOperator;
}

export interface CostlyOperator {
  readonly operator: string;
  readonly pointer: string;
  readonly steps: number;
  /** Lists that it goes over whose length is assumed, as `Extent.assumedOf` names them. */
  readonly assumed: readonly string[];
}

/** A scope that nothing is known of but what is assumed of data. */
export const unknownScope: Extent = { ...objectExtent({}, unknownExtent), parts: boundless };

/** Estimates a rule that has been checked. `scope` bounds the variables by their names. */
export function estimateRule(
  rule: unknown,
  operators: OperatorRegistry,
  pointers: WeakMap<object, string>,
  scope: Extent = unknownScope,
): Estimate {
  const walk = new EstimateWalk(operators, pointers, scope);
  const extent = walk.evaluate(rule);
  return { steps: walk.steps, extent, ...(walk.costly === undefined ? {} : { costly: walk.costly }) };
}

class EstimateWalk implements Estimating {
  steps = 0;
  costly: CostlyOperator | undefined;
  data: Extent;
  readonly root: Extent;
  readonly #operators: OperatorRegistry;
  readonly #pointers: WeakMap<object, string>;
  readonly #around: Extent[] = [];
  /** As `CostlyOperator.assumed`, in the order in which they were gone over. */
  readonly #assumed: string[] = [];
  #visits = 0;

  constructor(operators: OperatorRegistry, pointers: WeakMap<object, string>, scope: Extent) {
    this.#operators = operators;
    this.#pointers = pointers;
    this.root = scope;
    this.data = scope;
  }

  get anything(): Extent {
    const { chars, items, parts } = [this.root, ...this.#around, this.data].reduce(joined);
    return { chars, items, length: items, parts, isText: true };
  }

  spend(steps: number): void {
    this.steps = atMost(this.steps + steps);
  }

  evaluate(rule: unknown): Extent {
    this.spend(1);
    this.#visits += 1;
    if (typeof rule !== 'object' || rule === null) return extentOfValue(rule);
    if (Array.isArray(rule)) return listOfExtents(rule.map((item) => this.evaluate(item)));
    const [name, ...more] = Object.keys(rule);
    const operator = name === undefined || more.length > 0 ? undefined : this.#operators.get(name);
    return operator === undefined ? extentOfValue(rule) : this.#operate(operator, rule);
  }

  each(list: Extent, body: unknown): Extent {
    if (list.length === 0) return nullExtent;
    if (list.assumedOf !== undefined) this.#assumed.push(list.assumedOf);
    const before = this.steps;
    this.steps = 0;
    const value = this.#within(partOf(list, '*'), body);
    this.steps = atMost(before + list.length * this.steps);
    return value;
  }

  fold(list: Extent, body: unknown, initial: Extent): Extent {
    if (list.assumedOf !== undefined) this.#assumed.push(list.assumedOf);
    const before = this.steps;
    const current = partOf(list, '*');
    let accumulator = summaryOf(initial);
    let result = accumulator;
    let total = 0;
    for (let done = 0; done < list.length; done += 1) {
      const gaveUp = this.#visits > expressionLimits.estimateVisitsMax;
      if (gaveUp) accumulator = largestExtent;
      this.steps = 0;
      const next = summaryOf(this.#within(objectExtent({ current, accumulator }), body));
      result = joined(result, gaveUp ? largestExtent : next);
      // Nothing grows any more, or more is known than is needed: what is left costs as much each time.
      if (gaveUp || isWithin(next, accumulator) || total > expressionLimits.staticStepsMax) {
        total += this.steps * (list.length - done);
        break;
      }
      total += this.steps;
      accumulator = next;
    }
    this.steps = atMost(before + total);
    return result;
  }

  dearestOf(operands: readonly unknown[]): Extent {
    const before = this.steps;
    let dearest = before;
    let value: Extent | undefined;
    for (const operand of operands) {
      this.steps = before;
      const one = this.evaluate(operand);
      dearest = Math.max(dearest, this.steps);
      value = value === undefined ? one : joined(value, one);
    }
    this.steps = dearest;
    return value ?? nullExtent;
  }

  lookUp(path: string): Extent {
    if (path === '') return this.data;
    const names = path.split('.');
    const [first] = names;
    if (first === '$root') return names.slice(1).reduce(partOf, this.root);
    return names.reduce(partOf, first?.startsWith('$') === true ? this.root : this.data);
  }

  outer(levels: number): Extent {
    if (levels === 0) return this.data;
    const around = this.#around.at(-Math.ceil(levels / 2));
    if (around === undefined) return nullExtent;
    return levels % 2 === 1 ? objectExtent({ index: numberExtent }) : around;
  }

  #within(data: Extent, body: unknown): Extent {
    const outside = this.data;
    this.#around.push(outside);
    this.data = data;
    const value = this.evaluate(body);
    this.data = outside;
    this.#around.pop();
    return value;
  }

  #operate(operator: Operator, rule: object): Extent {
    const before = this.steps - 1;
    const assumedBefore = this.#assumed.length;
    const written = (rule as Readonly<Record<string, unknown>>)[operator.name];
    const operands: readonly unknown[] = Array.isArray(written) ? written : [written];
    const { estimate, estimateLazy, result } = operator;
    let value: Extent | undefined;
    if (estimateLazy === undefined) {
      const extents = operands.map((operand) => this.evaluate(operand));
      value = estimate?.(extents, this);
    } else value = estimateLazy(operands, this);
    const steps = this.steps - before;
    if (steps > expressionLimits.staticStepsMax && this.costly === undefined) {
      const assumed = [...new Set(this.#assumed.slice(assumedBefore))];
      this.costly = { operator: operator.name, pointer: this.#pointers.get(rule) ?? '', steps, assumed };
    }
    return value ?? extentOfType(typeof result === 'function' ? 'unknown' : result);
  }
}
