// The part that customers and orders share.
import type { AddressRecord } from '../../orders/records/address.js';
import { optionalText, partSchema, text } from './schemas.js';

export const addressSchema = partSchema<AddressRecord>({
  name: text(),
  street: text(),
  city: text(),
  region: optionalText(),
  postalCode: optionalText(20),
  country: { type: String, required: true, match: /^[A-Z]{2}$/ },
  phone: optionalText(40),
});
