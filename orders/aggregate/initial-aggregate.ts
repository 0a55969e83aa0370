// An order that the ledger has not touched yet, as an aggregate: its documents follow from the records it came with.
import { adoptOrder } from '../ledger/adopt-order.js';
import { cancelOrder } from '../ledger/actions/cancel-items.js';
import { newDocuments, type OrderDocuments } from '../ledger/documents.js';
import { defaultSettings } from '../ledger/settings.js';
import { summarize } from '../ledger/summary.js';
import type { OrderRecord } from '../records/order.js';
import type { PaymentRecord } from '../records/payment.js';
import type { ShipmentRecord } from '../records/shipment.js';
import { newLedger, type OrderAggregate, type OrderLedger, type PaymentMovement } from './order-aggregate.js';

/** Everything that is stored of an order which has no ledger yet. */
export interface UntouchedOrder {
  readonly order: OrderRecord;
  readonly shipments: readonly ShipmentRecord[];
  readonly payments: readonly PaymentRecord[];
}

export const toPlaced = ({
  lines: _lines,
  totals: _totals,
  adjustments: _adjustments,
  ...placed
}: OrderRecord) => placed;

/** The aggregate of an order as it was loaded: allocated, shipped, paid and removed as its records say. */
export function initialAggregate({ order, shipments, payments }: UntouchedOrder): OrderAggregate {
  const original = adoptOrder(order);
  const allocations = Object.fromEntries(
    order.lines
      .filter(({ quantities }) => quantities.allocated > 0)
      .map(({ id, quantities }) => [id, quantities.allocated]),
  );
  const loaded: OrderDocuments = {
    ...newDocuments(original, payments.map(toPayment)),
    allocations,
    shipments: shipments.map(({ _id, lines }) => ({
      id: _id,
      lines: lines.map(({ lineId, quantity }) => ({ line: lineId, quantity })),
    })),
  };
  const isRemoved = order.lines.some(({ quantities }) => quantities.cancelled > 0);
  const documents = isRemoved
    ? cancelOrder(summarize(loaded), { reason: 'removed before it was loaded' }, defaultSettings).summary
    : loaded;
  return { placed: toPlaced(order), original, ledger: toLedger(documents, shipments, payments) };
}

function toPayment({ _id, method, authorized, captured, refunded, transactions }: PaymentRecord) {
  const capture = transactions.findLast(({ type }) => type === 'capture');
  return {
    id: _id,
    method,
    authorized: BigInt(authorized),
    captured: BigInt(captured),
    refunded: BigInt(refunded),
    ...(capture === undefined ? {} : { capturedAt: capture.at.toISOString() }),
  };
}

function toLedger(
  documents: OrderDocuments,
  parcels: readonly ShipmentRecord[],
  records: readonly PaymentRecord[],
): OrderLedger {
  const transactions = records.flatMap((record) =>
    record.transactions.map((transaction) => ({ payment: record._id, ...transaction })),
  );
  const movements = transactions.map(
    ({ payment, type, amount, at, reference }, index): PaymentMovement => ({
      id: `F${index + 1}`,
      state: 'done',
      payment,
      type,
      amount: BigInt(amount),
      at: at.toISOString(),
      reference,
      run: '',
    }),
  );
  return {
    ...newLedger(documents),
    paymentDetails: Object.fromEntries(records.map((record) => [record._id, toDetails(record)])),
    movements,
    parcels: Object.fromEntries(
      parcels.map(({ _id, carrier, trackingNumber, shippedAt }) => [
        _id,
        { carrier, trackingNumber, shippedAt: shippedAt.toISOString() },
      ]),
    ),
  };
}

/** A processor holds and refunds cards and wallets; gift cards and accounts are settled by hand. */
function toDetails({ label, method, transactions }: PaymentRecord) {
  const authorization = transactions.find(({ type }) => type === 'authorize');
  const isProcessed = method === 'card' || method === 'wallet';
  return {
    label,
    ...(isProcessed && authorization !== undefined ? { reference: authorization.reference } : {}),
  };
}
