// One order with everything that belongs to it.
import type { InvoiceRecord } from '../orders/records/invoice.js';
import type { OrderRecord } from '../orders/records/order.js';
import type { PaymentRecord } from '../orders/records/payment.js';
import type { ShipmentRecord } from '../orders/records/shipment.js';
import type { Models } from './connect.js';
import { exactIntegers } from './order-list.js';

export interface WholeOrder {
  /** `version` counts the writes of the order. */
  readonly order: OrderRecord & { readonly version: number };
  readonly shipments: readonly ShipmentRecord[];
  readonly payments: readonly PaymentRecord[];
  readonly invoices: readonly InvoiceRecord[];
}

/** Undefined if there is no such order. */
export async function findWholeOrder(models: Models, number: string): Promise<WholeOrder | undefined> {
  const order = await models.orders
    .findById(number)
    .setOptions(exactIntegers)
    .lean<WholeOrder['order'] | null>();
  if (order === null) return undefined;
  const ofOrder = { orderNumber: number };
  const byId = { _id: 1 } as const;
  const [shipments, payments, invoices] = await Promise.all([
    models.shipments.find(ofOrder).sort(byId).setOptions(exactIntegers).lean<ShipmentRecord[]>(),
    models.payments.find(ofOrder).sort(byId).setOptions(exactIntegers).lean<PaymentRecord[]>(),
    models.invoices.find(ofOrder).sort(byId).setOptions(exactIntegers).lean<InvoiceRecord[]>(),
  ]);
  return { order, shipments, payments, invoices };
}
