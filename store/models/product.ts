// Products, by SKU.
import type { ProductRecord } from '../../orders/records/product.js';
import { currency, minor, optionalText, pieces, recordSchema, text } from './schemas.js';

export const productSchema = recordSchema<ProductRecord>('products', {
  _id: text(40),
  title: text(),
  category: text(),
  packaging: optionalText(),
  price: minor,
  currency,
  active: { type: Boolean, required: true },
  returnable: { type: Boolean, required: true },
  stock: pieces,
});
