// The errors of the orders room.
import { defineErrors } from '../engine/errors/catalogue.js';

export const orderErrors = defineErrors('orders', {
  'unknown-order': {
    status: 404,
    title: 'No such order',
    who: 'caller',
    retryable: false,
    remedy: 'Check the number, or look for the order at `GET /api/v1/orders`.',
  },
});
