// Takes down what fulfilment does: units allocated, given back, and shipped. No amount changes.
import { orderErrors } from '../../order-errors.js';
import type { Shipment } from '../documents.js';
import { availableToCancel, inFulfilment, lineOf, type OrderSummary, summarize } from '../summary.js';
import { checkQuantity } from './quantities.js';

export interface LineUnits {
  readonly line: string;
  readonly quantity: number;
}

/** @throws {RecourseError} `orders.fulfilment-exceeds-available`, `orders.line-unknown`, `orders.quantity-invalid` */
export function allocateUnits(summary: OrderSummary, units: readonly LineUnits[]): OrderSummary {
  return units.reduce((current, { line, quantity }) => {
    checkQuantity(quantity);
    checkAvailable(line, quantity, availableToCancel(lineOf(current, line)));
    return allocated(current, line, quantity);
  }, summary);
}

/** Gives units back that were allocated and not shipped, so that they can be cancelled. @throws as `allocateUnits` */
export function releaseUnits(summary: OrderSummary, units: readonly LineUnits[]): OrderSummary {
  return units.reduce((current, { line, quantity }) => {
    checkQuantity(quantity);
    checkAvailable(line, quantity, inFulfilment(lineOf(current, line)));
    return allocated(current, line, -quantity);
  }, summary);
}

/** Takes down a parcel that left, with units that were allocated. @throws as `allocateUnits` */
export function shipUnits(summary: OrderSummary, shipment: Shipment): OrderSummary {
  const shipped = new Map<string, number>();
  for (const { line, quantity } of shipment.lines) {
    checkQuantity(quantity);
    shipped.set(line, (shipped.get(line) ?? 0) + quantity);
    checkAvailable(line, shipped.get(line)!, inFulfilment(lineOf(summary, line)));
  }
  return summarize({ ...summary, shipments: [...summary.shipments, shipment] });
}

function allocated(summary: OrderSummary, line: string, quantity: number): OrderSummary {
  const allocations = { ...summary.allocations, [line]: (summary.allocations[line] ?? 0) + quantity };
  return summarize({ ...summary, allocations });
}

function checkAvailable(line: string, quantity: number, available: number): void {
  if (quantity > available) {
    throw orderErrors.error(
      'fulfilment-exceeds-available',
      `line ${line}: ${quantity} units of ${available}`,
    );
  }
}
