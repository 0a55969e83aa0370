// The errors of the orders room.
import { defineErrors } from '../engine/errors/catalogue.js';
import { portErrorEntries } from './ports/port-errors.js';

const refused = { status: 422, who: 'caller', retryable: false } as const;
const conflict = { status: 409, who: 'caller', retryable: false } as const;

export const orderErrors = defineErrors('orders', {
  'unknown-order': {
    status: 404,
    title: 'No such order',
    who: 'caller',
    retryable: false,
    remedy: 'Check the number, or look for the order at `GET /api/v1/orders`.',
  },
  'order-invalid': {
    ...refused,
    title: 'Not an order that can be entered in the ledger',
    remedy: 'Correct the amounts, quantities or references that the detail names.',
  },
  'settings-invalid': {
    ...refused,
    title: 'Unknown or wrong ledger settings',
    remedy: 'Give settings that match the schema in docs/ledger.md.',
  },
  'line-unknown': {
    ...refused,
    title: 'No such line on the order',
    remedy: 'Name a line of the order summary by its id.',
  },
  'delivery-unknown': {
    ...refused,
    title: 'No such delivery group on the order',
    remedy: 'Name a delivery group of the order summary by its id.',
  },
  'quantity-invalid': {
    ...refused,
    title: 'Not a quantity',
    remedy: 'Give a whole number of units greater than zero, once per line.',
  },
  'cancel-exceeds-available': {
    ...conflict,
    title: 'More units than can be cancelled',
    remedy: 'Cancel at most the units that are neither cancelled nor allocated to fulfilment.',
  },
  'return-exceeds-available': {
    ...conflict,
    title: 'More units than can be returned',
    remedy: 'Return at most the units that were fulfilled and are in no return yet.',
  },
  'fulfilment-exceeds-available': {
    ...conflict,
    title: 'More units than can be allocated or fulfilled',
    remedy: 'Allocate at most the units left on the line, and fulfil at most the allocated ones.',
  },
  'not-returnable': {
    ...conflict,
    title: 'The item may not be returned',
    remedy: 'Leave the item out of the return; its product is marked as non-returnable.',
  },
  'return-unknown': {
    ...refused,
    title: 'No such return order or return line',
    remedy: 'Name a return order of the order summary, and lines of that return order.',
  },
  'return-closed': {
    ...conflict,
    title: 'The return order or return line is closed',
    remedy: 'Work on the split line that holds the rest, or create another return order.',
  },
  'return-reason-duplicate': {
    ...refused,
    title: 'Two return lines for one item with the same reason',
    remedy: 'Merge the two return lines, or give each a reason of its own.',
  },
  'receive-exceeds-expected': {
    ...conflict,
    title: 'More units than the return expects',
    remedy: 'Receive and process at most the units that the return line expects.',
  },
  'amount-invalid': {
    ...refused,
    title: 'Not an amount that this action takes',
    remedy:
      'Give amounts in the currency of the order: negative for adjustments, positive for fees and refunds.',
  },
  'adjust-exceeds-total': {
    ...conflict,
    title: 'More than the item still costs',
    remedy: 'Take off at most what the line or the delivery still costs, after earlier changes.',
  },
  'nothing-to-adjust': {
    ...conflict,
    title: 'Nothing here costs anything, or all of it is in fulfilment',
    remedy: 'Choose an item that still costs something, or allow units in fulfilment to be adjusted.',
  },
  'fee-exceeds-credit': {
    ...conflict,
    title: 'The fee is more than the credit it goes with',
    remedy: 'Lower the fee, or allow higher ones in the ledger settings.',
  },
  'change-unknown': {
    ...refused,
    title: 'No such change order on the order',
    remedy: 'Name a change order of the order summary by its id.',
  },
  'change-not-creditable': {
    ...conflict,
    title: 'The change order can not go on a credit memo',
    remedy: 'Name change orders after fulfilment that lower the total and are on no credit memo yet.',
  },
  'change-not-billable': {
    ...conflict,
    title: 'The change order can not go on an invoice',
    remedy: 'Name change orders that raise the total and are on no invoice yet.',
  },
  'memo-unknown': {
    ...refused,
    title: 'No such credit memo on the order',
    remedy: 'Name a credit memo of the order summary by its id.',
  },
  'invoice-unknown': {
    ...refused,
    title: 'No such unpaid invoice on the order',
    remedy: 'Name an unpaid invoice of the order summary by its id.',
  },
  'payment-unknown': {
    ...refused,
    title: 'No such payment on the order',
    remedy: 'Name a payment of the order summary by its id.',
  },
  'payment-invalid': {
    ...conflict,
    title: 'The payment does not allow this',
    remedy: 'Capture at most what is authorized, and void at most what is left of it.',
  },
  'refund-recorded': {
    ...conflict,
    title: 'The refund is recorded already',
    remedy: 'Look at the movements of the order; nothing more needs to be recorded.',
  },
  'movement-unknown': {
    ...refused,
    title: 'No such movement of money on the order',
    remedy: 'Name a movement of the order by its id.',
  },
  'status-invalid': {
    ...conflict,
    title: 'The order can not get this status now',
    remedy: 'Look at the status and the lines of the order.',
  },
  'hold-unknown': {
    ...refused,
    title: 'No such hold on the order',
    remedy: 'Name a hold of the order by its id.',
  },
  'nothing-captured': {
    ...conflict,
    title: 'Nothing was captured that could be refunded',
    remedy: 'Release the authorization instead; only captured money can be refunded.',
  },
  'nothing-to-refund': {
    ...conflict,
    title: 'Nothing is owed to the customer',
    remedy: 'Cancel, return or adjust something first; a refund needs a credit memo or excess funds.',
  },
  'refund-exceeds-owed': {
    ...conflict,
    title: 'The refund is more than is owed',
    remedy: 'Refund at most what is left of the credit memos and of the excess funds.',
  },
  'refund-exceeds-captured': {
    ...conflict,
    title: 'The refund is more than was captured',
    remedy: 'Refund at most what was captured and not refunded yet, on each payment and in all.',
  },
  'ledger-broken': {
    status: 500,
    who: 'bug',
    retryable: false,
    title: 'The figures of an order do not add up',
    remedy: 'Report it with the order number; nothing was changed.',
  },
  ...portErrorEntries,
});
