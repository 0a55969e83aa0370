// The order as flows and the API see it: plain JSON, money as amounts with their currency, every figure as it is now.
import { fromMinor, type Money } from '../../engine/money/money.js';
import type { Json } from '../../engine/definition/flow.js';
import type { RecordValue } from '../../engine/ports/records.js';
import { paymentState } from '../ledger/actions/payments.js';
import { creditableChanges, excessFunds, requiredFunds } from '../ledger/change-balances.js';
import { addTaxed, type Component, nothing, type Taxed, taxedOf } from '../ledger/component.js';
import {
  availableToCancel,
  availableToReturn,
  inFulfilment,
  type OrderSummary,
  remainingOf,
  summarize,
} from '../ledger/summary.js';
import type { Minor } from '../records/money-fields.js';
import { documentsOf, type OrderAggregate } from './order-aggregate.js';

type ToMoney = (minor: Minor) => Money;

const asJson = (value: unknown): Json => value as Json;

/** The view of an aggregate; `summary` is the one that follows from it, where it is known already. */
export function toOrderView(
  aggregate: OrderAggregate,
  summary: OrderSummary = summarize(documentsOf(aggregate)),
): RecordValue {
  const { placed, ledger } = aggregate;
  const { currency } = placed;
  const money: ToMoney = (minor) => fromMinor(minor, currency);
  const taxed = ({ net, tax, total }: Taxed) => ({ net: money(net), tax: money(tax), total: money(total) });
  const made = new Map(ledger.attributions.map((each) => [each.document, each]));
  const attribution = (document: string) => {
    const found = made.get(document);
    return found === undefined ? {} : { at: found.at, by: found.by, run: found.run };
  };
  const worth = worthByOwner(summary);
  const { totals } = summary;
  return {
    id: placed._id,
    number: placed._id,
    status: placed.status,
    channel: placed.channel,
    site: placed.site,
    locale: placed.locale,
    currency,
    taxPolicy: placed.taxPolicy,
    placedAt: placed.placedAt.toISOString(),
    remorseUntil: placed.remorseUntil?.toISOString() ?? null,
    customer: asJson(placed.customer),
    billingAddress: asJson(placed.billingAddress),
    deliveryGroups: placed.deliveryGroups.map(({ id, method, address, requestedBy }) =>
      asJson({
        id,
        method,
        address,
        requestedBy: requestedBy?.toISOString() ?? null,
        ...taxed(worth.get(`delivery ${id}`) ?? nothing),
      }),
    ),
    lines: summary.lines.map((line) =>
      asJson({
        id: line.id,
        lineNumber: line.lineNumber,
        deliveryGroup: line.deliveryGroup,
        sku: line.sku,
        title: line.title,
        returnable: line.returnable,
        quantities: line.quantities,
        remaining: remainingOf(line),
        availableToCancel: availableToCancel(line),
        inFulfilment: inFulfilment(line),
        availableToReturn: availableToReturn(line),
        ...taxed(worth.get(`line ${line.id}`) ?? nothing),
      }),
    ),
    totals: asJson({
      product: taxed(totals.product),
      delivery: taxed(totals.delivery),
      distributed: taxed(totals.distributed),
      fees: taxed(totals.fees),
      grand: taxed(totals.grand),
    }),
    total: asJson(money(totals.grand.total)),
    paymentState: paymentState(summary),
    excessFunds: asJson(money(excessFunds(summary))),
    requiredFunds: asJson(money(requiredFunds(summary))),
    payments: ledger.payments.map(({ id, method, authorized, captured, refunded, capturedAt }) =>
      asJson({
        id,
        method,
        label: ledger.paymentDetails[id]?.label ?? method,
        reference: ledger.paymentDetails[id]?.reference ?? null,
        authorized: money(authorized),
        captured: money(captured),
        refunded: money(refunded),
        capturedAt: capturedAt ?? null,
      }),
    ),
    movements: ledger.movements.map((movement) => asJson({ ...movement, amount: money(movement.amount) })),
    shipments: ledger.shipments.map(({ id, lines }) =>
      asJson({ id, lines, ...ledger.parcels[id], ...attribution(id) }),
    ),
    changeOrders: ledger.changeOrders.map(({ id, type, phase, reason, quantities, totals: change }) =>
      asJson({
        id,
        type,
        phase,
        reason,
        lines: quantities.map(({ line, cancelled, returned }) => ({ line, cancelled, returned })),
        ...taxed(change),
        ...attribution(id),
      }),
    ),
    returnOrders: ledger.returnOrders.map(({ id, lifeCycle, status, lines }) =>
      asJson({
        id,
        lifeCycle,
        status,
        lines: lines.map(({ fees: _fees, ...line }) => line),
        ...attribution(id),
      }),
    ),
    creditMemos: ledger.creditMemos.map(({ id, changeOrders, settled, ...amounts }) =>
      asJson({
        id,
        changeOrders,
        ...taxed(amounts),
        settled: money(settled),
        open: money(amounts.total - settled),
        ...attribution(id),
      }),
    ),
    invoices: ledger.invoices.map(({ id, kind, changeOrders, paid, ...amounts }) =>
      asJson({
        id,
        kind,
        changeOrders,
        ...taxed(amounts),
        paid: money(paid),
        open: money(amounts.total - paid),
        ...attribution(id),
      }),
    ),
    outstandingCredit: asJson(
      money(-creditableChanges(summary).reduce((sum, { totals: change }) => sum + change.total, 0n)),
    ),
    properties: asJson(aggregate.properties ?? {}),
    holds: asJson(ledger.holds),
  };
}

/** What each line and delivery is worth now, all of its components together, by `<kind> <id>`. */
function worthByOwner({ components, booked }: OrderSummary): Map<string, Taxed> {
  const worth = new Map<string, Taxed>();
  for (const component of components) {
    const key = keyOf(component);
    const value = taxedOf(component, booked[component.id]!);
    worth.set(key, addTaxed(worth.get(key) ?? nothing, value));
  }
  return worth;
}

const keyOf = ({ owner }: Component): string => `${owner.kind} ${owner.id}`;
