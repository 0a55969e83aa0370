// Shipments, by order and by tracking number.
import type { ShipmentRecord } from '../../orders/records/shipment.js';
import { date, partSchema, pieces, recordSchema, text } from './schemas.js';

export const shipmentSchema = recordSchema<ShipmentRecord>('shipments', {
  _id: text(60),
  orderNumber: text(40),
  deliveryGroup: text(40),
  carrier: text(),
  trackingNumber: text(60),
  shippedAt: date,
  lines: {
    type: [
      partSchema<ShipmentRecord['lines'][number]>({ lineId: text(60), sku: text(40), quantity: pieces }),
    ],
    required: true,
  },
});
shipmentSchema.index({ orderNumber: 1, _id: 1 });
shipmentSchema.index({ trackingNumber: 1 });
