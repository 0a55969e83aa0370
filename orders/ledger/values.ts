// What the components of an order are worth when some of their units are gone: always the rounded share of the whole,
// so that a change is the share after it minus the share before it, and its path doesn't matter.
import type { Minor } from '../records/money-fields.js';
import { type Booked, type Component, sumOf } from './component.js';
import { type Fraction, fraction, minus, one, zero } from './fraction.js';
import { roundTogether } from './round-together.js';
import type { LedgerSettings } from './settings.js';
import { type LineState, type OrderSummary, remainingOf } from './summary.js';

/** Where the units are: what is left of lines and deliveries follows from it. */
export type Position = Pick<OrderSummary, 'original' | 'lines' | 'releasedDeliveries'>;

/** What is left of a delivery charge, from 0 to 1, by the units whose share of it was given up. */
export function keptOfDelivery(id: string, position: Position, settings: LedgerSettings): Fraction {
  if (position.releasedDeliveries.includes(id)) return zero;
  const originals = new Set(
    position.original.lines.filter((line) => line.deliveryGroup === id).map((line) => line.id),
  );
  // Items added later came without a share of the charge, so they can't give one up.
  const lines = position.lines.filter((line) => originals.has(line.id));
  const { reduction } = settings.shipping;
  if (reduction === 'when-all') {
    const isGone =
      lines.length > 0 && lines.every((line) => line.shippingReduced === line.quantities.ordered);
    return isGone ? zero : one;
  }
  const prices = reduction === 'by-price' ? lines.map((line) => priceOf(line, position)) : [];
  const isFree = sumOf(prices) === 0n;
  const weights = isFree ? lines.map(({ quantities }) => BigInt(quantities.ordered)) : prices;
  const all = sumOf(weights);
  let kept = one;
  for (const [index, { shippingReduced, quantities }] of lines.entries()) {
    if (shippingReduced === 0) continue;
    const gone = fraction(weights[index]! * BigInt(shippingReduced), all * BigInt(quantities.ordered));
    kept = minus(kept, gone);
  }
  return kept;
}

/** What a line cost when it was ordered, after its own adjustments; never below zero. */
function priceOf(line: LineState, { original }: Position): Minor {
  let price = 0n;
  for (const { owner, kind, amount } of original.components) {
    if (owner.id === line.id && owner.kind === 'line' && kind !== 'order-adjustment') price += amount;
  }
  return price < 0n ? 0n : price;
}

/** How much of a component's owner is left, in the unit of the component's base. */
export function keptOf({ owner }: Component, position: Position, settings: LedgerSettings): Fraction {
  if (owner.kind === 'fee') return one;
  if (owner.kind === 'delivery') return keptOfDelivery(owner.id, position, settings);
  const line = position.lines.find(({ id }) => id === owner.id);
  return line === undefined ? zero : fraction(BigInt(remainingOf(line)), 1n);
}

/** What is left of a component exactly, before rounding. */
export const exactlyLeft = (whole: Minor, kept: Fraction, base: Fraction): Fraction =>
  fraction(whole * kept.num * base.over, kept.over * base.num);

/** An amount or tax that is rounded together with others of its kind. */
interface Place {
  readonly component: Component;
  readonly kept: Fraction;
  readonly whole: Minor;
  put(value: Minor): void;
}

/**
 * The values of components at a position, in their order.
 *
 * What is rounded is the sum of a line or delivery (or of the order, by `rounding.scope`), once for the amounts and once
 * for the taxes, so that no line ever comes to less than nothing; the parts are then rounded to fit.
 *
 * @param components all components of each line and delivery that has one among them; with scope order, all there are
 */
export function valuesAt(
  components: readonly Component[],
  position: Position,
  settings: LedgerSettings,
): Booked[] {
  const values = components.map(({ taxes }) => ({ amount: 0n, taxes: taxes.map(() => 0n) }));
  const groups = new Map<string, Place[]>();
  const add = (key: string, place: Place): void => {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [place]);
    else group.push(place);
  };
  for (const [at, component] of components.entries()) {
    const { owner, amount, taxes } = component;
    const kept = keptOf(component, position, settings);
    const key = settings.rounding.scope === 'order' ? '' : `${owner.kind} ${owner.id}`;
    const value = values[at]!;
    add(key, {
      component,
      kept,
      whole: amount,
      put: (rounded) => {
        value.amount = rounded;
      },
    });
    for (const [index, tax] of taxes.entries()) {
      add(`${key} tax`, {
        component,
        kept,
        whole: tax.amount,
        put: (rounded) => {
          value.taxes[index] = rounded;
        },
      });
    }
  }
  for (const group of groups.values()) roundGroup(group, settings);
  return values;
}

function roundGroup(places: readonly Place[], settings: LedgerSettings): void {
  const { mode, scope } = settings.rounding;
  const alive = places.filter(({ kept, whole }) => kept.num !== 0n && whole !== 0n);
  const preferred = alive.findLastIndex(({ component }) => component.kind === 'order-adjustment');
  const perUnit = scope === 'unit' && places[0]!.component.owner.kind === 'line';
  const rounded = roundTogether(
    alive.map(({ component, kept, whole }) => exactlyLeft(whole, kept, component.base)),
    mode,
    preferred < 0 ? undefined : preferred,
    perUnit ? unitsLeft(alive) : undefined,
  );
  for (const [index, { put }] of alive.entries()) put(rounded[index]!);
}

/** What the units left of a line carry, when each amount is split evenly over the units and the first ones leave first. */
function unitsLeft(places: readonly Place[]): Minor {
  const wholes = new Map<bigint, Minor>();
  for (const { component, whole } of places) {
    const units = component.base.num;
    wholes.set(units, (wholes.get(units) ?? 0n) + whole);
  }
  const left = places[0]?.kept.num ?? 0n;
  let sum = 0n;
  for (const [units, whole] of wholes) sum += whole - firstUnits(whole, units, units - left);
  return sum;
}

/** What the first `count` of `units` units carry when the minor units left over lie on the first of them. */
function firstUnits(whole: Minor, units: bigint, count: bigint): Minor {
  const size = whole < 0n ? -whole : whole;
  const rest = size % units;
  const first = (size / units) * count + (count < rest ? count : rest);
  return whole < 0n ? -first : first;
}
