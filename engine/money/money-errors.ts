// The errors of money arithmetic.
import { defineErrors } from '../errors/catalogue.js';

const caller = { status: 422, who: 'caller', retryable: false } as const;

export const moneyErrors = defineErrors('money', {
  invalid: {
    ...caller,
    title: 'Not an amount of money',
    remedy: 'Give {"amount": "12.30", "currency": "EUR"}, the amount as a decimal string.',
  },
  'currency-unknown': {
    ...caller,
    title: 'Unknown currency',
    remedy: 'Use an ISO 4217 code from the table in docs/expressions.md.',
  },
  'currency-mixed': {
    ...caller,
    title: 'Two currencies in one sum',
    remedy: 'Convert one of the amounts first; amounts in different currencies are never mixed.',
  },
  'rate-invalid': {
    ...caller,
    title: 'Not a decimal rate',
    remedy:
      'Give the rate as a decimal string such as "0.19", with at most 20 digits on each side of the point.',
  },
  'weights-invalid': {
    ...caller,
    title: 'Weights that nothing can be shared out by',
    remedy: 'Give at least one weight, none negative, and not all of them zero.',
  },
});
