// Promotions as data: what is taken off, from what, and when; the condition is an expression that an analyst writes.
import { compileExpression } from '../../../engine/expressions/index.js';
import type { Money } from '../../../engine/money/money.js';

export interface Promotion {
  /** Unique; the adjustment has it. */
  readonly id: string;
  /** For the customer. */
  readonly reason: string;
  readonly level: 'line' | 'order';
  /** `"0.10"` is 10 % off; this or `amountOff`. */
  readonly percentOff?: string;
  /** Off a line once, not per unit; only in its own currency. */
  readonly amountOff?: Money;
  /** Only for who has this code. */
  readonly code?: string;
  /** Instants, ISO 8601 in UTC; from `from` on, before `until`. */
  readonly from?: string;
  readonly until?: string;
  /** JsonLogic over `line` (sku, category, quantity, price), at level `line`, and `order` (currency, customer, units, value). */
  readonly when?: unknown;
  /** Not together with promotions before it, and none after it. */
  readonly exclusive?: boolean;
}

export interface CompiledPromotion extends Promotion {
  readonly holds: (scope: Readonly<Record<string, unknown>>) => boolean;
}

/** @throws {RecourseError} `expression.invalid`; {TypeError} when it takes off nothing, or two things */
export function compilePromotion(promotion: Promotion): CompiledPromotion {
  const { id, when, percentOff, amountOff } = promotion;
  if ((percentOff === undefined) === (amountOff === undefined)) {
    throw new TypeError(`promotion ${id} takes off either a share or an amount`);
  }
  if (percentOff !== undefined && !/^(0(\.\d{1,10})?|1(\.0{1,10})?)$/.test(percentOff)) {
    throw new TypeError(`promotion ${id} takes off a share from 0 to 1`);
  }
  if (when === undefined) return { ...promotion, holds: () => true };
  const expression = compileExpression(when);
  return { ...promotion, holds: (scope) => expression.evaluate(scope).value === true };
}
