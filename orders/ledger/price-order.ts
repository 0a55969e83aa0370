// Prices a draft: taxes, discounts and shares of order-level adjustments, by the settings. Shops whose orders come with
// all amounts computed use `adoptOrder` instead.
import { toMinor } from '../../engine/money/money.js';
import { orderErrors } from '../order-errors.js';
import type { Minor, RateText } from '../records/money-fields.js';
import { type Component, type ComponentKind, type Owner, sumOf } from './component.js';
import { distribute, splitEvenly } from './distribute.js';
import { fraction, plus, times, zero } from './fraction.js';
import type { OriginalLine, OriginalOrder } from './original-order.js';
import { roundBy } from './rounding.js';
import { roundTogether } from './round-together.js';
import type { LedgerSettings } from './settings.js';
import { rateFraction, type TaxRate, taxShares } from './tax.js';

/** A discount (negative) or surcharge: `amount` as a decimal string, or `rate` as a share of the price. */
export interface DraftAdjustment {
  readonly id: string;
  readonly reason: string;
  readonly amount?: string;
  readonly rate?: RateText;
}

export interface DraftLine {
  readonly id: string;
  readonly sku: string;
  readonly title?: string;
  readonly returnable?: boolean;
  readonly deliveryGroup?: string;
  readonly quantity: number;
  /** Decimal string; either this or `subtotal`, the price of all units. */
  readonly unitPrice?: string;
  readonly subtotal?: string;
  readonly taxes?: readonly TaxRate[];
  /** Whether the price contains the taxes; by default as the order's policy says. */
  readonly taxIncluded?: boolean;
  readonly adjustments?: readonly DraftAdjustment[];
}

export interface DraftDelivery {
  readonly id: string;
  readonly method?: string;
  readonly charge: string;
  readonly taxes?: readonly TaxRate[];
  readonly taxIncluded?: boolean;
  readonly adjustments?: readonly DraftAdjustment[];
}

/** An order with prices and rates, before taxes and shares are computed; amounts are decimal strings in its currency. */
export interface DraftOrder {
  readonly number: string;
  readonly currency: string;
  readonly taxPolicy: 'net' | 'gross';
  readonly lines: readonly DraftLine[];
  readonly deliveryGroups?: readonly DraftDelivery[];
  /** At order level, shared out over the lines by what they cost after their own adjustments. */
  readonly adjustments?: readonly DraftAdjustment[];
}

interface Untaxed extends Omit<Component, 'taxes'> {
  readonly rates: readonly TaxRate[];
  readonly units: bigint;
}

/** @throws {RecourseError} `orders.order-invalid`, and the codes of the money room for amounts and rates */
export function priceOrder(draft: DraftOrder, settings: LedgerSettings): OriginalOrder {
  const groups = draft.deliveryGroups ?? [{ id: 'D1', charge: '0' }];
  const lines: OriginalLine[] = [];
  const untaxed: Untaxed[] = [];
  for (const line of draft.lines) {
    const group = line.deliveryGroup ?? groups[0]?.id ?? '';
    if (!groups.some(({ id }) => id === group)) throw invalid(`line ${line.id}: no delivery group ${group}`);
    addLine(draft, { ...line, deliveryGroup: group }, settings, lines, untaxed);
  }
  if (new Set(lines.map(({ id }) => id)).size !== lines.length) throw invalid('two lines have one id');
  shareOrderAdjustments(draft, lines, untaxed, settings);
  for (const group of groups) addDelivery(draft, group, settings, untaxed);
  return {
    number: draft.number,
    currency: draft.currency,
    taxPolicy: draft.taxPolicy,
    lines,
    deliveryGroups: groups.map(({ id, method }) => ({ id, method: method ?? id })),
    components: withTaxes(untaxed, settings),
  };
}

/** The lines and components of one drafted line, as `priceOrder` makes them; for items that are added later. */
export function priceLine(
  currency: string,
  line: DraftLine & { readonly deliveryGroup: string; readonly taxIncluded: boolean },
  lineNumber: number,
  settings: LedgerSettings,
): { readonly line: OriginalLine; readonly components: readonly Component[] } {
  const lines: OriginalLine[] = [];
  const untaxed: Untaxed[] = [];
  const asOrdered = { ...settings, lines: { granularity: 'as-ordered' } } as const;
  addLine({ currency, taxPolicy: 'net' }, line, asOrdered, lines, untaxed);
  return { line: { ...lines[0]!, lineNumber }, components: withTaxes(untaxed, settings) };
}

const invalid = (detail: string) => orderErrors.error('order-invalid', detail);

function minorOf(amount: string, currency: string): Minor {
  return toMinor({ amount, currency });
}

function amountOf(
  adjustment: DraftAdjustment,
  price: Minor,
  currency: string,
  settings: LedgerSettings,
): Minor {
  if (adjustment.amount !== undefined) return minorOf(adjustment.amount, currency);
  if (adjustment.rate === undefined) throw invalid(`adjustment ${adjustment.id} has neither amount nor rate`);
  return roundBy(settings.rounding.mode, times(rateFraction(adjustment.rate), fraction(price, 1n)));
}

function addLine(
  order: Pick<DraftOrder, 'currency' | 'taxPolicy'>,
  line: DraftLine & { readonly deliveryGroup: string },
  settings: LedgerSettings,
  lines: OriginalLine[],
  untaxed: Untaxed[],
): void {
  const { currency, taxPolicy } = order;
  const { quantity } = line;
  if (!Number.isSafeInteger(quantity) || quantity < 1) throw invalid(`line ${line.id}: quantity ${quantity}`);
  if (line.subtotal === undefined && line.unitPrice === undefined)
    throw invalid(`line ${line.id} has no price`);
  const price =
    line.subtotal === undefined
      ? minorOf(line.unitPrice!, currency) * BigInt(quantity)
      : minorOf(line.subtotal, currency);
  const adjustments = (line.adjustments ?? []).map((each) => ({
    ...each,
    minor: amountOf(each, price, currency, settings),
  }));
  if (price < 0n || price + sumOf(adjustments.map(({ minor }) => minor)) < 0n) {
    throw invalid(`line ${line.id} costs less than nothing`);
  }
  const perUnit = settings.lines.granularity === 'per-unit' && quantity > 1;
  const pieces = perUnit ? quantity : 1;
  const prices = splitEvenly(price, pieces);
  const shares = adjustments.map(({ minor }) => splitEvenly(minor, pieces));
  const units = BigInt(quantity / pieces);
  for (let piece = 0; piece < pieces; piece += 1) {
    const id = perUnit ? `${line.id}#${piece + 1}` : line.id;
    const owner: Owner = { kind: 'line', id };
    const part = (kind: ComponentKind, name: string, label: string, amount: Minor): Untaxed => ({
      id: `${id}/${name}`,
      owner,
      kind,
      label,
      amount,
      taxIncluded: line.taxIncluded ?? taxPolicy === 'gross',
      base: fraction(units, 1n),
      rates: line.taxes ?? [],
      units,
      ...(name === 'price' ? {} : { source: name }),
    });
    lines.push({
      id,
      lineNumber: lines.length + 1,
      deliveryGroup: line.deliveryGroup,
      sku: line.sku,
      title: line.title ?? line.sku,
      returnable: line.returnable ?? true,
      quantity: Number(units),
    });
    untaxed.push(part('product', 'price', line.title ?? line.sku, prices[piece]!));
    for (const [at, each] of adjustments.entries()) {
      untaxed.push(part('adjustment', each.id, each.reason, shares[at]![piece]!));
    }
  }
}

function shareOrderAdjustments(
  draft: DraftOrder,
  lines: readonly OriginalLine[],
  untaxed: Untaxed[],
  settings: LedgerSettings,
): void {
  const prices = lines.map(({ id }) => untaxed.find((each) => each.id === `${id}/price`)!);
  const values = lines.map(({ id }) =>
    sumOf(untaxed.filter((each) => each.owner.id === id).map(({ amount }) => amount)),
  );
  for (const adjustment of draft.adjustments ?? []) {
    const amount = amountOf(adjustment, sumOf(values), draft.currency, settings);
    const room = amount < 0n ? openValues(lines, untaxed) : undefined;
    const shares = distribute(amount, values, settings.distribution, room);
    for (const [at, line] of lines.entries()) {
      const { rates, units, taxIncluded, base } = prices[at]!;
      untaxed.push({
        id: `${line.id}/${adjustment.id}`,
        owner: { kind: 'line', id: line.id },
        kind: 'order-adjustment',
        source: adjustment.id,
        label: adjustment.reason,
        amount: shares[at]!,
        ...{ rates, units, taxIncluded, base },
      });
    }
  }
}

const openValues = (lines: readonly OriginalLine[], untaxed: readonly Untaxed[]): Minor[] =>
  lines.map(({ id }) => sumOf(untaxed.filter((each) => each.owner.id === id).map(({ amount }) => amount)));

function addDelivery(
  draft: DraftOrder,
  group: DraftDelivery,
  settings: LedgerSettings,
  untaxed: Untaxed[],
): void {
  const charge = minorOf(group.charge, draft.currency);
  if (charge < 0n) throw invalid(`delivery ${group.id} costs less than nothing`);
  const part = (kind: ComponentKind, name: string, label: string, amount: Minor): Untaxed => ({
    id: `${group.id}/${name}`,
    owner: { kind: 'delivery', id: group.id },
    kind,
    label,
    amount,
    taxIncluded: group.taxIncluded ?? draft.taxPolicy === 'gross',
    base: fraction(1n, 1n),
    rates: group.taxes ?? [],
    units: 1n,
    ...(name === 'charge' ? {} : { source: name }),
  });
  untaxed.push(part('delivery', 'charge', group.method ?? 'Delivery', charge));
  for (const each of group.adjustments ?? []) {
    untaxed.push(
      part('delivery-adjustment', each.id, each.reason, amountOf(each, charge, draft.currency, settings)),
    );
  }
}

function withTaxes(untaxed: readonly Untaxed[], settings: LedgerSettings): Component[] {
  const { rounding, compound } = settings.tax;
  const { mode } = settings.rounding;
  const taxes = untaxed.map(({ amount, rates, taxIncluded, units }) =>
    taxShares(rates, taxIncluded, compound).map((share, at) => {
      const exact = times(share, fraction(amount, 1n));
      const perUnit = roundBy(mode, times(exact, fraction(1n, units))) * units;
      return { ...rates[at]!, exact, amount: rounding === 'unit' ? perUnit : roundBy(mode, exact) };
    }),
  );
  if (rounding === 'line' || rounding === 'order') {
    const byTax = new Map<string, Map<string, { tax: (typeof taxes)[number][number]; from: Untaxed }[]>>();
    for (const [at, from] of untaxed.entries()) {
      for (const tax of taxes[at]!) {
        const key =
          rounding === 'line' ? `${from.owner.id} ${tax.name} ${tax.rate}` : `${tax.name} ${tax.rate}`;
        const owners = byTax.get(key) ?? new Map();
        byTax.set(key, owners.set(from.owner.id, [...(owners.get(from.owner.id) ?? []), { tax, from }]));
      }
    }
    // First what each line bears, which is never below zero, then the parts of the line to fit.
    for (const owners of byTax.values()) {
      const groups = [...owners.values()];
      const sums = groups.map((group) => group.map(({ tax }) => tax.exact).reduce(plus, zero));
      const wholes = roundTogether(sums, mode);
      for (const [index, group] of groups.entries()) {
        for (const { tax } of group) tax.amount = 0n;
        const alive = group.filter(({ tax }) => tax.exact.num !== 0n);
        if (alive.length === 0) continue;
        const preferred = alive.findLastIndex(({ from }) => from.kind === 'order-adjustment');
        const exact = alive.map(({ tax }) => tax.exact);
        const rounded = roundTogether(exact, mode, preferred < 0 ? undefined : preferred, wholes[index]!);
        for (const [at, { tax }] of alive.entries()) tax.amount = rounded[at]!;
      }
    }
  }
  return untaxed.map(({ rates: _rates, units: _units, ...component }, at) => ({
    ...component,
    taxes: taxes[at]!.map(({ name, rate, amount }) => ({ name, rate, amount })),
  }));
}
