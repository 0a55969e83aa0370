// An order of the store as an original of the ledger: every amount is taken over as it was charged, none is recomputed.
import type { OrderRecord } from '../records/order.js';
import type { Component, Owner } from './component.js';
import { fraction } from './fraction.js';
import type { OriginalOrder } from './original-order.js';

/** The record keeps taxes per line, so they lie on the price of the line; its adjustments carry none of their own. */
export function adoptOrder(order: OrderRecord): OriginalOrder {
  const taxIncluded = order.taxPolicy === 'gross';
  const components: Component[] = [];
  for (const line of order.lines) {
    const owner: Owner = { kind: 'line', id: line.id };
    const common = { owner, taxIncluded, base: fraction(BigInt(line.quantities.ordered), 1n) } as const;
    const { id, title, subtotal, taxes, adjustments, distributed } = line;
    components.push({ ...common, id: `${id}/price`, kind: 'product', label: title, amount: subtotal, taxes });
    for (const { id: source, reason: label, amount } of adjustments) {
      components.push({
        ...common,
        id: `${id}/${source}`,
        kind: 'adjustment',
        source,
        label,
        amount,
        taxes: [],
      });
    }
    if (order.adjustments.length === 0) continue;
    // The record has one share per line for all order-level adjustments together.
    const source = order.adjustments.map((adjustment) => adjustment.id).join('+');
    const label = order.adjustments.map((adjustment) => adjustment.reason).join(', ');
    components.push({
      ...common,
      id: `${id}/${source}`,
      kind: 'order-adjustment',
      source,
      label,
      amount: distributed,
      taxes: [],
    });
  }
  for (const { id, method, charge, taxes } of order.deliveryGroups) {
    components.push({
      id: `${id}/charge`,
      owner: { kind: 'delivery', id },
      kind: 'delivery',
      label: method,
      amount: charge,
      taxes,
      taxIncluded,
      base: fraction(1n, 1n),
    });
  }
  return {
    number: order._id,
    currency: order.currency,
    taxPolicy: order.taxPolicy,
    lines: order.lines.map(({ id, lineNumber, deliveryGroup, sku, title, returnable, quantities }) => ({
      id,
      lineNumber,
      deliveryGroup,
      sku,
      title,
      returnable,
      quantity: quantities.ordered,
    })),
    deliveryGroups: order.deliveryGroups.map(({ id, method }) => ({ id, method })),
    components,
  };
}
