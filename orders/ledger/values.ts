// What the components of an order are worth when some of their units are gone: always the rounded share of the whole,
// so that a change is the share after it minus the share before it, and its path doesn't matter.
import type { Minor } from '../records/money-fields.js';
import { type Booked, type Component, sumOf } from './component.js';
import { type Fraction, fraction, minus, one, times, zero } from './fraction.js';
import { roundBy } from './rounding.js';
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

const shareLeft = (kept: Fraction, base: Fraction): Fraction =>
  fraction(kept.num * base.over, kept.over * base.num);

/** The values of components at a position, in their order. With `rounding.scope` order they must be all of them. */
export function valuesAt(
  components: readonly Component[],
  position: Position,
  settings: LedgerSettings,
): Booked[] {
  const { mode, scope } = settings.rounding;
  const kept = components.map((component) => keptOf(component, position, settings));
  if (scope === 'order') return valuesTogether(components, kept, settings);
  return components.map((component, index) => {
    const { base, owner } = component;
    const left = kept[index]!;
    const partLeft = (whole: Minor): Minor => {
      if (left.num === 0n || whole === 0n) return 0n;
      if (left.num === base.num && left.over === base.over) return whole;
      if (scope === 'unit' && owner.kind === 'line')
        return whole - firstUnits(whole, base.num, base.num - left.num);
      return roundBy(mode, times(shareLeft(left, base), fraction(whole, 1n)));
    };
    return {
      amount: partLeft(component.amount),
      taxes: component.taxes.map(({ amount }) => partLeft(amount)),
    };
  });
}

/** What the first `count` of `units` units carry when the minor units left over lie on the first of them. */
function firstUnits(whole: Minor, units: bigint, count: bigint): Minor {
  const size = whole < 0n ? -whole : whole;
  const rest = size % units;
  const first = (size / units) * count + (count < rest ? count : rest);
  return whole < 0n ? -first : first;
}

/** Rounds the sum over all lines; what is left over goes to the order-level adjustment, else to the largest remainders. */
function valuesTogether(
  components: readonly Component[],
  kept: readonly Fraction[],
  settings: LedgerSettings,
): Booked[] {
  const { mode } = settings.rounding;
  const values = components.map(({ taxes }) => ({ amount: 0n, taxes: taxes.map(() => 0n) }));
  const round = (places: readonly { at: number; exact: Fraction; put: (value: Minor) => void }[]): void => {
    const alive = places.filter(({ exact }) => exact.num !== 0n);
    const preferred = alive.findLastIndex(({ at }) => components[at]!.kind === 'order-adjustment');
    const rounded = roundTogether(
      alive.map(({ exact }) => exact),
      mode,
      preferred < 0 ? undefined : preferred,
    );
    for (const [index, { put }] of alive.entries()) put(rounded[index]!);
  };
  const exactOf = (at: number, whole: Minor): Fraction =>
    times(shareLeft(kept[at]!, components[at]!.base), fraction(whole, 1n));
  round(
    components.map(({ amount }, at) => ({
      at,
      exact: exactOf(at, amount),
      put: (value) => {
        values[at]!.amount = value;
      },
    })),
  );
  const names = new Set(components.flatMap(({ taxes }) => taxes.map(({ name }) => name)));
  for (const name of names) {
    round(
      components.flatMap(({ taxes }, at) =>
        taxes.flatMap((tax, index) =>
          tax.name === name
            ? [
                {
                  at,
                  exact: exactOf(at, tax.amount),
                  put: (value: Minor) => {
                    values[at]!.taxes[index] = value;
                  },
                },
              ]
            : [],
        ),
      ),
    );
  }
  return values;
}
