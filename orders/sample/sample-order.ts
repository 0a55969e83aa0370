// One Northwind order as our records: the order, its shipment, its invoice and its payments.
import type { CustomerRecord } from '../records/customer.js';
import type { InvoiceRecord } from '../records/invoice.js';
import type { OrderLineRecord, OrderRecord, OrderStatus } from '../records/order.js';
import type { PaymentRecord } from '../records/payment.js';
import type { ProductRecord } from '../records/product.js';
import type { ShipmentRecord } from '../records/shipment.js';
import { sampleCountry, taxesAt } from './countries.js';
import type { NorthwindOrder } from './northwind-source.js';
import { sampleDay, sampleTime } from './sample-dates.js';
import { samplePayments } from './sample-payments.js';
import { pricedLines, sampleMinor, sum, taxed } from './sample-prices.js';

const remorseMinutes = 60;

export interface SampleOrderRecords {
  readonly order: OrderRecord;
  readonly shipments: readonly ShipmentRecord[];
  readonly invoices: readonly InvoiceRecord[];
  readonly payments: readonly PaymentRecord[];
}

/** The statuses of the orders that Northwind hasn't shipped, in turn. */
const unshipped: readonly OrderStatus[] = [
  'New',
  'Pending Removal',
  'Removed',
  'Submitted to Fulfillment',
  'Submitted to Fulfillment',
  'Being Processed',
  'Submitted to Fulfillment',
];

/** Every 25th order number with two lines or more has shipped its first half only. */
const shippedInPart = (source: NorthwindOrder): boolean =>
  source.ShippedDate !== null && source.OrderID % 25 === 0 && source.lines.length > 1;

function statusOf(source: NorthwindOrder, unshippedBefore: number): OrderStatus {
  if (source.ShippedDate === null) return unshipped[unshippedBefore % unshipped.length]!;
  return shippedInPart(source) ? 'Being Processed' : 'Fulfilled';
}

/**
 * Maps one order; the rules for what Northwind lacks are listed in `orders/sample/README.md`.
 *
 * @param unshippedBefore how many orders with a smaller number haven't been shipped
 */
export function sampleOrder(
  source: NorthwindOrder,
  unshippedBefore: number,
  customer: CustomerRecord,
  productOf: (productId: number) => ProductRecord,
  carriers: ReadonlyMap<number, string>,
): SampleOrderRecords {
  const number = String(source.OrderID);
  const country = sampleCountry(source.ShipCountry);
  const { currency, taxPolicy } = country;
  const taxes = taxesAt(country, source.ShipRegion);
  const status = statusOf(source, unshippedBefore);
  const placedAt = sampleTime(source.OrderDate, source.OrderID);
  const carrier = carriers.get(source.ShipVia) ?? 'Own transport';

  const charge = sampleMinor(source.Freight, currency);
  const delivery = { id: 'D1', charge, ...taxed(charge, taxes, taxPolicy) };
  const priced = pricedLines(source.OrderID, source.lines, { currency, taxPolicy, taxes });
  const linesShipped = shippedInPart(source) ? Math.ceil(source.lines.length / 2) : source.lines.length;
  const lines = priced.lines.map((prices, index): OrderLineRecord => {
    const { ProductID, Quantity } = source.lines[index]!;
    const product = productOf(ProductID);
    const inFulfilment = status === 'Being Processed' || status === 'Fulfilled';
    const hasLeft = inFulfilment && source.ShippedDate !== null && index < linesShipped;
    return {
      id: `${number}-${index + 1}`,
      lineNumber: index + 1,
      deliveryGroup: delivery.id,
      sku: product._id,
      title: product.title,
      returnable: product.returnable,
      quantities: {
        ordered: Quantity,
        cancelled: status === 'Removed' ? Quantity : 0,
        allocated: inFulfilment ? Quantity : 0,
        fulfilled: hasLeft ? Quantity : 0,
        returnInitiated: 0,
        returned: 0,
      },
      ...prices,
    };
  });
  const address = {
    name: source.ShipName,
    street: source.ShipAddress,
    city: source.ShipCity,
    ...(source.ShipRegion === null ? {} : { region: source.ShipRegion }),
    ...(source.ShipPostalCode === null ? {} : { postalCode: source.ShipPostalCode }),
    country: country.code,
  };
  const order: OrderRecord = {
    _id: number,
    status,
    channel: (['web', 'phone', 'web', 'store'] as const)[source.OrderID % 4]!,
    site: country.site,
    locale: country.locale,
    currency,
    taxPolicy,
    customer: {
      number: customer._id,
      name: [customer.firstName, customer.lastName].filter(Boolean).join(' '),
      account: customer.account,
      email: customer.email,
      ...(customer.phone === undefined ? {} : { phone: customer.phone }),
    },
    billingAddress: customer.addresses[0] ?? address,
    placedAt,
    ...(status === 'New' ? {} : { remorseUntil: new Date(placedAt.getTime() + remorseMinutes * 60_000) }),
    deliveryGroups: [{ ...delivery, method: carrier, address, requestedBy: sampleDay(source.RequiredDate) }],
    lines,
    adjustments: priced.adjustments,
    totals: {
      subtotal: sum(lines.map((line) => line.subtotal)),
      lineAdjustments: sum(lines.flatMap((line) => line.adjustments.map(({ amount }) => amount))),
      orderAdjustments: sum(lines.map((line) => line.distributed)),
      delivery: delivery.charge,
      tax: sum([delivery.taxTotal, ...lines.map((line) => line.taxTotal)]),
      grand: sum([delivery.total, ...lines.map((line) => line.total)]),
    },
  };

  const shipped = lines.filter((line) => line.quantities.fulfilled > 0);
  const { shipments, invoices } = shippedRecords(source, order, shipped, carrier);
  return { order, shipments, invoices, payments: samplePayments(source.OrderID, order, invoices[0]) };
}

function shippedRecords(
  source: NorthwindOrder,
  order: OrderRecord,
  shipped: readonly OrderLineRecord[],
  carrier: string,
): { shipments: ShipmentRecord[]; invoices: InvoiceRecord[] } {
  const [group] = order.deliveryGroups;
  if (source.ShippedDate === null || shipped.length === 0 || group === undefined)
    return { shipments: [], invoices: [] };
  const shippedAt = sampleTime(source.ShippedDate, source.OrderID);
  // Northwind ships some orders on the day of ordering: a parcel never leaves before its order came in.
  const at = new Date(Math.max(shippedAt.getTime(), order.placedAt.getTime()));
  const shipment: ShipmentRecord = {
    _id: `S${order._id}-1`,
    orderNumber: order._id,
    deliveryGroup: group.id,
    carrier,
    trackingNumber: `NW${source.ShipVia}${order._id}`,
    shippedAt: at,
    lines: shipped.map(({ id, sku, quantities }) => ({ lineId: id, sku, quantity: quantities.fulfilled })),
  };
  const invoice: InvoiceRecord = {
    _id: `I${order._id}-1`,
    orderNumber: order._id,
    shipmentId: shipment._id,
    currency: order.currency,
    issuedAt: at,
    lines: shipped.map(({ id, quantities, taxTotal, total }) => ({
      lineId: id,
      quantity: quantities.fulfilled,
      tax: taxTotal,
      total,
    })),
    delivery: group.total,
    tax: sum([group.taxTotal, ...shipped.map(({ taxTotal }) => taxTotal)]),
    total: sum([group.total, ...shipped.map(({ total }) => total)]),
  };
  return { shipments: [shipment], invoices: [invoice] };
}
