// Customers, found by e-mail and by name.
import type { CustomerRecord } from '../../orders/records/customer.js';
import { addressSchema } from './address.js';
import { currency, optionalText, recordSchema, text } from './schemas.js';

export const customerSchema = recordSchema<CustomerRecord>('customers', {
  _id: text(40),
  firstName: optionalText(),
  lastName: text(),
  title: optionalText(),
  account: text(),
  email: text(254),
  phone: optionalText(40),
  fax: optionalText(40),
  status: { type: String, required: true, enum: ['active', 'inactive'] },
  locale: text(35),
  currency,
  addresses: { type: [addressSchema], required: true },
});
customerSchema.index({ email: 1 });
customerSchema.index({ lastName: 1, firstName: 1 });
