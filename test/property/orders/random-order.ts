// Random orders in currencies with 0, 2 and 3 decimals, and random sequences of actions on them.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RecourseError } from '../../../engine/errors/recourse-error.js';
import { fromMinor, toMinor } from '../../../engine/money/money.js';
import {
  addItems,
  adjustItems,
  adjustOrder,
  allocateUnits,
  availableToCancel,
  availableToReturn,
  cancelItems,
  createCreditMemo,
  createInvoice,
  createReturnOrder,
  type DraftOrder,
  type Explanation,
  exchangeItems,
  inFulfilment,
  type LedgerSettings,
  ledgerSettings,
  newDocuments,
  type OrderSummary,
  type Outcome,
  planRefund,
  priceOrder,
  processReturn,
  type RefundInput,
  recordRefunds,
  returnItems,
  shipUnits,
  summarize,
} from '../../../orders/ledger/index.js';

export const runs = Number(process.env['PROPERTY_RUNS'] ?? 1000);

export const digitsOf = { JPY: 0, EUR: 2, KWD: 3 } as const;
export type Currency = keyof typeof digitsOf;

const rates = [['0.06'], ['0.19'], ['0.05', '0.0875'], ['0.07', '0.025'], ['0.3333'], ['0'], []] as const;

export const drafts: fc.Arbitrary<DraftOrder> = fc
  .record({
    currency: fc.constantFrom<Currency>('JPY', 'EUR', 'KWD'),
    taxPolicy: fc.constantFrom('net' as const, 'gross' as const),
    lines: fc.array(
      fc.record({
        price: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 200_000 })),
        quantity: fc.integer({ min: 1, max: 7 }),
        rates: fc.constantFrom(...rates),
        group: fc.integer({ min: 0, max: 1 }),
        off: fc.constantFrom(undefined, '-0.1', '-0.075', '-0.3333', '-1'),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    orderOff: fc.constantFrom(undefined, '-0.05', '-0.0333', '-0.5'),
    charges: fc.array(
      fc.record({ charge: fc.integer({ min: 0, max: 9_999 }), rates: fc.constantFrom(...rates) }),
      { minLength: 1, maxLength: 2 },
    ),
  })
  .map(({ currency, taxPolicy, lines, orderOff, charges }): DraftOrder => {
    const text = (minor: number): string => fromMinor(BigInt(minor), currency).amount;
    const taxes = (each: readonly string[]) => each.map((rate, at) => ({ name: `T${at + 1}`, rate }));
    return {
      number: 'random',
      currency,
      taxPolicy,
      lines: lines.map(({ price, quantity, rates: own, group, off }, at) => ({
        id: `L${at + 1}`,
        sku: `S${at + 1}`,
        quantity,
        unitPrice: text(price),
        taxes: taxes(own),
        deliveryGroup: `D${(group % charges.length) + 1}`,
        adjustments: off === undefined ? [] : [{ id: 'promo', reason: 'Promotion', rate: off }],
      })),
      deliveryGroups: charges.map(({ charge, rates: own }, at) => ({
        id: `D${at + 1}`,
        charge: text(charge),
        taxes: taxes(own),
      })),
      adjustments: orderOff === undefined ? [] : [{ id: 'order', reason: 'Order discount', rate: orderOff }],
    };
  });

export const settingsOf: fc.Arbitrary<LedgerSettings> = fc
  .record({
    scope: fc.constantFrom('line' as const, 'unit' as const, 'order' as const),
    mode: fc.constantFrom('half-up' as const, 'half-even' as const, 'half-down' as const),
    base: fc.constantFrom('net-value' as const, 'components' as const),
    reduction: fc.constantFrom('by-price' as const, 'by-quantity' as const, 'when-all' as const),
    allocated: fc.constantFrom('Disallowed' as const, 'InFulfillment' as const, 'PreFulfillment' as const),
    tax: fc.constantFrom('component' as const, 'line' as const, 'unit' as const, 'order' as const),
    individualTaxes: fc.boolean(),
    compound: fc.boolean(),
  })
  .map(({ scope, mode, base, reduction, allocated, tax, individualTaxes, compound }) =>
    ledgerSettings({
      rounding: { scope, mode },
      distribution: { base },
      shipping: { reduction },
      adjustments: { allocated, individualTaxes },
      tax: { rounding: tax, compound },
    }),
  );

/** The order as placed and captured in two payments. */
export function placed(draft: DraftOrder, settings: LedgerSettings): OrderSummary {
  const summary = summarize(newDocuments(priceOrder(draft, settings)));
  const total = summary.totals.grand.total;
  const first = total / 3n;
  const payments = [first, total - first].map((captured, at) => ({
    id: `P${at + 1}`,
    method: 'card',
    authorized: 0n,
    captured,
    refunded: 0n,
    capturedAt: `2026-01-0${at + 1}T00:00:00Z`,
  }));
  return summarize({ ...summary, payments });
}

export function shipped(summary: OrderSummary, isPart = false): OrderSummary {
  const lines = summary.lines.flatMap((line) => {
    const quantity = isPart ? Math.ceil(availableToCancel(line) / 2) : availableToCancel(line);
    return quantity > 0 ? [{ line: line.id, quantity }] : [];
  });
  if (lines.length === 0) return summary;
  const id = `S${summary.shipments.length + 1}`;
  return shipUnits(allocateUnits(summary, lines), { id, lines });
}

const kinds = [
  'allocate',
  'ship',
  'cancel',
  'cancel-with-fee',
  'return',
  'return-with-fee',
  'return-order',
  'adjust',
  'adjust-order',
  'adjust-delivery',
  'add',
  'exchange',
  'refund',
] as const;

export interface Step {
  readonly kind: (typeof kinds)[number];
  readonly pick: number;
  readonly size: number;
  readonly flag: boolean;
}

export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(...kinds),
    pick: fc.nat(20),
    size: fc.integer({ min: 1, max: 100 }),
    flag: fc.boolean(),
  }),
  { maxLength: 10 },
);

export interface Taken {
  readonly summary: OrderSummary;
  readonly outcome?: Outcome;
}

/** One step as far as the order allows it; a refusal leaves the order as it was, but a broken ledger is an error. */
export function take(summary: OrderSummary, step: Step, settings: LedgerSettings): Taken {
  try {
    return taken(summary, step, settings);
  } catch (error) {
    if (error instanceof RecourseError && error.code !== 'orders.ledger-broken') return { summary };
    throw error;
  }
}

function taken(summary: OrderSummary, { kind, pick, size, flag }: Step, settings: LedgerSettings): Taken {
  const { currency } = summary.original;
  const line = summary.lines[pick % summary.lines.length]!;
  const upTo = (most: number): number => Math.max(1, Math.ceil((most * size) / 100));
  const worth = (total: bigint): bigint => -(total * BigInt(size)) / 100n;
  const of = (outcome: Outcome): Taken => ({ summary: outcome.summary, outcome });
  const fees = [
    flag
      ? { amountType: 'Percentage' as const, percent: '12.5' }
      : { amountType: 'AmountWithTax' as const, amount: fromMinor(BigInt(size), currency) },
  ];
  switch (kind) {
    case 'allocate':
      return {
        summary: allocateUnits(summary, [{ line: line.id, quantity: upTo(availableToCancel(line)) }]),
      };
    case 'ship': {
      const lines = [{ line: line.id, quantity: upTo(inFulfilment(line)) }];
      return { summary: shipUnits(summary, { id: `S${summary.shipments.length + 1}`, lines }) };
    }
    case 'cancel':
    case 'cancel-with-fee': {
      const item = { line: line.id, quantity: upTo(availableToCancel(line)), reduceShipping: flag };
      return of(cancelItems(summary, { items: [kind === 'cancel' ? item : { ...item, fees }] }, settings));
    }
    case 'return':
    case 'return-with-fee': {
      const item = { line: line.id, quantity: upTo(availableToReturn(line)), reduceShipping: flag };
      return of(returnItems(summary, { items: [kind === 'return' ? item : { ...item, fees }] }, settings));
    }
    case 'return-order': {
      const quantityExpected = availableToReturn(line);
      const created = createReturnOrder(
        summary,
        { lines: [{ line: line.id, quantityExpected, canReduceShipping: flag }] },
        settings,
      );
      const quantityReturned = upTo(quantityExpected);
      const quantityToCancel = flag ? quantityExpected - quantityReturned : 0;
      const { id, lines } = created.returnOrder;
      const item = { returnLine: lines[0]!.id, quantityReturned, quantityToCancel };
      return of(processReturn(created.summary, { returnOrder: id, items: [item] }, settings));
    }
    case 'adjust': {
      const type = (['AmountWithTax', 'AmountWithoutTax', 'AmountTaxOnly', 'ProductOnly'] as const)[
        pick % 4
      ]!;
      const item = flag
        ? { line: line.id, adjustmentType: 'Percentage' as const, percent: `-${size}` }
        : { line: line.id, adjustmentType: type, amount: fromMinor(-BigInt(size), currency) };
      return of(adjustItems(summary, { items: [item] }, settings));
    }
    case 'adjust-order': {
      const product = fromMinor(worth(summary.totals.product.net + summary.totals.distributed.net), currency);
      return of(adjustOrder(summary, { product, withTax: flag }, settings));
    }
    case 'adjust-delivery': {
      const delivery = summary.original.deliveryGroups[pick % summary.original.deliveryGroups.length]!.id;
      const amount = fromMinor(worth(summary.totals.delivery.total), currency);
      return of(
        adjustItems(summary, { items: [{ delivery, adjustmentType: 'AmountWithTax', amount }] }, settings),
      );
    }
    case 'add':
    case 'exchange': {
      const added = {
        items: [
          {
            sku: 'new',
            quantity: 2,
            unitPrice: fromMinor(BigInt(size), currency).amount,
            taxes: [{ name: 'T1', rate: '0.19' }],
          },
        ],
      };
      if (kind === 'add') return of(addItems(summary, added, settings));
      const returned = { items: [{ line: line.id, quantity: upTo(availableToReturn(line)) }] };
      return of(exchangeItems(summary, { returned, added }, settings));
    }
    case 'refund':
      return { summary: refundAll(summary, settings) };
  }
}

/** Every figure with parts is exactly their sum. */
export function checkExplanation(explanation: Explanation): void {
  const { children, amount, label } = explanation;
  if (children.length > 0) {
    const sum = children.reduce((total, child) => total + toMinor(child.amount), 0n);
    assert.equal(sum, toMinor(amount), `${label} is not the sum of its parts`);
  }
  for (const child of children) checkExplanation(child);
}

/** Puts all open credits on a memo and all fees on an invoice, and pays out what is owed. */
export function refundAll(summary: OrderSummary, settings: LedgerSettings): OrderSummary {
  let current = summary;
  const onMemo = new Set(current.creditMemos.flatMap((memo) => memo.changeOrders));
  const credits = current.changeOrders.filter(
    ({ id, phase, totals }) => phase === 'post' && totals.total < 0n && !onMemo.has(id),
  );
  if (credits.length > 0) {
    current = createCreditMemo(current, { changeOrders: credits.map(({ id }) => id) }).summary;
  }
  const billed = new Set(current.invoices.flatMap((invoice) => invoice.changeOrders));
  const fees = current.changeOrders.filter(({ id, type, totals }) => {
    return type.endsWith('Fee') && totals.total > 0n && !billed.has(id);
  });
  if (fees.length > 0) current = createInvoice(current, { changeOrders: fees.map(({ id }) => id) }).summary;
  const input: RefundInput = {
    creditMemos: current.creditMemos.filter(({ total, settled }) => settled < total).map(({ id }) => id),
    excessFunds: 'all' as const,
    invoicesToPay: current.invoices.filter(({ total, paid }) => paid < total).map(({ id }) => id),
  };
  const plan = planRefund(current, input, { ...settings, refunds: { ...settings.refunds, partial: true } });
  checkExplanation(plan.explanation);
  return recordRefunds(current, plan);
}
