// Returns fulfilled units at once, without a return order ("simple" or blind return).
import { orderErrors } from '../../order-errors.js';
import { bookChange } from '../book-change.js';
import { bookFees } from '../fees.js';
import { type Outcome, outcomeOf } from '../outcome.js';
import type { LedgerSettings } from '../settings.js';
import { availableToReturn, type LineState, lineOf, type OrderSummary } from '../summary.js';
import { creditOfLine } from './credit-of-line.js';
import { type ChangeItem, checkItems } from './quantities.js';

export interface ReturnItemsInput {
  readonly items: readonly ChangeItem[];
  readonly reason?: string;
}

/** Whether units of a line may enter a return. @throws {RecourseError} `orders.not-returnable`, `orders.return-exceeds-available` */
export function checkReturn(line: LineState, quantity: number): void {
  if (!line.returnable) throw orderErrors.error('not-returnable', `${line.title} may not be returned`);
  const available = availableToReturn(line);
  if (quantity > available) {
    throw orderErrors.error(
      'return-exceeds-available',
      `line ${line.id}: ${quantity} units, but ${available} can be returned`,
      { data: { line: line.id, available } },
    );
  }
}

/**
 * Returns fulfilled units; the change order goes on a credit memo, the fees on an invoice.
 *
 * @throws {RecourseError} `orders.not-returnable`, `orders.return-exceeds-available`, `orders.line-unknown`,
 *   `orders.quantity-invalid`, and those of fees
 */
export function returnItems(
  summary: OrderSummary,
  input: ReturnItemsInput,
  settings: LedgerSettings,
): Outcome {
  const { items, reason = 'returned' } = input;
  checkItems(items);
  const quantities = items.map(({ line: id, quantity, reduceShipping }) => {
    checkReturn(lineOf(summary, id), quantity);
    const reduces = reduceShipping ?? settings.shipping.byDefault === 'reduce';
    return {
      line: id,
      cancelled: 0,
      returnInitiated: quantity,
      returned: quantity,
      shippingReduced: reduces ? quantity : 0,
    };
  });
  const change = bookChange(summary, { type: 'Return', phase: 'post', reason, quantities }, settings);
  const requests = items.map(({ line, quantity, fees = [] }) => ({
    line,
    quantity,
    fees,
    credit: creditOfLine(summary, change.changeOrder, line),
  }));
  const fees = bookFees(summary, change.summary, 'ReturnFee', requests, settings);
  return outcomeOf('Return', (fees ?? change).summary, [change.changeOrder], fees?.changeOrder);
}
