// The rules on which shops differ, as data: a flow names its settings, and they are versioned with it.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { orderErrors } from '../order-errors.js';
import type { DistributionRule } from './distribute.js';
import { type RoundingMode, roundingModes } from './rounding.js';

export interface LedgerSettings {
  readonly rounding: { readonly mode: RoundingMode; readonly scope: 'line' | 'unit' | 'order' };
  readonly distribution: DistributionRule & { readonly base: 'net-value' | 'components' };
  readonly lines: { readonly granularity: 'as-ordered' | 'per-unit' };
  readonly tax: { readonly rounding: 'component' | 'line' | 'unit' | 'order'; readonly compound: boolean };
  readonly shipping: {
    readonly reduction: 'by-price' | 'by-quantity' | 'when-all';
    readonly byDefault: 'keep' | 'reduce';
    readonly onCancelOrder: 'keep' | 'refund';
  };
  readonly fees: { readonly tax: 'like-item' | 'none'; readonly limit: 'credit' | 'none' };
  readonly adjustments: {
    readonly allocated: 'Disallowed' | 'InFulfillment' | 'PreFulfillment';
    readonly individualTaxes: boolean;
    readonly beyond: 'refuse' | 'limit';
  };
  readonly refunds: { readonly cover: 'smallest' | 'largest'; readonly partial: boolean };
  readonly returns: { readonly receipt: 'optional' | 'required' };
}

/** Settings of which any part may be left out; what is left out has its default. */
export type PartialSettings = { readonly [Part in keyof LedgerSettings]?: Partial<LedgerSettings[Part]> };

const choice = (description: string, fallback: string, values: readonly string[]) => ({
  type: 'string',
  enum: values,
  default: fallback,
  description,
});
const yesNo = (description: string, fallback: boolean) => ({
  type: 'boolean',
  default: fallback,
  description,
});
const object = (description: string, properties: Record<string, object>) => ({
  type: 'object',
  additionalProperties: false,
  description,
  properties,
});
const part = (description: string, properties: Record<string, object>) => ({
  ...object(description, properties),
  default: {},
});

/** JSON Schema (2020-12) of the settings; the form, the check and `docs/ledger.md` come from it. */
export const ledgerSettingsSchema = {
  $id: 'https://recourse.example/schemas/ledger-settings.json',
  title: 'Ledger settings',
  ...object('The rules of money on which shops differ.', {
    rounding: part('How a reversal is rounded.', {
      mode: choice(
        'Where an exact half of a minor unit goes: away from zero, to the even neighbour, or toward zero.',
        'half-up',
        roundingModes,
      ),
      scope: choice(
        'What is rounded; the parts then fit, the minor unit left over going to the order-level adjustment if there is one, else to the largest remainder, ties by order. line: the share of a line that is left. unit: a line is split over its units first, the rest going to the first units, and units leave first to last. order: the sum over all lines.',
        'line',
        ['line', 'unit', 'order'],
      ),
    }),
    distribution: part('How one amount is shared out over lines.', {
      base: choice(
        'What an adjustment of several lines is shared out by. net-value: by what each line costs after its own adjustments. components: prices, promotions and order-level adjustments are all scaled by one factor, and the minor unit left over goes to the order-level adjustment.',
        'net-value',
        ['net-value', 'components'],
      ),
      remainder: choice(
        'Where minor units left over go. largest: to the largest remainders, ties by line number. first-lines: each share is rounded by itself and the rest goes to the first lines, one each.',
        'largest',
        ['largest', 'first-lines'],
      ),
      rounding: choice('With first-lines: how each share is rounded.', 'half-up', roundingModes),
      negative: choice(
        'With largest: a negative amount mirrors the shares of the positive one, or its shares are rounded down and the largest fractions get the rest back.',
        'mirrored',
        ['mirrored', 'floor'],
      ),
      zeroWeights: choice('What happens when all lines cost nothing: equal shares, or none.', 'equal', [
        'equal',
        'none',
      ]),
    }),
    lines: part('How lines are kept.', {
      granularity: choice(
        'as-ordered: one line of the ledger for each line of the order. per-unit: one for each unit, so that units can be adjusted and returned one by one.',
        'as-ordered',
        ['as-ordered', 'per-unit'],
      ),
    }),
    tax: part('How taxes are computed when an order is priced by the ledger.', {
      rounding: choice(
        'What a tax is rounded on: each price and adjustment, each line, each unit of a line, or the order (shared out by largest remainder).',
        'component',
        ['component', 'line', 'unit', 'order'],
      ),
      compound: yesNo('Whether each tax is also taken on the taxes before it.', false),
    }),
    shipping: part('When a delivery charge is given back.', {
      reduction: choice(
        'How a charge is reduced for units whose return or cancellation reduces shipping: by their share of the price, by their share of the units, or only when all units of the delivery are gone.',
        'by-price',
        ['by-price', 'by-quantity', 'when-all'],
      ),
      byDefault: choice('What happens when a request does not say whether shipping is reduced.', 'keep', [
        'keep',
        'reduce',
      ]),
      onCancelOrder: choice(
        'What a cancellation of the whole order does to its delivery charges.',
        'refund',
        ['keep', 'refund'],
      ),
    }),
    fees: part('Fees for cancelling and returning.', {
      tax: choice('Whether a fee without tax is taxed like its item, or not at all.', 'like-item', [
        'like-item',
        'none',
      ]),
      limit: choice('Whether the fee of an item may be more than the credit it goes with.', 'credit', [
        'credit',
        'none',
      ]),
    }),
    adjustments: part('Adjustments after the order was placed.', {
      allocated: choice(
        'Units in fulfilment: Disallowed leaves them out (and refuses when no others are left), InFulfillment gives them a change order of their own, PreFulfillment puts them with those before fulfilment.',
        'Disallowed',
        ['Disallowed', 'InFulfillment', 'PreFulfillment'],
      ),
      individualTaxes: yesNo(
        'Whether each tax of the item is adjusted by itself, or all in one combined tax.',
        false,
      ),
      beyond: choice(
        'What happens when more is to be taken off than is left: it is refused, or limited to what is left.',
        'refuse',
        ['refuse', 'limit'],
      ),
    }),
    refunds: part('How a refund is spread over payments.', {
      cover: choice(
        'Which payment is taken when none has exactly the amount and one alone covers it: the smallest or the largest such payment.',
        'smallest',
        ['smallest', 'largest'],
      ),
      partial: yesNo(
        'Whether as much as possible is refunded when the payments do not cover all of it.',
        false,
      ),
    }),
    returns: part('Return orders.', {
      receipt: choice(
        'Whether units must have been received before they are returned for money.',
        'optional',
        ['optional', 'required'],
      ),
    }),
  }),
} as const;

const check = new Ajv2020({ useDefaults: true, validateSchema: false }).compile(ledgerSettingsSchema);

/** Complete settings from partial ones. @throws {RecourseError} `orders.settings-invalid` */
export function ledgerSettings(given: PartialSettings = {}): LedgerSettings {
  const settings: unknown = structuredClone(given);
  if (!check(settings)) {
    const [problem] = check.errors ?? [];
    throw orderErrors.error(
      'settings-invalid',
      `${problem?.instancePath || '/'} ${problem?.message ?? ''}`.trim(),
    );
  }
  return settings as unknown as LedgerSettings;
}

/** The rules of the house, where nothing else is set. */
export const defaultSettings: LedgerSettings = ledgerSettings();
