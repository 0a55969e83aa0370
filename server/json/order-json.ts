// Orders as the API tells them: amounts as {"amount","currency"}, instants in ISO 8601, and the number as `number`.
import { fromMinor, type Money } from '../../engine/money/money.js';
import type { Minor } from '../../orders/records/money-fields.js';
import type { AdjustmentRecord, OrderTotals, TaxRecord } from '../../orders/records/order.js';
import type { ListedOrder } from '../../store/order-list.js';
import type { WholeOrder } from '../../store/order-record.js';

type ToMoney = (amount: Minor) => Money;

const inCurrency =
  (currency: string): ToMoney =>
  (amount) =>
    fromMinor(BigInt(amount), currency);

const toTax = (money: ToMoney) => (tax: TaxRecord) => ({ ...tax, amount: money(tax.amount) });
const toAdjustment = (money: ToMoney) => (adjustment: AdjustmentRecord) => ({
  ...adjustment,
  amount: money(adjustment.amount),
});

const toTotals = (money: ToMoney, totals: OrderTotals) => ({
  subtotal: money(totals.subtotal),
  lineAdjustments: money(totals.lineAdjustments),
  orderAdjustments: money(totals.orderAdjustments),
  delivery: money(totals.delivery),
  tax: money(totals.tax),
  grand: money(totals.grand),
});

/** One row of the list. */
export function listedOrderJson({ _id, lines, totals, ...order }: ListedOrder): Record<string, unknown> {
  const money = inCurrency(order.currency);
  return {
    number: _id,
    status: order.status,
    channel: order.channel,
    site: order.site,
    placedAt: order.placedAt,
    customer: order.customer,
    currency: order.currency,
    total: money(totals.grand),
    skus: lines.map(({ sku }) => sku),
  };
}

/** The whole order, with its shipments, payments and invoices. */
export function wholeOrderJson({
  order,
  shipments,
  payments,
  invoices,
}: WholeOrder): Record<string, unknown> {
  const money = inCurrency(order.currency);
  const { _id, totals, deliveryGroups, lines, adjustments, ...rest } = order;
  return {
    number: _id,
    ...rest,
    totals: toTotals(money, totals),
    adjustments: adjustments.map(toAdjustment(money)),
    deliveryGroups: deliveryGroups.map((group) => ({
      ...group,
      charge: money(group.charge),
      taxes: group.taxes.map(toTax(money)),
      taxTotal: money(group.taxTotal),
      total: money(group.total),
    })),
    lines: lines.map((line) => ({
      ...line,
      unitPrice: money(line.unitPrice),
      subtotal: money(line.subtotal),
      adjustments: line.adjustments.map(toAdjustment(money)),
      distributed: money(line.distributed),
      net: money(line.net),
      taxes: line.taxes.map(toTax(money)),
      taxTotal: money(line.taxTotal),
      total: money(line.total),
    })),
    shipments: shipments.map(
      ({ _id: id, carrier, trackingNumber, shippedAt, deliveryGroup, lines: parts }) => ({
        id,
        deliveryGroup,
        carrier,
        trackingNumber,
        shippedAt,
        lines: parts,
      }),
    ),
    payments: payments.map((payment) => ({
      id: payment._id,
      method: payment.method,
      label: payment.label,
      authorized: money(payment.authorized),
      captured: money(payment.captured),
      refunded: money(payment.refunded),
      transactions: payment.transactions.map(({ id, type, amount, at, reference }) => ({
        id,
        type,
        amount: money(amount),
        at,
        reference,
      })),
    })),
    invoices: invoices.map((invoice) => ({
      id: invoice._id,
      shipmentId: invoice.shipmentId,
      issuedAt: invoice.issuedAt,
      lines: invoice.lines.map(({ lineId, quantity, tax, total }) => ({
        lineId,
        quantity,
        tax: money(tax),
        total: money(total),
      })),
      delivery: money(invoice.delivery),
      tax: money(invoice.tax),
      total: money(invoice.total),
    })),
  };
}
