// Adjusts what items, deliveries or the whole order cost: discounts and appeasements, never surcharges.
import type { Money } from '../../../engine/money/money.js';
import { orderErrors } from '../../order-errors.js';
import type { Minor, RateText } from '../../records/money-fields.js';
import {
  addTax,
  amountIn,
  componentAmounts,
  percentFraction,
  proportion,
  shareOfTaxed,
  splitWithTax,
} from '../amounts.js';
import { bookChange, nextChangeId } from '../book-change.js';
import type { ChangeOrder, ChangeType, Phase } from '../change-order.js';
import { type Booked, type Component, sumOf, type Taxed } from '../component.js';
import { distribute } from '../distribute.js';
import { type Fraction, fraction, one, times } from '../fraction.js';
import { checkDelivery, componentsOf, itsOwn, type OwnerValue, worthOf } from '../line-value.js';
import { type Outcome, outcomeOf } from '../outcome.js';
import { roundTogether } from '../round-together.js';
import type { LedgerSettings } from '../settings.js';
import { inFulfilment, type LineState, lineOf, type OrderSummary, remainingOf } from '../summary.js';
import { keptOfDelivery } from '../values.js';

/**
 * How much to take off; amounts and percentages are negative. `Percentage` is taken of the price after its own
 * adjustments and of its tax; `AmountTaxOnly` and `ProductOnly` leave the other part as it is; `Rest` is all that is left.
 */
export type AdjustmentAmount =
  | {
      readonly adjustmentType: 'AmountWithTax' | 'AmountWithoutTax' | 'AmountTaxOnly' | 'ProductOnly';
      readonly amount: Money;
    }
  | { readonly adjustmentType: 'Percentage'; readonly percent: RateText }
  | { readonly adjustmentType: 'Rest' };

export type AdjustItem = AdjustmentAmount &
  ({ readonly line: string } | { readonly delivery: string }) & { readonly reason?: string };

export interface AdjustItemsInput {
  readonly items: readonly AdjustItem[];
  readonly reason?: string;
}

/** A component that an adjustment adds, and the units before, in and after fulfilment that it is spread over. */
interface Planned {
  readonly component: Omit<Component, 'id'>;
  readonly units: Readonly<Record<Phase, number>>;
}

/**
 * Adjusts lines and deliveries one by one; each is spread evenly over its units before, in and after fulfilment, with a
 * change order for each of these.
 *
 * @throws {RecourseError} `orders.amount-invalid`, `orders.adjust-exceeds-total`, `orders.nothing-to-adjust`,
 *   `orders.line-unknown`, `orders.delivery-unknown`, `orders.quantity-invalid`
 */
export function adjustItems(
  summary: OrderSummary,
  input: AdjustItemsInput,
  settings: LedgerSettings,
): Outcome {
  if (input.items.length === 0) throw orderErrors.error('quantity-invalid', 'no item is named');
  const planned: Planned[] = [];
  const deliveries: Planned[] = [];
  const seen = new Set<string>();
  for (const item of input.items) {
    const target = 'line' in item ? `line ${item.line}` : `delivery ${item.delivery}`;
    if (seen.has(target)) throw orderErrors.error('quantity-invalid', `${target} is named twice`);
    seen.add(target);
    const label = item.reason ?? input.reason ?? 'Adjustment';
    if ('line' in item) planned.push(lineAdjustment(summary, item.line, item, label, settings));
    else deliveries.push(deliveryAdjustment(summary, item.delivery, item, label, settings));
  }
  return book(summary, input.reason ?? 'adjusted', planned, 'ProductAdjustment', deliveries, settings);
}

export interface AdjustOrderInput {
  /** Off the items; negative, before tax unless `withTax`. */
  readonly product?: Money;
  /** Off the delivery charges. */
  readonly delivery?: Money;
  /** Whether the amounts are with tax; by default as the order's prices are. */
  readonly withTax?: boolean;
  readonly reason?: string;
}

/**
 * Takes one amount off the items and one off the delivery charges of the order; `distribution.base` says how.
 *
 * @throws {RecourseError} `orders.amount-invalid`, `orders.adjust-exceeds-total`, `orders.nothing-to-adjust`
 */
export function adjustOrder(
  summary: OrderSummary,
  input: AdjustOrderInput,
  settings: LedgerSettings,
): Outcome {
  const { currency, taxPolicy } = summary.original;
  const withTax = input.withTax ?? taxPolicy === 'gross';
  const label = input.reason ?? 'Adjustment of the order';
  const planned: Planned[] = [];
  const deliveries: Planned[] = [];
  if (input.product !== undefined) {
    const amount = amountIn(input.product, currency);
    planned.push(...orderAdjustments(summary, amount, withTax, label, settings));
  }
  if (input.delivery !== undefined) {
    const groups = summary.original.deliveryGroups.map(({ id }) => ({
      id,
      worth: worthOf(summary, { kind: 'delivery', id }),
    }));
    const values = groups.map(({ worth: { value } }) => (withTax ? value.total : value.net));
    const amount = takenOff(amountIn(input.delivery, currency), sumOf(values), settings);
    const shares = distribute(amount, values, settings.distribution, values);
    for (const [index, { id, worth }] of groups.entries()) {
      if (shares[index] === 0n) continue;
      const split = withTax ? splitWithTax : addTax;
      const taxed = split(shares[index]!, worth.value, settings);
      deliveries.push(deliveryPart(summary, id, taxed, worth, label, undefined, settings));
    }
  }
  if (planned.length + deliveries.length === 0) {
    throw orderErrors.error('amount-invalid', 'neither items nor deliveries are adjusted');
  }
  return book(summary, label, planned, 'OrderAdjustmentGroup', deliveries, settings);
}

/** What is taken off, where no more than `most` can be. */
function takenOff(amount: Minor, most: Minor, settings: LedgerSettings): Minor {
  if (amount >= 0n)
    throw orderErrors.error('amount-invalid', 'an adjustment is negative: it takes something off');
  if (-amount <= most) return amount;
  if (settings.adjustments.beyond === 'limit' && most > 0n) return -most;
  throw orderErrors.error('adjust-exceeds-total', 'the adjustment is more than what is left', {
    data: { available: String(most) },
  });
}

/** The units of a line that an adjustment is spread over, by where they are. */
function unitsOf(line: LineState, settings: LedgerSettings): Record<Phase, number> {
  const between = inFulfilment(line);
  const { ordered, cancelled, allocated, fulfilled, returned } = line.quantities;
  const units = { pre: ordered - cancelled - allocated, in: 0, post: fulfilled - returned };
  if (settings.adjustments.allocated === 'InFulfillment') units.in = between;
  if (settings.adjustments.allocated === 'PreFulfillment') units.pre += between;
  return units;
}

const sizeOf = ({ pre, in: between, post }: Readonly<Record<Phase, number>>): number => pre + between + post;

function lineAdjustment(
  summary: OrderSummary,
  id: string,
  amount: AdjustmentAmount,
  label: string,
  settings: LedgerSettings,
): Planned {
  const line = lineOf(summary, id);
  const units = unitsOf(line, settings);
  if (sizeOf(units) === 0) throw orderErrors.error('nothing-to-adjust', `line ${id} has no units to adjust`);
  const owner = { kind: 'line', id } as const;
  const worth = worthOf(summary, owner);
  const share = fraction(BigInt(sizeOf(units)), BigInt(remainingOf(line)));
  const own = worthOf(summary, owner, itsOwn);
  const taxed = taxedAmount(amount, worth, own, share, summary.original.currency, settings);
  return {
    units,
    component: {
      owner,
      kind: 'adjustment',
      label,
      ...componentAmounts(taxed, worth.taxIncluded, worth.taxes, settings.adjustments.individualTaxes),
      base: fraction(BigInt(remainingOf(line)), 1n),
      formula: formulaOf(amount),
    },
  };
}

function deliveryAdjustment(
  summary: OrderSummary,
  id: string,
  amount: AdjustmentAmount,
  label: string,
  settings: LedgerSettings,
): Planned {
  checkDelivery(summary, id);
  const worth = worthOf(summary, { kind: 'delivery', id });
  const taxed = taxedAmount(amount, worth, worth, one, summary.original.currency, settings);
  return deliveryPart(summary, id, taxed, worth, label, formulaOf(amount), settings);
}

function deliveryPart(
  summary: OrderSummary,
  id: string,
  taxed: Taxed,
  worth: OwnerValue,
  label: string,
  formula: string | undefined,
  settings: LedgerSettings,
): Planned {
  const kept = keptOfDelivery(id, summary, settings);
  const hasLeft = summary.lines.some((line) => line.deliveryGroup === id && line.quantities.fulfilled > 0);
  return {
    units: { pre: hasLeft ? 0 : 1, in: 0, post: hasLeft ? 1 : 0 },
    component: {
      owner: { kind: 'delivery', id },
      kind: 'delivery-adjustment',
      label,
      ...componentAmounts(taxed, worth.taxIncluded, worth.taxes, settings.adjustments.individualTaxes),
      base: kept.num === 0n ? one : kept,
      ...(formula === undefined ? {} : { formula }),
    },
  };
}

/** Splits what is taken off into net and tax, and refuses more than is there. */
function taxedAmount(
  amount: AdjustmentAmount,
  worth: OwnerValue,
  own: OwnerValue,
  share: Fraction,
  currency: string,
  settings: LedgerSettings,
): Taxed {
  const { value } = worth;
  if (amount.adjustmentType === 'Rest') {
    if (value.total <= 0n) throw orderErrors.error('nothing-to-adjust', 'nothing is left of it');
    return { net: -value.net, tax: -value.tax, total: -value.total };
  }
  if (amount.adjustmentType === 'Percentage') {
    const part = times(percentFraction(amount.percent), share);
    const taxed = shareOfTaxed(own.value, part, worth.taxIncluded, settings);
    if (own.value.total <= 0n) throw orderErrors.error('nothing-to-adjust', 'nothing is left of it');
    if (part.num >= 0n)
      throw orderErrors.error('amount-invalid', 'the percentage of an adjustment is negative');
    checkParts(taxed, value);
    return taxed;
  }
  const type = amount.adjustmentType;
  const most = type === 'AmountWithTax' ? value.total : type === 'AmountTaxOnly' ? value.tax : value.net;
  const given = takenOff(amountIn(amount.amount, currency), most, settings);
  if (type === 'AmountTaxOnly') return { net: 0n, tax: given, total: given };
  if (type === 'ProductOnly') return { net: given, tax: 0n, total: given };
  return (type === 'AmountWithTax' ? splitWithTax : addTax)(given, value, settings);
}

function checkParts(off: Taxed, value: Taxed): void {
  if (-off.net > value.net || -off.tax > value.tax) {
    throw orderErrors.error('adjust-exceeds-total', 'the adjustment is more than what is left');
  }
}

function formulaOf(amount: AdjustmentAmount): string {
  if (amount.adjustmentType === 'Rest') return 'all that was left';
  if (amount.adjustmentType === 'Percentage') return `round(${amount.percent} % of price and tax)`;
  const how = {
    AmountWithTax: 'with tax, split as price and tax are',
    AmountWithoutTax: 'before tax, and tax in proportion',
    AmountTaxOnly: 'of tax only',
    ProductOnly: 'of the price only',
  } as const;
  return `${amount.amount.amount} ${how[amount.adjustmentType]}`;
}

function orderAdjustments(
  summary: OrderSummary,
  asked: Minor,
  withTax: boolean,
  label: string,
  settings: LedgerSettings,
): Planned[] {
  const open = summary.lines
    .map((line) => ({
      line,
      units: unitsOf(line, settings),
      worth: worthOf(summary, { kind: 'line', id: line.id }),
    }))
    .filter(({ units }) => sizeOf(units) > 0);
  if (open.length === 0) throw orderErrors.error('nothing-to-adjust', 'no line has units to adjust');
  const measure = ({ total, net }: Taxed): Minor => (withTax ? total : net);
  const room = open.map(({ worth }) => measure(worth.value));
  const amount = takenOff(asked, sumOf(room), settings);
  if (settings.distribution.base === 'components')
    return scaled(summary, open, amount, withTax, label, settings);
  // Weighed by the part of the units that takes part, over a common denominator.
  const counts = new Set(open.map(({ line }) => BigInt(remainingOf(line))));
  const common = [...counts].reduce((product, count) => product * count, 1n);
  const weights = open.map(({ line, units }) => {
    const own = measure(worthOf(summary, { kind: 'line', id: line.id }, itsOwn).value);
    return ((own < 0n ? 0n : own) * BigInt(sizeOf(units)) * common) / BigInt(remainingOf(line));
  });
  const shares = distribute(amount, weights, settings.distribution, room);
  return open.flatMap(({ line, units, worth }, index): Planned[] => {
    const share = shares[index]!;
    if (share === 0n) return [];
    const taxed = (withTax ? splitWithTax : addTax)(share, worth.value, settings);
    const amounts = componentAmounts(
      taxed,
      worth.taxIncluded,
      worth.taxes,
      settings.adjustments.individualTaxes,
    );
    const base = fraction(BigInt(remainingOf(line)), 1n);
    const formula = 'share of the amount by what the line costs after its own adjustments';
    const owner = { kind: 'line', id: line.id } as const;
    return [{ units, component: { owner, kind: 'adjustment', label, ...amounts, base, formula } }];
  });
}

/** Scales every price, promotion and order-level adjustment by one factor, so that they come to the amount. */
function scaled(
  summary: OrderSummary,
  open: readonly { readonly line: LineState; readonly units: Record<Phase, number> }[],
  amount: Minor,
  withTax: boolean,
  label: string,
  settings: LedgerSettings,
): Planned[] {
  const parts = open.flatMap(({ line, units }) =>
    componentsOf(summary, { kind: 'line', id: line.id }).map((component) => ({
      line,
      units,
      component,
      booked: summary.booked[component.id]!,
    })),
  );
  const measure = ({ component, booked }: (typeof parts)[number]): Minor =>
    booked.amount + (withTax && !component.taxIncluded ? sumOf(booked.taxes) : 0n);
  const whole = sumOf(parts.map(measure));
  const own = parts.filter(({ component }) => component.kind !== 'order-adjustment');
  const shared = parts.filter(({ component }) => component.kind === 'order-adjustment');
  const sharedBefore = sumOf(shared.map(measure));
  const factor = fraction(whole + amount, whole);
  const after = roundTogether(
    [...own.map(measure), ...(shared.length > 0 ? [sharedBefore] : [])].map((before) =>
      times(factor, fraction(before, 1n)),
    ),
    settings.rounding.mode,
    shared.length > 0 ? own.length : undefined,
  );
  const sharedChange = shared.length === 0 ? 0n : after[own.length]! - sharedBefore;
  const sizes = shared.map(({ booked }) => size(booked.amount));
  const sharedShares = distribute(sharedChange, sizes, settings.distribution);
  const sharedTaxes = scaledTaxes(shared, sharedChange, sharedBefore, settings);
  const changes = [
    ...own.map((part, index) => {
      const change = after[index]! - measure(part);
      const taxes = part.booked.taxes.map((tax) => proportion(tax, change, measure(part), settings));
      return { part, change, taxes };
    }),
    ...shared.map((part, index) => ({ part, change: sharedShares[index]!, taxes: sharedTaxes[index]! })),
  ];
  return changes.flatMap(({ part, change, taxes }): Planned[] => {
    if (change === 0n) return [];
    const { component, line, units } = part;
    const tax = sumOf(taxes);
    const asBooked = withTax && !component.taxIncluded ? change - tax : change;
    return [
      {
        units,
        component: {
          owner: component.owner,
          kind: component.kind,
          ...(component.source === undefined ? {} : { source: component.source }),
          label: `${label}: ${component.label}`,
          amount: asBooked,
          taxes: component.taxes.map((each, index) => ({ ...each, amount: taxes[index]! })),
          taxIncluded: component.taxIncluded,
          base: fraction(BigInt(remainingOf(line)), 1n),
          formula: `round(what it was × ${factor.num}/${factor.over}) - what it was`,
        },
      },
    ];
  });
}

const size = (amount: Minor): Minor => (amount < 0n ? -amount : amount);

/** The tax of an order-level adjustment is rounded as a whole, like its amount, and then shared out. */
function scaledTaxes(
  shared: readonly { readonly booked: Booked }[],
  change: Minor,
  before: Minor,
  settings: LedgerSettings,
): Minor[][] {
  const taxes = shared.flatMap(({ booked }) => booked.taxes);
  const whole = proportion(sumOf(taxes), change, before, settings);
  const shares = distribute(whole, taxes.map(size), settings.distribution);
  let at = 0;
  return shared.map(({ booked }) => booked.taxes.map(() => shares[at++]!));
}

/** Books up to three change orders for items and up to two for deliveries: before, in and after fulfilment. */
function book(
  summary: OrderSummary,
  reason: string,
  planned: readonly Planned[],
  type: ChangeType,
  deliveries: readonly Planned[],
  settings: LedgerSettings,
): Outcome {
  let current = summary;
  const changeOrders: ChangeOrder[] = [];
  for (const phase of ['pre', 'in', 'post'] as const) {
    for (const [group, kind] of [
      [planned, type],
      [deliveries, 'DeliveryChargeAdjustment'],
    ] as const) {
      const id = nextChangeId(current);
      const components = group.flatMap((each, index) => {
        const component = partOf(each, phase, settings);
        return component === undefined
          ? []
          : [{ ...component, id: `${component.owner.id}/${id}.${index + 1}` }];
      });
      if (components.length === 0) continue;
      const change = bookChange(
        current,
        { type: kind, phase, reason, addedComponents: components },
        settings,
      );
      changeOrders.push(change.changeOrder);
      current = change.summary;
    }
  }
  return outcomeOf('Adjustment', current, changeOrders);
}

const phases = ['pre', 'in', 'post'] as const;

/** The part of an adjustment that falls on one phase: the rounded share up to it, less the share before it. */
function partOf(
  { component, units }: Planned,
  phase: Phase,
  settings: LedgerSettings,
): Omit<Component, 'id'> | undefined {
  if (units[phase] === 0) return undefined;
  const before = BigInt(sizeOf(upTo(units, phases.indexOf(phase))));
  const here = before + BigInt(units[phase]);
  const all = BigInt(sizeOf(units));
  const part = (whole: Minor): Minor =>
    proportion(whole, here, all, settings) - proportion(whole, before, all, settings);
  return {
    ...component,
    amount: part(component.amount),
    taxes: component.taxes.map((tax) => ({ ...tax, amount: part(tax.amount) })),
  };
}

const upTo = (units: Readonly<Record<Phase, number>>, count: number): Record<Phase, number> => ({
  pre: count > 0 ? units.pre : 0,
  in: count > 1 ? units.in : 0,
  post: 0,
});
