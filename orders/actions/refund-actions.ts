// What is paid back and released. It is booked before it is made: nobody else can pay the same money back meanwhile. What the
// processor then refuses is made by hand, and confirmed all the same.
import type { Action } from '../../engine/actions/action.js';
import type { Json, Schema } from '../../engine/definition/flow.js';
import type { Money } from '../../engine/money/money.js';
import type { OrderLedger, PaymentMovement } from '../aggregate/order-aggregate.js';
import { planVoids, voidAuthorization } from '../ledger/actions/payments.js';
import { planRefund, type RefundInput, type RefundPlan, recordRefunds } from '../ledger/actions/refund.js';
import { excessFunds } from '../ledger/change-balances.js';
import { inWords } from '../ledger/explanation.js';
import { orderErrors } from '../order-errors.js';
import type { Minor } from '../records/money-fields.js';
import { fields, flag, list, money, order, settings, text } from './action-schemas.js';
import { moneyJson, newMovement, orderAction, type OrderAtWork, type OrderChanged } from './order-work.js';

const payment = text("Id of the order's payment.", 'P10248-1', 60);
const creditMemos = list(text('Id of a credit memo.', 'M1', 40), 'Credit memos that are paid.', 0);
const invoicesToPay = list(text('Id of an invoice.', 'I1', 40), 'Invoices that are set off.', 0);

/** Movements that are booked and wait to be made. */
const movements = (description: string): Schema => ({
  type: 'array',
  description,
  items: {
    type: 'object',
    properties: {
      id: { type: 'string', description: 'For `orders.confirmMovement`.' },
      payment,
      label: { type: 'string', description: 'What a person may see of the payment.' },
      amount: money('How much.'),
      keep: { anyOf: [money('What stays held.'), { type: 'null' }] },
      reference: { type: ['string', 'null'], description: "The processor's id; null: made by hand." },
      isAutomatic: flag('Whether the processor can make it.'),
    },
    required: ['id', 'payment', 'label', 'amount', 'reference', 'isAutomatic'],
    additionalProperties: false,
  },
});

const refundOutput: Schema = {
  type: 'object',
  properties: {
    total: money('All that is paid back now.'),
    refunds: movements('One for each payment that gives money back; none where nothing is owed.'),
    words: { type: 'string', description: 'The explanation in words.' },
  },
  required: ['total', 'refunds', 'words'],
  additionalProperties: false,
};

/** New movements of the ledger, and what flows see of them. */
function bookMovements(
  work: OrderAtWork,
  type: PaymentMovement['type'],
  shares: readonly { readonly payment: string; readonly amount: Minor }[],
  more: (share: { readonly payment: string; readonly amount: Minor }) => {
    readonly keep?: Json;
    readonly byHand?: boolean;
  },
): { readonly ledger: Pick<OrderLedger, 'movements'>; readonly booked: Json } {
  const { ledger } = work.aggregate;
  const { currency } = work.summary.original;
  const booked: Json[] = [];
  const added = shares.map((share, index): PaymentMovement => {
    const { payment: id, amount } = share;
    const details = ledger.paymentDetails[id];
    const { byHand = false, ...rest } = more(share);
    const reference = byHand ? null : (details?.reference ?? null);
    const movement = newMovement(work, { state: 'pending', payment: id, type, amount, reference: '' }, index);
    booked.push({
      id: movement.id,
      payment: id,
      label: details?.label ?? id,
      amount: moneyJson(amount, currency),
      reference,
      isAutomatic: reference !== null,
      ...rest,
    });
    return movement;
  });
  return { ledger: { movements: [...ledger.movements, ...added] }, booked };
}

function refund(work: OrderAtWork, input: RefundInput): OrderChanged {
  const { summary, settings: rules } = work;
  const { currency } = summary.original;
  if (!isOwed(work, input)) {
    const total = moneyJson(0n, currency);
    return { output: { total, refunds: [], words: '' } };
  }
  const plan: RefundPlan = planRefund(summary, input, rules);
  const { ledger, booked } = bookMovements(work, 'refund', plan.refunds, () => ({}));
  return {
    summary: recordRefunds(summary, plan),
    ledger,
    output: {
      total: moneyJson(plan.total, currency),
      refunds: booked,
      words: inWords(plan.explanation),
    },
  };
}

/** Whether money was taken, and there is anything to give back of it. */
function isOwed({ summary }: OrderAtWork, { creditMemos: memos = [] }: RefundInput): boolean {
  if (summary.payments.every(({ captured }) => captured === 0n)) return false;
  const open = summary.creditMemos.filter(({ id, total, settled }) => memos.includes(id) && total > settled);
  const unknown = memos.some((id) => !summary.creditMemos.some((memo) => memo.id === id));
  return unknown || open.length > 0 || (memos.length === 0 && excessFunds(summary) > 0n);
}

export const refundExcessAction: Action = orderAction({
  name: 'orders.refundExcess',
  title: 'Book the refund of funds in excess',
  description:
    'Spreads what was paid and is not owed over the payments, as after a cancellation, and books it; `payments.refund` then makes it. Nothing in excess is an empty list.',
  permission: 'orders.cancel',
  input: fields({ order, invoicesToPay, settings }, ['order'], { order: '10248' }),
  output: refundOutput,
  undo: { none: 'A refund that is booked is made, if need be by hand.' },
  change: (work, input) => refund(work, input as unknown as RefundInput),
});

export const refundMemosAction: Action = orderAction({
  name: 'orders.refundMemos',
  title: 'Book the refund of credit memos',
  description:
    'Spreads open credit memos, less invoices, over the payments and books it; `payments.refund` then makes it. A smaller amount leaves the rest owed.',
  permission: 'refunds.initiate',
  input: fields(
    {
      order,
      creditMemos,
      invoicesToPay,
      amount: {
        anyOf: [money('Less than is owed.'), { type: 'null', description: 'All that is owed.' }],
      },
      settings,
    },
    ['order', 'creditMemos'],
    { order: '10248', creditMemos: ['M1'] },
  ),
  output: refundOutput,
  undo: { none: 'A refund that is booked is made, if need be by hand.' },
  change(work, input) {
    const { amount, ...given } = input as unknown as Omit<RefundInput, 'amount'> & { amount?: Money | null };
    return refund(work, amount === undefined || amount === null ? given : { ...given, amount });
  },
});

export const confirmMovementAction: Action = orderAction({
  name: 'orders.confirmMovement',
  title: 'Confirm a movement of money',
  description: 'Takes down how a booked refund or release was made: by the processor, or by hand.',
  input: fields(
    {
      order,
      movement: text('Id of the movement.', 'F2', 40),
      reference: text("The processor's id of it, or how it was made by hand.", 're_1Nispe2e'),
    },
    ['order', 'movement', 'reference'],
  ),
  output: fields({ movement: text('Id of the movement.', 'F2') }, ['movement']),
  undo: { none: 'It says what has happened.' },
  change({ aggregate }, input) {
    const { movement: id, reference } = input as { movement: string; reference: string };
    const found = aggregate.ledger.movements.find((each) => each.id === id);
    if (found === undefined) throw orderErrors.error('movement-unknown', `the order has no movement ${id}`);
    if (found.state === 'done')
      throw orderErrors.error('refund-recorded', `${id} is confirmed already, by ${found.reference}`);
    const movementsNow = aggregate.ledger.movements.map((each) =>
      each.id === id ? { ...each, state: 'done' as const, reference } : each,
    );
    return { ledger: { movements: movementsNow }, output: { movement: id } };
  },
});

export const releaseExcessAction: Action = orderAction({
  name: 'orders.releaseExcess',
  title: 'Book what is released of authorizations',
  description:
    'Lowers the authorizations to what the order still needs and books it; `payments.void` then makes it. What the processor can only release with the capture is marked as not automatic.',
  permission: 'orders.cancel',
  input: fields({ order, settings }, ['order'], { order: '10248' }),
  output: {
    type: 'object',
    properties: {
      total: money('All that is released now.'),
      voids: movements('One for each payment that is lowered; none where nothing is held in excess.'),
    },
    required: ['total', 'voids'],
    additionalProperties: false,
  },
  undo: { none: 'An authorization that was released is asked for anew.' },
  change(work) {
    const { summary, settings: rules } = work;
    const { currency } = summary.original;
    const shares = planVoids(summary, rules);
    const held = new Map(summary.payments.map((each) => [each.id, each]));
    const { ledger, booked } = bookMovements(work, 'void', shares, ({ payment: id, amount }) => {
      const { authorized, captured } = held.get(id)!;
      const keep = authorized - amount;
      return {
        keep: keep === 0n ? null : moneyJson(keep, currency),
        // A provider can not release a part of what it has begun to capture: it goes with the last capture.
        byHand: captured > 0n,
      };
    });
    let after = summary;
    let total = 0n;
    for (const { payment: id, amount } of shares) {
      after = voidAuthorization(after, id, amount);
      total += amount;
    }
    return {
      ...(shares.length === 0 ? {} : { summary: after, ledger }),
      output: { total: moneyJson(total, currency), voids: booked },
    };
  },
});
