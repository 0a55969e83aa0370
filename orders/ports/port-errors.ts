// The error codes of the ports, part of the orders room. Whether a refused call was made is in the call's result, not here.
import type { CatalogueEntry } from '../../engine/errors/catalogue.js';

const refused = { status: 422, who: 'caller', retryable: false } as const;
const conflict = { status: 409, who: 'caller', retryable: false } as const;
const operator = { status: 502, who: 'operator', retryable: false } as const;

export const portErrorEntries = {
  'payment-declined': {
    ...refused,
    title: 'The payment was declined',
    remedy: 'Ask the customer for another means of payment.',
  },
  'payment-card-invalid': {
    ...refused,
    title: 'The card can not be used',
    remedy: 'Ask the customer to correct the card, or for another means of payment.',
  },
  'payment-needs-customer': {
    ...refused,
    title: 'The customer must confirm the payment',
    remedy: 'Let the customer pay in the storefront, where the bank can ask for confirmation.',
  },
  'payment-amount-refused': {
    ...refused,
    title: 'An amount that the payment provider does not take',
    remedy: 'Give an amount within what is authorized or captured, in steps that the provider takes.',
  },
  'payment-not-found': {
    status: 404,
    who: 'caller',
    retryable: false,
    title: 'The payment provider knows no such payment',
    remedy: 'Check the reference, and whether it was made with this account.',
  },
  'payment-state-refused': {
    ...conflict,
    title: 'The payment is not in a state that allows this',
    remedy: 'Look up the status of the payment; it was captured, released, refunded or has expired.',
  },
  'payment-request-refused': {
    ...operator,
    title: 'The payment provider refused the request',
    remedy: "Look at the provider's log under the request id.",
  },
  'payment-key-reused': {
    ...operator,
    title: 'The idempotency key was used for another request',
    remedy: 'Look at the earlier request with this key in the log of the provider; nothing was done now.',
  },
  'payment-access-refused': {
    ...operator,
    title: 'The payment provider refused our credentials',
    remedy: 'Correct the API key and its rights in the configuration.',
  },
  'payment-busy': {
    ...operator,
    status: 503,
    retryable: true,
    title: 'The payment provider asks to be called more slowly',
    remedy: 'Try again later.',
  },
  'payment-unavailable': {
    ...operator,
    status: 503,
    retryable: true,
    title: 'The payment provider can not be reached',
    remedy: 'Try again later; nothing was sent.',
  },
  'payment-answer-invalid': {
    ...operator,
    title: 'Not an answer of a payment provider',
    remedy: 'Check the address in the configuration, and what stands between.',
  },
  'price-unknown': {
    ...refused,
    title: 'No price for an item',
    remedy: 'Choose items that are sold in the currency of the order.',
  },
  'price-request-invalid': {
    ...refused,
    title: 'Not something that can be priced',
    remedy:
      'Give each item once, with a whole quantity greater than zero, and a delivery method that exists.',
  },
  'tax-unknown': {
    ...refused,
    title: 'No tax is known for the place',
    remedy: 'Add the country to the tax table, with a rate of 0 if nothing is taxed there.',
  },
  'cart-unknown': {
    status: 404,
    who: 'caller',
    retryable: false,
    title: 'No such cart',
    remedy: 'Check the id of the cart.',
  },
  'cart-invalid': {
    ...refused,
    title: 'Not a change that the cart takes',
    remedy: 'Give a SKU and a whole quantity, within the limits of a cart.',
  },
  'cart-changed': {
    ...conflict,
    title: 'The cart has changed or was ordered',
    remedy: 'Read the cart again, and decide on what it holds now.',
  },
  'fulfilment-unknown': {
    status: 404,
    who: 'caller',
    retryable: false,
    title: 'No such fulfilment',
    remedy: 'Check the id of the fulfilment.',
  },
  'fulfilment-invalid': {
    ...refused,
    title: 'Not something that can be fulfilled',
    remedy: 'Name lines once each, with whole quantities greater than zero.',
  },
  'fulfilment-too-late': {
    ...conflict,
    title: 'The warehouse can not stop it any more',
    remedy: 'Let it arrive, and return it.',
  },
} as const satisfies Record<string, CatalogueEntry>;
