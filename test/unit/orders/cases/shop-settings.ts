// The ledger settings that express each shop's rules; everything else is as our defaults. Documented in docs/ledger.md.
import type { PartialSettings } from '../../../../orders/ledger/index.js';

/** By the owner of the repository that a case comes from. */
export const shopSettings: Readonly<Record<string, PartialSettings>> = {
  // Units are refunded one by one; shares are rounded half-down and the rest goes to the first lines.
  Sylius: {
    lines: { granularity: 'per-unit' },
    distribution: { remainder: 'first-lines', rounding: 'half-down', zeroWeights: 'none' },
  },
  // A suggested refund is never more than what is left of the item and of the payments.
  Shopify: { adjustments: { beyond: 'limit' }, refunds: { partial: true } },
  // Shares are rounded down, also negative ones; lines that cost nothing share equally.
  'vendure-ecommerce': { distribution: { negative: 'floor', zeroWeights: 'equal' } },
};
