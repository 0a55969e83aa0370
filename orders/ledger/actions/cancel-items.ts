// Cancels units before fulfilment, some or all of them.
import { orderErrors } from '../../order-errors.js';
import { bookChange } from '../book-change.js';
import { bookFees } from '../fees.js';
import { type Outcome, outcomeOf } from '../outcome.js';
import type { LedgerSettings } from '../settings.js';
import { availableToCancel, lineOf, type OrderSummary } from '../summary.js';
import { creditOfLine } from './credit-of-line.js';
import { type ChangeItem, checkItems } from './quantities.js';

export interface CancelItemsInput {
  readonly items: readonly ChangeItem[];
  readonly reason?: string;
}

/**
 * Cancels units that are not allocated.
 *
 * @throws {RecourseError} `orders.cancel-exceeds-available`, `orders.line-unknown`, `orders.quantity-invalid`, and those of fees
 */
export function cancelItems(
  summary: OrderSummary,
  input: CancelItemsInput,
  settings: LedgerSettings,
): Outcome {
  return cancel(summary, input, [], settings);
}

export interface CancelOrderInput {
  readonly reason?: string;
}

/**
 * Cancels every unit of the order; what becomes of the delivery charges is `shipping.onCancelOrder`.
 *
 * @throws {RecourseError} `orders.cancel-exceeds-available` when a unit is allocated or nothing is left to cancel.
 */
export function cancelOrder(
  summary: OrderSummary,
  input: CancelOrderInput,
  settings: LedgerSettings,
): Outcome {
  const allocated = summary.lines.find(({ quantities }) => quantities.allocated > 0);
  if (allocated !== undefined) {
    throw orderErrors.error('cancel-exceeds-available', `line ${allocated.id} is in fulfilment`);
  }
  const items = summary.lines
    .map((line) => ({ line: line.id, quantity: availableToCancel(line), reduceShipping: false }))
    .filter(({ quantity }) => quantity > 0);
  if (items.length === 0) throw orderErrors.error('cancel-exceeds-available', 'nothing is left to cancel');
  const released =
    settings.shipping.onCancelOrder === 'refund'
      ? summary.original.deliveryGroups
          .map(({ id }) => id)
          .filter((id) => !summary.releasedDeliveries.includes(id))
      : [];
  return cancel(summary, { ...input, items }, released, settings);
}

function cancel(
  summary: OrderSummary,
  { items, reason = 'cancelled' }: CancelItemsInput,
  releasedDeliveries: readonly string[],
  settings: LedgerSettings,
): Outcome {
  checkItems(items);
  const quantities = items.map(({ line: id, quantity, reduceShipping }) => {
    const line = lineOf(summary, id);
    if (quantity > availableToCancel(line)) {
      throw orderErrors.error(
        'cancel-exceeds-available',
        `line ${id}: ${quantity} units, but ${availableToCancel(line)} can be cancelled`,
        { data: { line: id, available: availableToCancel(line) } },
      );
    }
    const reduces = reduceShipping ?? settings.shipping.byDefault === 'reduce';
    return {
      line: id,
      cancelled: quantity,
      returnInitiated: 0,
      returned: 0,
      shippingReduced: reduces ? quantity : 0,
    };
  });
  const change = bookChange(
    summary,
    { type: 'Cancel', phase: 'pre', reason, quantities, releasedDeliveries },
    settings,
  );
  const requests = items.map(({ line, quantity, fees = [] }) => ({
    line,
    quantity,
    fees,
    credit: creditOfLine(summary, change.changeOrder, line),
  }));
  const fees = bookFees(summary, change.summary, 'CancelFee', requests, settings);
  return outcomeOf('Cancellation', (fees ?? change).summary, [change.changeOrder], fees?.changeOrder);
}
