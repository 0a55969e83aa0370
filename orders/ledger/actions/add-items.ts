// Adds items to an order after it was placed.
import { orderErrors } from '../../order-errors.js';
import { bookChange } from '../book-change.js';
import type { Component } from '../component.js';
import { checkDelivery } from '../line-value.js';
import type { OriginalLine } from '../original-order.js';
import { type Outcome, outcomeOf } from '../outcome.js';
import { type DraftLine, priceLine } from '../price-order.js';
import type { LedgerSettings } from '../settings.js';
import type { OrderSummary } from '../summary.js';

const itemsMax = 100;

export interface AddItemsInput {
  /** At most 100; prices come from the pricing port. The id is given by the ledger. */
  readonly items: readonly Omit<DraftLine, 'id'>[];
  readonly reason?: string;
}

/**
 * Adds lines to the order; `totalRequiredFundsAmount` says what has to be authorized for them. They get no share of
 * the delivery charge and of order-level adjustments.
 *
 * @throws {RecourseError} `orders.quantity-invalid`, `orders.delivery-unknown`, `orders.order-invalid`
 */
export function addItems(summary: OrderSummary, input: AddItemsInput, settings: LedgerSettings): Outcome {
  if (input.items.length === 0 || input.items.length > itemsMax) {
    throw orderErrors.error('quantity-invalid', `give 1 to ${itemsMax} items`);
  }
  const { currency, taxPolicy, deliveryGroups } = summary.original;
  const addedLines: OriginalLine[] = [];
  const addedComponents: Component[] = [];
  for (const item of input.items) {
    const deliveryGroup = item.deliveryGroup ?? deliveryGroups[0]?.id ?? '';
    checkDelivery(summary, deliveryGroup);
    const lineNumber = summary.lines.length + addedLines.length + 1;
    const id = `A${summary.changeOrders.length + 1}-${addedLines.length + 1}`;
    const draft = { ...item, id, deliveryGroup, taxIncluded: item.taxIncluded ?? taxPolicy === 'gross' };
    const { line, components } = priceLine(currency, draft, lineNumber, settings);
    addedLines.push(line);
    addedComponents.push(...components);
  }
  const reason = input.reason ?? 'added';
  const change = bookChange(
    summary,
    { type: 'Add', phase: 'pre', reason, addedLines, addedComponents },
    settings,
  );
  return outcomeOf('Added items', change.summary, [change.changeOrder]);
}
