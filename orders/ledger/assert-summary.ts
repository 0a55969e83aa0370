// What must be true of every summary. A violation is a bug of ours: the step fails, and nothing of it is stored.
import { orderErrors } from '../order-errors.js';
import { sumOf, taxedOf } from './component.js';
import type { OrderSummary } from './summary.js';

/** @throws {RecourseError} `orders.ledger-broken` */
export function assertSummary(summary: OrderSummary): void {
  const problem = problemOf(summary);
  if (problem !== undefined)
    throw orderErrors.error('ledger-broken', `${summary.original.number}: ${problem}`);
}

function problemOf({
  lines,
  components,
  booked,
  totals,
  changeOrders,
  payments,
}: OrderSummary): string | undefined {
  const remaining = new Map<string, number>();
  for (const { id, quantities, shippingReduced } of lines) {
    const { ordered, cancelled, allocated, fulfilled, returnInitiated, returned } = quantities;
    if (Object.values(quantities).some((each) => each < 0)) return `a quantity of line ${id} is negative`;
    if (cancelled + allocated > ordered)
      return `line ${id} has more units cancelled or allocated than ordered`;
    if (fulfilled > allocated) return `line ${id} has more units fulfilled than allocated`;
    if (returnInitiated > fulfilled) return `line ${id} has more units in returns than fulfilled`;
    if (returned > returnInitiated) return `line ${id} has more units returned than in returns`;
    if (shippingReduced > ordered) return `line ${id} gave up more of the delivery charge than its share`;
    remaining.set(id, ordered - cancelled - returned);
  }
  if (new Set(components.map(({ id }) => id)).size !== components.length) return 'two components have one id';
  for (const { id, owner, taxes } of components) {
    const value = booked[id];
    if (value === undefined) return `component ${id} was never booked`;
    if (value.taxes.length !== taxes.length) return `component ${id} has lost a tax`;
    const isGone = owner.kind === 'line' && remaining.get(owner.id) === 0;
    if (isGone && (value.amount !== 0n || value.taxes.some((tax) => tax !== 0n))) {
      return `line ${owner.id} is gone, but its component ${id} still counts`;
    }
  }
  const { product, delivery, distributed, fees, order, grand } = totals;
  for (const [name, { net, tax, total }] of Object.entries(totals)) {
    if (net + tax !== total) return `${name}: ${net} + ${tax} is not ${total}`;
  }
  if (order.net !== product.net + delivery.net + distributed.net)
    return 'the total before tax is not its parts';
  if (grand.total !== order.total + fees.total) return 'the grand total is not order and fees';
  const changes = sumOf(changeOrders.map((change) => change.totals.total));
  const added = new Set(changeOrders.flatMap((change) => change.addedComponents.map(({ id }) => id)));
  const original = sumOf(
    components
      .filter(({ id }) => !added.has(id))
      .map((component) =>
        taxedOf(component, { amount: component.amount, taxes: component.taxes.map(({ amount }) => amount) }),
      )
      .map(({ total }) => total),
  );
  if (original + changes !== grand.total) return 'the original and its changes do not add up to the summary';
  for (const { id, authorized, captured, refunded } of payments) {
    if (authorized < 0n || captured < 0n || refunded < 0n) return `an amount of payment ${id} is negative`;
    if (refunded > captured) return `payment ${id} has more refunded than captured`;
  }
  return undefined;
}
