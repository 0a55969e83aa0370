// Properties of the order ledger over random orders and action sequences, against an exact reference of the test's own.
// PROPERTY_RUNS sets the number of random orders per property.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  adjustItems,
  availableToCancel,
  availableToReturn,
  cancelItems,
  createReturnOrder,
  defaultSettings,
  explainTotal,
  type LedgerSettings,
  type OrderSummary,
  processReturn,
  returnItems,
  summarize,
  toDocuments,
} from '../../../orders/ledger/index.js';
import { type Exact, fitted, referencePrices } from './exact-reference.js';
import {
  type Currency,
  checkExplanation,
  digitsOf,
  drafts,
  placed,
  refundAll,
  runs,
  settingsOf,
  shipped,
  steps,
  take,
} from './random-order.js';

const few = { numRuns: runs };

/** Parts add up to the whole, from the booked components, from the change orders and from the documents alike. */
function checkWhole(summary: OrderSummary): void {
  let components = 0n;
  for (const { id, taxIncluded } of summary.components) {
    const { amount, taxes } = summary.booked[id]!;
    components += amount + (taxIncluded ? 0n : taxes.reduce((sum, tax) => sum + tax, 0n));
  }
  const { grand, order, product, delivery, distributed, fees } = summary.totals;
  assert.equal(components, grand.total);
  assert.equal(product.total + delivery.total + distributed.total, order.total);
  assert.equal(order.total + fees.total, grand.total);
  assert.deepEqual(summarize(toDocuments(summary)), summary);
  assert.ok(summary.payments.every(({ captured, refunded }) => refunded >= 0n && refunded <= captured));
}

/** What is left of the drafted order's charge `id`, exactly: the price share of the units that gave theirs up is gone. */
function keptExactly(summary: OrderSummary, id: string): Exact {
  const lines = summary.lines.filter(
    (line) => line.deliveryGroup === id && summary.original.lines.some((each) => each.id === line.id),
  );
  const price = (line: string): bigint =>
    summary.original.components
      .filter(({ owner, kind }) => owner.id === line && kind !== 'order-adjustment')
      .reduce((sum, { amount }) => sum + amount, 0n);
  const prices = lines.map((line) => price(line.id));
  const all = prices.reduce((a, b) => a + b, 0n);
  const weights = all === 0n ? lines.map(({ quantity }) => BigInt(quantity)) : prices;
  let [num, over]: Exact = [1n, 1n];
  for (const [at, { shippingReduced, quantity }] of lines.entries()) {
    const whole = weights.reduce((a, b) => a + b, 0n) * BigInt(quantity);
    [num, over] = [num * whole - weights[at]! * BigInt(shippingReduced) * over, over * whole];
  }
  return [num, over];
}

/** Reverses everything that is left: cancels, ships the rest, returns it, and gives up the delivery charges. */
function reversed(summary: OrderSummary, settings: LedgerSettings): OrderSummary {
  let current = summary;
  const open = current.lines.filter((line) => availableToCancel(line) > 0);
  if (open.length > 0) {
    const items = open.map((line) => ({ line: line.id, quantity: availableToCancel(line) }));
    current = cancelItems(current, { items }, settings).summary;
  }
  const lines = current.lines
    .map(({ id, quantities }) => ({ line: id, quantity: quantities.allocated - quantities.fulfilled }))
    .filter(({ quantity }) => quantity > 0);
  if (lines.length > 0)
    current = summarize({ ...current, shipments: [...current.shipments, { id: 'last', lines }] });
  for (const returnOrder of current.returnOrders) {
    const items = returnOrder.lines
      .filter(({ processed }) => !processed)
      .map(({ id, expected }) => ({ returnLine: id, quantityReturned: expected }));
    if (items.length === 0) continue;
    current = processReturn(current, { returnOrder: returnOrder.id, items }, settings).summary;
  }
  const back = current.lines.filter((line) => availableToReturn(line) > 0);
  if (back.length > 0) {
    const items = back.map((line) => ({ line: line.id, quantity: availableToReturn(line) }));
    current = returnItems(current, { items }, settings).summary;
  }
  for (const { id: delivery } of current.original.deliveryGroups) {
    const cost = current.components
      .filter(({ owner }) => owner.kind === 'delivery' && owner.id === delivery)
      .reduce((sum, { id, taxIncluded }) => {
        const { amount, taxes } = current.booked[id]!;
        return sum + amount + (taxIncluded ? 0n : taxes.reduce((a, b) => a + b, 0n));
      }, 0n);
    if (cost === 0n) continue;
    current = adjustItems(current, { items: [{ delivery, adjustmentType: 'Rest' }] }, settings).summary;
  }
  return current;
}

describe('the order ledger, by its properties', function () {
  this.timeout(0);

  it('prices an order as the exact reference does, in currencies with 0, 2 and 3 decimals', () => {
    fc.assert(
      fc.property(drafts, (draft) => {
        const reference = referencePrices(draft, digitsOf[draft.currency as Currency]);
        const { components } = placed(draft, defaultSettings).original;
        assert.equal(components.length, reference.size);
        for (const { id, amount, taxes } of components) {
          assert.deepEqual({ amount, taxes: taxes.map((tax) => tax.amount) }, reference.get(id), id);
        }
      }),
      few,
    );
  });

  it('keeps every amount the rounded share of the original, whatever was done, and the parts add up', () => {
    fc.assert(
      fc.property(drafts, steps, (draft, sequence) => {
        const reference = referencePrices(draft, digitsOf[draft.currency as Currency]);
        let summary = placed(draft, defaultSettings);
        for (const step of sequence) {
          const { summary: after, outcome } = take(summary, step, defaultSettings);
          if (outcome !== undefined) {
            checkExplanation(outcome.explanation);
            const { grandTotalAmount, totalFeeAmount, totalFeeTaxAmount } = outcome.changeBalances;
            const change = summary.totals.grand.total - after.totals.grand.total;
            assert.equal(grandTotalAmount + totalFeeAmount + totalFeeTaxAmount, change);
          }
          summary = after;
        }
        checkWhole(summary);
        checkExplanation(explainTotal(summary));
        const remaining = new Map(
          summary.lines.map(({ id, quantity, quantities: { cancelled, returned } }): [string, Exact] => [
            id,
            [BigInt(quantity - cancelled - returned), 1n],
          ]),
        );
        for (const { id } of summary.original.components) {
          const { amount, taxes } = reference.get(id)!;
          const component = summary.components.find((each) => each.id === id)!;
          assert.deepEqual([component.amount, component.taxes.map((tax) => tax.amount)], [amount, taxes]);
        }
        const owners = new Set(summary.original.components.map(({ owner }) => `${owner.kind} ${owner.id}`));
        for (const key of owners) {
          const own = summary.components.filter(({ owner }) => `${owner.kind} ${owner.id}` === key);
          const { owner } = own[0]!;
          const units = remaining.get(owner.id);
          const kept = owner.kind === 'line' ? units! : keptExactly(summary, owner.id);
          const isShared = ({ kind }: (typeof own)[number]): boolean => kind === 'order-adjustment';
          const exactOf = (whole: bigint, { base }: (typeof own)[number]): Exact => [
            whole * kept[0] * base.over,
            kept[1] * base.num,
          ];
          const amounts = own.map((each) => ({
            exact: exactOf(each.amount, each),
            booked: summary.booked[each.id]!.amount,
            isShared: isShared(each),
          }));
          const taxes = own.flatMap((each) =>
            each.taxes.map((tax, at) => ({
              exact: exactOf(tax.amount, each),
              booked: summary.booked[each.id]!.taxes[at]!,
              isShared: isShared(each),
            })),
          );
          for (const found of [amounts, taxes]) {
            assert.deepEqual(
              found.map(({ booked }) => booked),
              fitted(found),
              key,
            );
          }
        }
      }),
      few,
    );
  });

  it('gives back exactly the original when everything is reversed, after any changes and with any settings', () => {
    fc.assert(
      fc.property(drafts, steps, settingsOf, (draft, sequence, settings) => {
        let summary = placed(draft, settings);
        const whole = summary.totals.grand.total;
        for (const step of sequence) summary = take(summary, step, settings).summary;
        const end = reversed(summary, settings);
        checkWhole(end);
        assert.equal(end.totals.order.total, 0n);
        assert.equal(end.totals.order.tax, 0n);
        const added = end.changeOrders.filter(({ type }) => type === 'Add' || type.endsWith('Fee'));
        const raised = added.reduce((sum, { totals }) => sum + totals.total, 0n);
        const lowered = end.changeOrders
          .filter((change) => !added.includes(change))
          .reduce((sum, { totals }) => sum - totals.total, 0n);
        assert.equal(lowered, whole + raised - end.totals.fees.total);
      }),
      few,
    );
  });

  it('never refunds more than was captured, and in the end all of it that no fee took', () => {
    fc.assert(
      fc.property(drafts, steps, settingsOf, (draft, sequence, settings) => {
        let summary = placed(draft, settings);
        for (const step of sequence) {
          summary = take(summary, step, settings).summary;
          for (const { captured, refunded } of summary.payments) assert.ok(refunded <= captured);
        }
        const end = reversed(summary, settings);
        const captured = end.payments.reduce((sum, payment) => sum + payment.captured, 0n);
        if (captured === 0n) return;
        const paid = take(end, { kind: 'refund', pick: 0, size: 1, flag: false }, settings).summary;
        const refunded = paid.payments.reduce((sum, payment) => sum + payment.refunded, 0n);
        assert.ok(refunded <= captured);
        const fees = end.totals.fees.total;
        // A fee may come after a refund, for items that were never paid.
        const before = end.payments.reduce((sum, payment) => sum + payment.refunded, 0n);
        assert.equal(refunded, captured - fees > before ? captured - fees : before);
      }),
      few,
    );
  });

  it('comes to one state however a return is split and whichever line changes first', () => {
    fc.assert(
      fc.property(
        drafts,
        settingsOf,
        fc.array(fc.record({ at: fc.nat(50), asOrder: fc.boolean() }), { maxLength: 40 }),
        fc.boolean(),
        fc.integer({ min: 0, max: 100 }),
        (draft, settings, turns, reduceShipping, percent) => {
          const start = shipped(placed(draft, settings));
          const wanted = start.lines.map(({ id, quantity }) => ({
            line: id,
            quantity: Math.floor((quantity * percent) / 100),
            reduceShipping,
          }));
          const items = wanted.filter(({ quantity }) => quantity > 0);
          if (items.length === 0) return;
          const atOnce = returnItems(start, { items }, settings).summary;
          // One unit at a time, in a random order of the lines; some through a return order.
          const queue = items.flatMap(({ line, quantity }) => Array.from({ length: quantity }, () => line));
          let inParts = start;
          for (let turn = 0; queue.length > 0; turn += 1) {
            const { at, asOrder } = turns[turn] ?? { at: 0, asOrder: false };
            const [line] = queue.splice(at % queue.length, 1) as [string];
            if (!asOrder) {
              inParts = returnItems(
                inParts,
                { items: [{ line, quantity: 1, reduceShipping }] },
                settings,
              ).summary;
              continue;
            }
            const created = createReturnOrder(
              inParts,
              { lines: [{ line, quantityExpected: 1, canReduceShipping: reduceShipping }] },
              settings,
            );
            const { id, lines } = created.returnOrder;
            const item = { returnLine: lines[0]!.id, quantityReturned: 1 };
            inParts = processReturn(created.summary, { returnOrder: id, items: [item] }, settings).summary;
          }
          assert.deepEqual(inParts.booked, atOnce.booked);
          assert.deepEqual(inParts.lines, atOnce.lines);
          assert.deepEqual(inParts.totals, atOnce.totals);
          const { payments, totals } = start;
          if (payments.every(({ captured }) => captured === 0n)) return;
          // Taxes rounded by themselves may make a free line's tax -1; then nothing is owed for returning it.
          if (atOnce.totals.grand.total >= totals.grand.total) return;
          assert.deepEqual(refundAll(inParts, settings).totals, refundAll(atOnce, settings).totals);
        },
      ),
      few,
    );
  });
});
