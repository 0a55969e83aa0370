// What a line or delivery costs at the moment, as the base of adjustments and fees.
import { orderErrors } from '../order-errors.js';
import {
  addTaxed,
  type Component,
  type ComponentKind,
  type ComponentTax,
  nothing,
  type Owner,
  type Taxed,
  taxedOf,
} from './component.js';
import type { OrderSummary } from './summary.js';

export interface OwnerValue {
  readonly value: Taxed;
  /** Each tax by name, with its amount now. */
  readonly taxes: readonly ComponentTax[];
  readonly taxIncluded: boolean;
}

const ofLine: readonly ComponentKind[] = ['product', 'adjustment', 'order-adjustment'];
/** The price of a line with its own adjustments, as `TotalPrice` in order-actions: without order-level adjustments. */
export const itsOwn: readonly ComponentKind[] = ['product', 'adjustment'];
/** The price alone. */
export const priceAlone: readonly ComponentKind[] = ['product'];

/** @throws {RecourseError} `orders.delivery-unknown` */
export function checkDelivery(summary: OrderSummary, id: string): void {
  if (!summary.original.deliveryGroups.some((group) => group.id === id)) {
    throw orderErrors.error('delivery-unknown', `the order has no delivery group ${id}`);
  }
}

export const componentsOf = (summary: OrderSummary, owner: Owner): Component[] =>
  summary.components.filter((each) => each.owner.kind === owner.kind && each.owner.id === owner.id);

/** What the components of a line or delivery come to, as booked now; of a line, those of the given kinds. */
export function worthOf(
  summary: OrderSummary,
  owner: Owner,
  kinds: readonly ComponentKind[] = ofLine,
): OwnerValue {
  let value = nothing;
  let taxIncluded = summary.original.taxPolicy === 'gross';
  const taxes = new Map<string, ComponentTax>();
  for (const component of componentsOf(summary, owner)) {
    if (owner.kind === 'line' && !kinds.includes(component.kind)) continue;
    const booked = summary.booked[component.id]!;
    value = addTaxed(value, taxedOf(component, booked));
    if (component.kind === 'product' || component.kind === 'delivery') taxIncluded = component.taxIncluded;
    for (const [index, tax] of component.taxes.entries()) {
      const before = taxes.get(tax.name);
      taxes.set(tax.name, { ...(before ?? tax), amount: (before?.amount ?? 0n) + booked.taxes[index]! });
    }
  }
  return { value, taxes: [...taxes.values()], taxIncluded };
}
