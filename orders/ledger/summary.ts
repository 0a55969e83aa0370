// The order summary: the original plus its changes, as a pure fold; it can always be computed anew from the documents.
import { orderErrors } from '../order-errors.js';
import type { LineQuantities } from '../records/order.js';
import { assertSummary } from './assert-summary.js';
import type { ChangeOrder } from './change-order.js';
import {
  addTaxed,
  type Booked,
  bookedAtFirst,
  type Component,
  nothing,
  type Taxed,
  taxedOf,
} from './component.js';
import type { OrderDocuments } from './documents.js';
import type { OriginalLine } from './original-order.js';

export interface LineState extends OriginalLine {
  readonly quantities: LineQuantities;
  /** Units whose share of the delivery charge was given up. */
  readonly shippingReduced: number;
}

/** What the order costs now; each is the exact sum of its components. */
export interface OrderTotals {
  /** Prices and adjustments of the lines. */
  readonly product: Taxed;
  readonly delivery: Taxed;
  /** Order-level adjustments. */
  readonly distributed: Taxed;
  readonly fees: Taxed;
  /** All but the fees. */
  readonly order: Taxed;
  readonly grand: Taxed;
}

export interface OrderSummary extends OrderDocuments {
  readonly lines: readonly LineState[];
  /** Deliveries whose charge was given up as a whole. */
  readonly releasedDeliveries: readonly string[];
  /** Of the original and of all changes. */
  readonly components: readonly Component[];
  /** What each component is now, by its id. */
  readonly booked: Readonly<Record<string, Booked>>;
  readonly totals: OrderTotals;
}

export const remainingOf = ({ quantities: { ordered, cancelled, returned } }: LineState): number =>
  ordered - cancelled - returned;

/** Units that can be cancelled: neither cancelled nor allocated. */
export const availableToCancel = ({ quantities: { ordered, cancelled, allocated } }: LineState): number =>
  ordered - cancelled - allocated;

export const inFulfilment = ({ quantities: { allocated, fulfilled } }: LineState): number =>
  allocated - fulfilled;

/** Units that can be returned: fulfilled, and in no return yet. */
export const availableToReturn = ({ quantities: { fulfilled, returnInitiated } }: LineState): number =>
  fulfilled - returnInitiated;

/** @throws {RecourseError} `orders.line-unknown` */
export function lineOf(summary: Pick<OrderSummary, 'lines'>, id: string): LineState {
  const line = summary.lines.find((each) => each.id === id);
  if (line === undefined) throw orderErrors.error('line-unknown', `the order has no line ${id}`);
  return line;
}

/**
 * The summary of an order from its documents.
 *
 * @throws {RecourseError} `orders.ledger-broken` when the figures of the documents contradict each other.
 */
export function summarize(documents: OrderDocuments): OrderSummary {
  const { original, changeOrders, allocations, shipments, returnOrders } = documents;
  const lines: LineState[] = [...original.lines, ...changeOrders.flatMap(({ addedLines }) => addedLines)].map(
    (line) => ({
      ...line,
      quantities: {
        ordered: line.quantity,
        cancelled: 0,
        allocated: allocations[line.id] ?? 0,
        fulfilled: 0,
        returnInitiated: 0,
        returned: 0,
      },
      shippingReduced: 0,
    }),
  );
  const states = new Map(lines.map((line) => [line.id, line]));
  const move = (id: string, changes: Partial<LineQuantities>, shippingReduced = 0): void => {
    const state = lineOf({ lines: [...states.values()] }, id);
    const quantities: Record<string, number> = { ...state.quantities };
    for (const [name, change] of Object.entries(changes)) quantities[name]! += change;
    states.set(id, {
      ...state,
      quantities: quantities as unknown as LineQuantities,
      shippingReduced: state.shippingReduced + shippingReduced,
    });
  };
  for (const shipment of shipments) {
    for (const { line, quantity } of shipment.lines) move(line, { fulfilled: quantity });
  }
  for (const { lifeCycle, lines: returned } of returnOrders) {
    if (lifeCycle === 'Unmanaged') continue;
    for (const line of returned) {
      move(line.line, { returnInitiated: line.processed ? line.returned : line.expected });
    }
  }
  for (const { quantities } of changeOrders) {
    for (const { line, shippingReduced, ...changes } of quantities) move(line, changes, shippingReduced);
  }
  const components = [
    ...original.components,
    ...changeOrders.flatMap(({ addedComponents }) => addedComponents),
  ];
  const booked = foldEntries(original.components, changeOrders);
  const summary: OrderSummary = {
    ...documents,
    lines: [...states.values()],
    releasedDeliveries: changeOrders.flatMap(({ releasedDeliveries }) => releasedDeliveries),
    components,
    booked,
    totals: totalsOf(components, booked),
  };
  assertSummary(summary);
  return summary;
}

function foldEntries(
  first: readonly Component[],
  changeOrders: readonly ChangeOrder[],
): Readonly<Record<string, Booked>> {
  const booked: Record<string, Booked> = {};
  for (const component of first) booked[component.id] = bookedAtFirst(component);
  for (const { entries } of changeOrders) {
    for (const { component, amount, taxes } of entries) {
      const before = booked[component];
      booked[component] = {
        amount: (before?.amount ?? 0n) + amount,
        taxes: taxes.map((tax, index) => (before?.taxes[index] ?? 0n) + tax),
      };
    }
  }
  return booked;
}

function totalsOf(components: readonly Component[], booked: Readonly<Record<string, Booked>>): OrderTotals {
  let [product, delivery, distributed, fees] = [nothing, nothing, nothing, nothing];
  for (const component of components) {
    const value = taxedOf(component, booked[component.id]!);
    if (component.kind === 'fee') fees = addTaxed(fees, value);
    else if (component.kind === 'order-adjustment') distributed = addTaxed(distributed, value);
    else if (component.owner.kind === 'delivery') delivery = addTaxed(delivery, value);
    else product = addTaxed(product, value);
  }
  const order = addTaxed(addTaxed(product, delivery), distributed);
  return { product, delivery, distributed, fees, order, grand: addTaxed(order, fees) };
}
