// Credit memos for what was given back, invoices for what was added or charged.
import { createCreditMemo } from '../ledger/actions/credit-memo.js';
import { createInvoice } from '../ledger/actions/invoice.js';
import type { Json, Schema } from '../../engine/definition/flow.js';
import { creditableChanges } from '../ledger/change-balances.js';
import { type Explanation, inWords } from '../ledger/explanation.js';
import type { Minor } from '../records/money-fields.js';
import { fields, list, money, order, text } from './action-schemas.js';
import { moneyJson, orderAction } from './order-work.js';

const changeOrders = list(text('Id of a change order.', 'C1', 40), 'Ids of the change orders.', 0);

const documentOutput = (name: string, what: string): Schema => ({
  type: 'object',
  properties: {
    [name]: { type: ['string', 'null'], description: `Id of the ${what}; none was made where it is null.` },
    net: money('Before tax.'),
    tax: money('Its tax.'),
    total: money('With tax.'),
    words: { type: 'string', description: 'The explanation in words.' },
  },
  required: [name, 'net', 'tax', 'total', 'words'],
  additionalProperties: false,
});

interface Amounts {
  readonly net: Minor;
  readonly tax: Minor;
  readonly total: Minor;
}

function toOutput(
  currency: string,
  { net, tax, total }: Amounts,
  named: Readonly<Record<string, string | null>>,
  why: Explanation | undefined,
): Json {
  const amount = (minor: Minor): Json => moneyJson(minor, currency);
  return {
    ...named,
    net: amount(net),
    tax: amount(tax),
    total: amount(total),
    words: why === undefined ? '' : inWords(why),
  };
}

export const createCreditMemoAction = orderAction({
  name: 'orders.createCreditMemo',
  title: 'Create a credit memo',
  description:
    'Puts change orders after fulfilment on a credit memo, from which refunds are paid; without change orders, all that are on none.',
  permission: 'orders.credit',
  input: fields({ order, changeOrders }, ['order'], { order: '10248', changeOrders: ['C1'] }),
  output: documentOutput('creditMemo', 'credit memo'),
  undo: { none: 'A credit memo is settled or stays open; it is never deleted.' },
  change({ summary }, input) {
    const named = (input as { changeOrders?: readonly string[] }).changeOrders;
    const made = createCreditMemo(summary, {
      changeOrders: named ?? creditableChanges(summary).map(({ id }) => id),
    });
    const { creditMemo } = made;
    return {
      summary: made.summary,
      output: toOutput(
        summary.original.currency,
        creditMemo,
        { creditMemo: creditMemo.id },
        creditMemo.explanation,
      ),
    };
  },
});

export const createInvoiceAction = orderAction({
  name: 'orders.createInvoice',
  title: 'Create an invoice',
  description:
    'Bills change orders that raised the total: fees, or added items. Without any, nothing is billed.',
  permission: 'orders.credit',
  input: fields({ order, changeOrders }, ['order', 'changeOrders'], { order: '10248', changeOrders: ['C2'] }),
  output: documentOutput('invoice', 'invoice'),
  undo: { none: 'An invoice is paid or stays open; it is never deleted.' },
  change({ summary }, input) {
    const { changeOrders: named } = input as { changeOrders: readonly string[] };
    const { currency } = summary.original;
    if (named.length === 0) {
      return { output: toOutput(currency, { net: 0n, tax: 0n, total: 0n }, { invoice: null }, undefined) };
    }
    const made = createInvoice(summary, { changeOrders: named });
    return {
      summary: made.summary,
      output: toOutput(currency, made.invoice, { invoice: made.invoice.id }, made.invoice.explanation),
    };
  },
});
