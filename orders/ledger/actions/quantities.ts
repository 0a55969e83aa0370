// Checks of the units that a request names.
import { orderErrors } from '../../order-errors.js';
import type { FeeInput } from '../fees.js';

/** Units of one line to cancel or to return. */
export interface ChangeItem {
  readonly line: string;
  readonly quantity: number;
  readonly reason?: string;
  /** Whether these units give up their share of the delivery charge; by default as the settings say. */
  readonly reduceShipping?: boolean;
  readonly fees?: readonly FeeInput[];
}

/** @throws {RecourseError} `orders.quantity-invalid` */
export function checkQuantity(quantity: number, least = 1): void {
  if (!Number.isSafeInteger(quantity) || quantity < least) {
    throw orderErrors.error('quantity-invalid', `${quantity} is not a quantity`);
  }
}

/** Each line once, with a quantity; at least one. @throws {RecourseError} `orders.quantity-invalid` */
export function checkItems(items: readonly ChangeItem[]): void {
  if (items.length === 0) throw orderErrors.error('quantity-invalid', 'no item is named');
  if (new Set(items.map(({ line }) => line)).size !== items.length) {
    throw orderErrors.error('quantity-invalid', 'a line is named twice');
  }
  for (const { quantity } of items) checkQuantity(quantity);
}
