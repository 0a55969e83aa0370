// What was billed for one shipment: its lines in full, and the delivery charge once per order.
import type { Minor } from './money-fields.js';

export interface InvoiceRecord {
  readonly _id: string;
  readonly orderNumber: string;
  readonly shipmentId: string;
  readonly currency: string;
  readonly issuedAt: Date;
  readonly lines: readonly {
    readonly lineId: string;
    readonly quantity: number;
    readonly tax: Minor;
    readonly total: Minor;
  }[];
  /** The delivery charge, tax included; on the first invoice only. */
  readonly delivery: Minor;
  readonly tax: Minor;
  /** Lines and delivery, tax included. */
  readonly total: Minor;
}
