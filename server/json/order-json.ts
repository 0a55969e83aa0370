// Orders as the API tells them: amounts as {"amount","currency"}, instants in ISO 8601, and the number as `number`.
import { fromMinor } from '../../engine/money/money.js';
import { documentsOf, type OrderAggregate } from '../../orders/aggregate/order-aggregate.js';
import { toOrderView } from '../../orders/aggregate/order-view.js';
import { bookedAtFirst, taxedOf } from '../../orders/ledger/component.js';
import { type OrderSummary, summarize } from '../../orders/ledger/summary.js';
import { toDocument } from '../../orders/ledger/to-document.js';
import type { InvoiceRecord } from '../../orders/records/invoice.js';
import type { CaseDocument } from '../../store/models/case.js';
import type { ListedOrder } from '../../store/order-list.js';

/** One row of the list; the total is what the order costs now. */
export function listedOrderJson({
  _id,
  lines,
  totals,
  currentTotal,
  ...order
}: ListedOrder): Record<string, unknown> {
  return {
    number: _id,
    status: order.status,
    channel: order.channel,
    site: order.site,
    placedAt: order.placedAt,
    customer: order.customer,
    currency: order.currency,
    total: fromMinor(BigInt(currentTotal ?? totals.grand), order.currency),
    skus: lines.map(({ sku }) => sku),
  };
}

/** The whole order: its summary now, every charge as it was placed and as it is, and what has happened to it. */
export function wholeOrderJson(
  aggregate: OrderAggregate,
  billed: readonly InvoiceRecord[],
  cases: readonly CaseDocument[],
): Record<string, unknown> {
  const summary = summarize(documentsOf(aggregate));
  const { id: _id, ...order } = toOrderView(aggregate, summary);
  return {
    ...order,
    charges: toCharges(summary),
    shipmentInvoices: billed.map((invoice) => toShipmentInvoice(invoice)),
    cases: cases.map(({ _id, value: { subject, status, openedAt, openedBy } }) => ({
      id: _id,
      subject,
      status,
      openedAt,
      openedBy,
    })),
    history: toHistory(aggregate),
  };
}

/** What was billed with a parcel, before any change. */
function toShipmentInvoice({ _id: id, shipmentId, issuedAt, currency, ...amounts }: InvoiceRecord): unknown {
  const money = (minor: bigint) => fromMinor(BigInt(minor), currency);
  return {
    id,
    shipmentId,
    issuedAt,
    lines: amounts.lines.map(({ lineId, quantity, tax, total }) => ({
      line: lineId,
      quantity,
      tax: money(tax),
      total: money(total),
    })),
    delivery: money(amounts.delivery),
    tax: money(amounts.tax),
    total: money(amounts.total),
  };
}

/** Every price, discount, delivery charge and fee: as it was booked, and as it is after all changes. */
function toCharges({ components, booked, original: { currency } }: OrderSummary): unknown[] {
  return components.map((component) => ({
    id: component.id,
    of: component.owner,
    kind: component.kind,
    label: component.label,
    booked: toDocument(taxedOf(component, bookedAtFirst(component)), currency),
    now: toDocument(taxedOf(component, booked[component.id]!), currency),
    taxes: component.taxes.map(({ name, rate }) => ({ name, rate: rate ?? null })),
  }));
}

/** Documents, movements of money and holds, the oldest first. */
function toHistory({ placed, ledger }: OrderAggregate): unknown[] {
  const { currency } = placed;
  const entries = [
    ...ledger.attributions,
    ...ledger.movements.map(({ id, type, payment, amount, at, run, state }) => ({
      document: id,
      what: `${type} ${fromMinor(amount, currency).amount} ${currency} on ${payment}${state === 'pending' ? ', not confirmed yet' : ''}`,
      at,
      by: run === '' ? 'before' : 'flow',
      run,
    })),
    ...ledger.holds.map(({ id, kind, reason, at, by }) => ({
      document: id,
      what: `${kind}: ${reason}`,
      at,
      by,
      run: '',
    })),
  ];
  return entries.sort((left, right) => (left.at < right.at ? -1 : left.at > right.at ? 1 : 0));
}
