// Takes down what the payment processor confirmed: money held, and money taken.
import type { Money } from '../../engine/money/money.js';
import { authorizePayment, capturePayment } from '../ledger/actions/payments.js';
import { amountIn } from '../ledger/amounts.js';
import { fields, money, order, text } from './action-schemas.js';
import { moneyJson, newMovement, orderAction } from './order-work.js';

const reference = text("The processor's id.", 'pi_3MtwBwLkdIwHu7ix', 255);

export const recordAuthorizationAction = orderAction({
  name: 'orders.recordAuthorization',
  title: 'Record an authorization',
  description: 'Adds a payment on which an amount is held.',
  permission: 'orders.read',
  input: fields(
    {
      order,
      method: { enum: ['card', 'wallet', 'account', 'gift-card'], description: 'How the customer pays.' },
      label: text('What a person may see of it.', 'Visa ending in 4242', 100),
      amount: money('What is held.'),
      reference,
    },
    ['order', 'method', 'label', 'amount', 'reference'],
    {
      order: '10248',
      method: 'card',
      label: 'Visa ending in 4242',
      amount: { amount: '12.30', currency: 'EUR' },
      reference: 'pi_3Mtw',
    },
  ),
  output: fields({ payment: text("Id of the order's payment.", 'P10248-1') }, ['payment']),
  undo: { none: 'The hold is released by `payments.void`, then `orders.recordVoids`.' },
  change(work, input) {
    const { summary, aggregate } = work;
    const given = input as unknown as { method: string; label: string; amount: Money; reference: string };
    const { number, currency } = summary.original;
    const id = `P${number}-${summary.payments.length + 1}`;
    const amount = amountIn(given.amount, currency);
    const { ledger } = aggregate;
    return {
      summary: authorizePayment(summary, { id, method: given.method, amount }),
      ledger: {
        paymentDetails: {
          ...ledger.paymentDetails,
          [id]: { label: given.label, reference: given.reference },
        },
        movements: [
          ...ledger.movements,
          newMovement(work, {
            state: 'done',
            payment: id,
            type: 'authorize',
            amount,
            reference: given.reference,
          }),
        ],
      },
      output: { payment: id },
    };
  },
});

export const recordCaptureAction = orderAction({
  name: 'orders.recordCapture',
  title: 'Record a capture',
  description: 'Takes down that money held on a payment was taken.',
  permission: 'orders.read',
  input: fields(
    {
      order,
      payment: text("Id of the order's payment.", 'P10248-1', 60),
      amount: money('Taken.'),
      reference,
    },
    ['order', 'payment', 'amount', 'reference'],
  ),
  output: fields({ captured: money('What was taken now.') }, ['captured']),
  undo: { none: 'Captured money is refunded.' },
  change(work, input) {
    const { summary, aggregate, call } = work;
    const given = input as unknown as { payment: string; amount: Money; reference: string };
    const { currency } = summary.original;
    const amount = amountIn(given.amount, currency);
    const { payment, reference: confirmed } = given;
    const movement = newMovement(work, {
      state: 'done',
      payment,
      type: 'capture',
      amount,
      reference: confirmed,
    });
    return {
      summary: capturePayment(summary, payment, amount, call.now),
      ledger: { movements: [...aggregate.ledger.movements, movement] },
      output: { captured: moneyJson(amount, currency) },
    };
  },
});
