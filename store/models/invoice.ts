// Invoices, by order.
import type { InvoiceRecord } from '../../orders/records/invoice.js';
import { currency, date, minor, partSchema, pieces, recordSchema, text } from './schemas.js';

export const invoiceSchema = recordSchema<InvoiceRecord>('invoices', {
  _id: text(60),
  orderNumber: text(40),
  shipmentId: text(60),
  currency,
  issuedAt: date,
  lines: {
    type: [
      partSchema<InvoiceRecord['lines'][number]>({
        lineId: text(60),
        quantity: pieces,
        tax: minor,
        total: minor,
      }),
    ],
    required: true,
  },
  delivery: minor,
  tax: minor,
  total: minor,
});
invoiceSchema.index({ orderNumber: 1, _id: 1 });
