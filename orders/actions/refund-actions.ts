// What is paid back: which payments give how much, what the processor made of it, and what was paid by hand.
import type { Json, Schema } from '../../engine/definition/flow.js';
import { fromMinor, type Money } from '../../engine/money/money.js';
import { amountIn } from '../ledger/amounts.js';
import { excessFunds } from '../ledger/change-balances.js';
import { inWords } from '../ledger/explanation.js';
import type { PaymentShare } from '../ledger/payment-allocation.js';
import { planVoids, voidAuthorization } from '../ledger/actions/payments.js';
import { planRefund, type RefundInput, type RefundPlan, recordRefunds } from '../ledger/actions/refund.js';
import { orderErrors } from '../order-errors.js';
import { explanation, fields, flag, list, money, order, settings, text } from './action-schemas.js';
import { orderAction, type OrderAtWork } from './order-work.js';

const payment = text("Id of the order's payment.", 'P10248-1', 60);
const creditMemos = list(text('Id of a credit memo.', 'M1', 40), 'Credit memos that are paid.', 0);
const invoicesToPay = list(text('Id of an invoice.', 'I1', 40), 'Invoices that are set off.', 0);

const refundShares: Schema = {
  type: 'array',
  description: 'One for each payment that gives money back.',
  items: {
    type: 'object',
    properties: {
      payment,
      amount: money('What it gives back.'),
      reference: { type: ['string', 'null'], description: "The processor's id; null: refunded by hand." },
      isAutomatic: flag('Whether the processor can refund it.'),
    },
    required: ['payment', 'amount', 'reference', 'isAutomatic'],
    additionalProperties: false,
  },
};

const invoicePayments: Schema = {
  type: 'array',
  description: 'What is set off against invoices.',
  items: {
    type: 'object',
    properties: { invoice: { type: 'string' }, amount: money('What is set off.') },
    required: ['invoice', 'amount'],
    additionalProperties: false,
  },
};

const toShares = (shares: readonly PaymentShare[], { aggregate, summary }: OrderAtWork): Json =>
  shares.map(({ payment: id, amount }) => {
    const reference = aggregate.ledger.paymentDetails[id]?.reference ?? null;
    return {
      payment: id,
      amount: fromMinor(amount, summary.original.currency) as unknown as Json,
      reference,
      isAutomatic: reference !== null,
    };
  });

export const planRefundAction = orderAction({
  name: 'orders.planRefund',
  title: 'Plan a refund',
  description:
    'Spreads open credit memos and funds in excess, less invoices, over the payments; changes nothing. Nothing owed is an empty plan.',
  permission: 'orders.read',
  input: fields(
    {
      order,
      creditMemos,
      excessFunds: flag(
        'Whether funds in excess are paid back, too; they are where no credit memo is named.',
      ),
      invoicesToPay,
      amount: money('Less than is owed; the rest stays owed.'),
      settings,
    },
    ['order'],
    { order: '10248', creditMemos: ['M1'] },
  ),
  output: {
    type: 'object',
    properties: {
      total: money('All of it.'),
      isNeeded: flag('Whether anything is paid back or set off.'),
      refunds: refundShares,
      creditMemos: { type: 'array', items: { type: 'string' } },
      invoicePayments,
      explanation: { anyOf: [explanation, { type: 'null' }] },
      words: { type: 'string', description: 'The explanation in words.' },
    },
    required: ['total', 'isNeeded', 'refunds', 'creditMemos', 'invoicePayments', 'words'],
    additionalProperties: false,
  },
  change(work, input) {
    const { summary, settings: rules } = work;
    const { currency } = summary.original;
    const { excessFunds: withExcess, ...given } = input as unknown as Omit<RefundInput, 'excessFunds'> & {
      excessFunds?: boolean;
    };
    const plan = plannedRefund(
      work,
      {
        ...given,
        ...(withExcess === true ? { excessFunds: 'all' as const } : {}),
        ...(withExcess === false ? { excessFunds: fromMinor(0n, currency) } : {}),
      },
      rules,
    );
    return {
      output: {
        total: fromMinor(plan?.total ?? 0n, currency) as unknown as Json,
        isNeeded: plan !== undefined,
        refunds: toShares(plan?.refunds ?? [], work),
        creditMemos: plan?.creditMemos ?? [],
        invoicePayments: (plan?.invoicePayments ?? []).map(({ invoice, amount }) => ({
          invoice,
          amount: fromMinor(amount, currency) as unknown as Json,
        })),
        explanation: (plan?.explanation ?? null) as unknown as Json,
        words: plan === undefined ? '' : inWords(plan.explanation),
      },
    };
  },
});

/** The plan; undefined where nothing was captured or nothing is owed. */
function plannedRefund(
  { summary }: OrderAtWork,
  input: RefundInput,
  rules: OrderAtWork['settings'],
): RefundPlan | undefined {
  const memos = input.creditMemos ?? [];
  const isOwed =
    excessFunds(summary) > 0n ||
    summary.creditMemos.some(({ id, total, settled }) => memos.includes(id) && total > settled);
  const isCaptured = summary.payments.some(({ captured }) => captured > 0n);
  if (!isCaptured && memos.length === 0) return undefined;
  return isOwed ? planRefund(summary, input, rules) : undefined;
}

export const recordRefundsAction = orderAction({
  name: 'orders.recordRefunds',
  title: 'Record refunds',
  description:
    'Takes down what was paid back, by the processor or by hand, and settles credit memos and invoices with it.',
  permission: 'orders.read',
  input: fields(
    {
      order,
      refunds: list(
        fields(
          {
            payment,
            amount: money('What was given back.'),
            reference: text("The processor's id of the refund, or how it was paid by hand.", 're_1Nispe2e'),
          },
          ['payment', 'amount', 'reference'],
        ),
        'What was paid back.',
        0,
      ),
      creditMemos,
      invoicePayments: list(
        fields({ invoice: text('Id of the invoice.', 'I1', 40), amount: money('What was set off.') }, [
          'invoice',
          'amount',
        ]),
        'What was set off.',
        0,
      ),
    },
    ['order', 'refunds'],
    {
      order: '10248',
      refunds: [{ payment: 'P10248-1', amount: { amount: '5.00', currency: 'EUR' }, reference: 're_1' }],
    },
  ),
  output: fields({ refunded: money('All that was paid back now.') }, ['refunded']),
  undo: { none: 'Money that was paid back is charged again by a new authorization.' },
  change({ summary, aggregate, call }, input) {
    const { currency } = summary.original;
    const given = input as unknown as {
      refunds: readonly { payment: string; amount: Money; reference: string }[];
      creditMemos?: readonly string[];
      invoicePayments?: readonly { invoice: string; amount: Money }[];
    };
    const refunds = given.refunds.map(({ payment: id, amount }) => ({
      payment: id,
      amount: amountIn(amount, currency),
    }));
    // A refund that was taken down before is not taken down again, however often the flow comes here.
    const taken = new Set(aggregate.ledger.movements.map(({ type, reference }) => `${type} ${reference}`));
    const twice = given.refunds.find(({ reference }) => taken.has(`refund ${reference}`));
    if (twice !== undefined) {
      throw orderErrors.error('refund-recorded', `the refund ${twice.reference} is recorded already`);
    }
    const after = recordRefunds(summary, {
      refunds,
      creditMemos: given.creditMemos ?? [],
      invoicePayments: (given.invoicePayments ?? []).map(({ invoice, amount }) => ({
        invoice,
        amount: amountIn(amount, currency),
      })),
    });
    const movements = given.refunds.map(({ payment: id, reference }, index) => ({
      payment: id,
      type: 'refund' as const,
      amount: refunds[index]!.amount,
      at: call.now,
      reference,
      run: call.run,
    }));
    const sum = refunds.reduce((all, { amount }) => all + amount, 0n);
    return {
      summary: after,
      ledger: { movements: [...aggregate.ledger.movements, ...movements] },
      output: { refunded: fromMinor(sum, currency) as unknown as Json },
    };
  },
});

export const planVoidsAction = orderAction({
  name: 'orders.planVoids',
  title: 'Plan what to release of authorizations',
  description: 'What of the authorizations the order no longer needs, by payment; changes nothing.',
  permission: 'orders.read',
  input: fields({ order, settings }, ['order'], { order: '10248' }),
  output: {
    type: 'object',
    properties: {
      isNeeded: flag('Whether anything is to be released.'),
      voids: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            payment,
            amount: money('To be released.'),
            keep: money('To stay held.'),
            reference: { type: ['string', 'null'] },
            isAutomatic: flag('Whether the processor can release it.'),
          },
          required: ['payment', 'amount', 'keep', 'reference', 'isAutomatic'],
          additionalProperties: false,
        },
      },
    },
    required: ['isNeeded', 'voids'],
    additionalProperties: false,
  },
  change(work) {
    const { summary, settings: rules } = work;
    const { currency } = summary.original;
    const voids = planVoids(summary, rules);
    const shares = toShares(voids, work) as readonly { readonly [name: string]: Json }[];
    return {
      output: {
        isNeeded: voids.length > 0,
        voids: shares.map((share, index) => {
          const { payment: id, amount } = voids[index]!;
          const held = summary.payments.find((each) => each.id === id)?.authorized ?? 0n;
          return { ...share, keep: fromMinor(held - amount, currency) as unknown as Json };
        }),
      },
    };
  },
});

export const recordVoidsAction = orderAction({
  name: 'orders.recordVoids',
  title: 'Record released authorizations',
  description: 'Takes down what was released of authorizations.',
  permission: 'orders.read',
  input: fields(
    {
      order,
      voids: list(
        fields(
          {
            payment,
            amount: money('What was released.'),
            reference: text("The processor's id of the payment, or how it was released.", 'pi_3Mtw'),
          },
          ['payment', 'amount', 'reference'],
        ),
        'What was released.',
        0,
      ),
    },
    ['order', 'voids'],
  ),
  output: fields({ released: money('All that was released now.') }, ['released']),
  undo: { none: 'An authorization that was released is asked for anew.' },
  change({ summary, aggregate, call }, input) {
    const { currency } = summary.original;
    const { voids } = input as unknown as {
      voids: readonly { payment: string; amount: Money; reference: string }[];
    };
    let after = summary;
    let sum = 0n;
    const movements = voids.map(({ payment: id, amount: given, reference }) => {
      const amount = amountIn(given, currency);
      after = voidAuthorization(after, id, amount);
      sum += amount;
      return { payment: id, type: 'void' as const, amount, at: call.now, reference, run: call.run };
    });
    return {
      summary: after,
      ledger: { movements: [...aggregate.ledger.movements, ...movements] },
      output: { released: fromMinor(sum, currency) as unknown as Json },
    };
  },
});
