// A small order for the tests of the ledger: two lines, one delivery, 20 % tax, paid by card.
import { RecourseError } from '../../../engine/errors/recourse-error.js';
import {
  allocateUnits,
  type DraftOrder,
  defaultSettings,
  type LedgerSettings,
  newDocuments,
  type OrderSummary,
  priceOrder,
  shipUnits,
  summarize,
} from '../../../orders/ledger/index.js';

export const eur = (amount: string) => ({ amount, currency: 'EUR' });
const taxes = [{ name: 'VAT', rate: '0.2' }];

export const draft: DraftOrder = {
  number: '1001',
  currency: 'EUR',
  taxPolicy: 'net',
  lines: [
    { id: 'cup', sku: 'CUP', title: 'Cup', quantity: 3, unitPrice: '10.00', taxes },
    { id: 'pot', sku: 'POT', title: 'Pot', quantity: 1, unitPrice: '30.00', taxes, returnable: false },
  ],
  deliveryGroups: [{ id: 'D1', method: 'Parcel', charge: '6.00', taxes }],
};

/** 79.20 in all: 60.00, 6.00 delivery and 13.20 tax; captured on one card. */
export function paidOrder(
  order: DraftOrder = draft,
  settings: LedgerSettings = defaultSettings,
): OrderSummary {
  const summary = summarize(newDocuments(priceOrder(order, settings)));
  const captured = summary.totals.grand.total;
  return summarize({
    ...summary,
    payments: [
      {
        id: 'P1',
        method: 'card',
        authorized: 0n,
        captured,
        refunded: 0n,
        capturedAt: '2026-01-01T00:00:00Z',
      },
    ],
  });
}

export function shippedOrder(
  order: DraftOrder = draft,
  settings: LedgerSettings = defaultSettings,
): OrderSummary {
  const paid = paidOrder(order, settings);
  const lines = paid.lines.map(({ id, quantity }) => ({ line: id, quantity }));
  return shipUnits(allocateUnits(paid, lines), { id: 'S1', lines });
}

/** For `assert.throws`: an error with this code. */
export const code = (expected: string) => (error: unknown) =>
  error instanceof RecourseError && error.code === expected;
