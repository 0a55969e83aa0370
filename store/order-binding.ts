// Orders as records of flows: one document an order, with its ledger in it. An order that no flow has touched has no ledger
// yet; then it follows from the records that it was loaded with.
import type { ClientSession } from 'mongoose';
import { fromAggregateText } from '../orders/aggregate/aggregate-text.js';
import { initialAggregate, toPlaced } from '../orders/aggregate/initial-aggregate.js';
import { documentsOf, type OrderAggregate, type OrderLedger } from '../orders/aggregate/order-aggregate.js';
import { orderRecordType } from '../orders/aggregate/order-record-type.js';
import { toOrderRecord } from '../orders/aggregate/order-view.js';
import { adoptOrder } from '../orders/ledger/adopt-order.js';
import { type OrderSummary, summarize } from '../orders/ledger/summary.js';
import type { OrderRecord } from '../orders/records/order.js';
import type { PaymentRecord } from '../orders/records/payment.js';
import type { ShipmentRecord } from '../orders/records/shipment.js';
import type { RecordFilter, RecordWrite, VersionedRecord } from '../engine/ports/records.js';
import { recordErrors } from '../engine/runtime/run-errors.js';
import type { Models } from './connect.js';
import { writeOrderDocuments } from './order-documents.js';
import { exactIntegers } from './order-list.js';
import { namespaceOf, type RecordBinding } from './record-binding.js';

/** An order as it is stored. */
export interface StoredOrder extends OrderRecord {
  readonly version: number;
  readonly ledger?: OrderLedger;
  /** What the order costs now, for lists. */
  readonly currentTotal?: bigint;
  /** Of an order that a flow has touched; of the others it follows from the lines. */
  readonly original?: OrderAggregate['original'];
  readonly properties?: Readonly<Record<string, string>>;
}

/** Fields that flows may search orders by; each has an index. */
const searched: Readonly<Record<string, string>> = {
  id: '_id',
  number: '_id',
  status: 'status',
  'customer.number': 'customer.number',
  'customer.email': 'customer.email',
};

/** Reads an order as an aggregate. */
export async function loadAggregate(
  models: Models,
  number: string,
): Promise<{ readonly aggregate: OrderAggregate; readonly version: number } | undefined> {
  const stored = (await models.orders.collection.findOne(
    { _id: number as never },
    exactIntegers,
  )) as unknown as StoredOrder | null;
  return stored === null
    ? undefined
    : { aggregate: await toAggregate(models, stored), version: Number(stored.version) };
}

async function toAggregate(models: Models, stored: StoredOrder): Promise<OrderAggregate> {
  const { ledger, version: _version, currentTotal: _currentTotal, original, properties, ...order } = stored;
  if (ledger !== undefined) {
    return {
      placed: toPlaced(order),
      original: original ?? adoptOrder(order),
      ledger,
      ...(properties === undefined ? {} : { properties }),
    };
  }
  const ofOrder = { orderNumber: stored._id };
  const byId = { ...exactIntegers, sort: { _id: 1 as const } };
  const [shipments, payments] = await Promise.all([
    models.shipments.collection.find(ofOrder, byId).toArray(),
    models.payments.collection.find(ofOrder, byId).toArray(),
  ]);
  return initialAggregate({
    order,
    shipments: shipments as unknown as ShipmentRecord[],
    payments: payments as unknown as PaymentRecord[],
  });
}

/** The binding of the record type `order`. */
export function bindOrders(models: Models): RecordBinding {
  const { collection } = models.orders;
  return {
    type: orderRecordType,
    async read(id) {
      const found = await loadAggregate(models, id);
      return found && { value: toOrderRecord(found.aggregate), version: found.version };
    },
    async find({ where, sort = [], limit }) {
      const filter = where.length === 0 ? {} : { $and: where.map(toFilter) };
      if (sort.length > 0)
        throw recordErrors.error('invalid', 'orders are found in the order of their numbers');
      const found = (await collection
        .find(filter, { ...exactIntegers, sort: { _id: 1 }, limit })
        .toArray()) as unknown as StoredOrder[];
      return Promise.all(
        found.map(
          async (stored): Promise<VersionedRecord> => ({
            value: toOrderRecord(await toAggregate(models, stored)),
            version: Number(stored.version),
          }),
        ),
      );
    },
    toCheck: (id, seen) => ({
      ns: namespaceOf(collection),
      id,
      ...(seen === undefined ? {} : { seen: { version: seen.version } }),
    }),
    write: (writes, session) => write(models, writes, session),
  };
}

/** @throws {RecourseError} `records.invalid` for what no index serves */
function toFilter(filter: RecordFilter): Record<string, unknown> {
  if ('all' in filter && filter.all.length > 0) return { $and: filter.all.map(toFilter) };
  if ('any' in filter && filter.any.length > 0) return { $or: filter.any.map(toFilter) };
  const { field, operator, value } = 'field' in filter ? filter : {};
  const path = field !== undefined && Object.hasOwn(searched, field) ? searched[field] : undefined;
  if (path === undefined || operator !== 'equalTo' || typeof value !== 'string') {
    throw recordErrors.error(
      'invalid',
      `orders are found by ${Object.keys(searched).join(', ')}, equal to a text`,
    );
  }
  return { [path]: value };
}

async function write(
  models: Models,
  writes: readonly RecordWrite[],
  session: ClientSession,
): Promise<boolean> {
  const aggregates: OrderAggregate[] = [];
  const statements = writes.map((each) => {
    const aggregate = aggregateOf(each);
    if (aggregate !== undefined) aggregates.push(aggregate);
    return toStatement(each, aggregate);
  });
  const { collection } = models.orders;
  const result = await collection.bulkWrite(statements as never[], { session, ordered: true });
  await writeOrderDocuments(models, aggregates, session);
  return result.matchedCount === writes.filter(({ kind }) => kind !== 'create').length;
}

/** The order that is written, where its text says it. */
const aggregateOf = (write: RecordWrite): OrderAggregate | undefined =>
  write.kind === 'create' || write.kind === 'update'
    ? fromAggregateText(String(write.value['ledger']))
    : undefined;

function toStatement(write: RecordWrite, aggregate: OrderAggregate | undefined): unknown {
  if (write.kind === 'create') return { insertOne: { document: toNewOrder(aggregate!, write.version) } };
  if (write.kind === 'delete') throw recordErrors.error('invalid', 'orders are never deleted');
  const id = write.kind === 'touch' ? write.id : write.value.id;
  const changed = aggregate === undefined ? {} : toChanged(aggregate);
  return {
    updateOne: {
      filter: { _id: id, version: write.version },
      update: { $set: { ...changed, version: write.version + 1 } },
    },
  };
}

/** What of the document follows from the aggregate, and moves; the rest is as it was placed. */
function toChanged({ placed, original, ledger }: OrderAggregate): Record<string, unknown> {
  const summary = summarize(documentsOf({ placed, original, ledger }));
  const lines = summary.lines.slice(0, original.lines.length);
  return {
    status: placed.status,
    billingAddress: placed.billingAddress,
    ...(placed.remorseUntil === undefined ? {} : { remorseUntil: placed.remorseUntil }),
    ledger,
    // From now on the order as placed may say other things of its deliveries; the original never does.
    original,
    currentTotal: summary.totals.grand.total,
    ...Object.fromEntries(lines.map(({ quantities }, index) => [`lines.${index}.quantities`, quantities])),
    ...Object.fromEntries(
      placed.deliveryGroups.flatMap(({ address, method, requestedBy }, index) => [
        [`deliveryGroups.${index}.address`, address],
        [`deliveryGroups.${index}.method`, method],
        ...(requestedBy === undefined ? [] : [[`deliveryGroups.${index}.requestedBy`, requestedBy]]),
      ]),
    ),
  };
}

/** A new order as a document: its original as lines and amounts, its ledger beside it. */
function toNewOrder(aggregate: OrderAggregate, version: number): Record<string, unknown> {
  const summary = summarize(documentsOf(aggregate));
  return {
    ...aggregate.placed,
    ...toRecordLines(aggregate, summary),
    original: aggregate.original,
    ...(aggregate.properties === undefined ? {} : { properties: aggregate.properties }),
    ledger: aggregate.ledger,
    currentTotal: summary.totals.grand.total,
    version,
  };
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, amount) => all + amount, 0n);

function toRecordLines(
  { original, placed }: OrderAggregate,
  { lines, totals }: OrderSummary,
): Pick<OrderRecord, 'lines' | 'totals' | 'adjustments'> {
  const of = (owner: string) => original.components.filter((component) => component.owner.id === owner);
  const added = placed.taxPolicy === 'net';
  const records = original.lines.map((line, index) => {
    const own = of(line.id);
    const price = own.find(({ kind }) => kind === 'product');
    const adjustments = own.filter(({ kind }) => kind === 'adjustment');
    const distributed = sum(
      own.filter(({ kind }) => kind === 'order-adjustment').map(({ amount }) => amount),
    );
    const subtotal = price?.amount ?? 0n;
    const net = subtotal + sum(adjustments.map(({ amount }) => amount)) + distributed;
    const taxes = (price?.taxes ?? []).map((tax, at) => ({
      name: tax.name,
      rate: tax.rate ?? '0',
      amount: sum(own.map((component) => component.taxes[at]?.amount ?? 0n)),
    }));
    const taxTotal = sum(taxes.map(({ amount }) => amount));
    return {
      id: line.id,
      lineNumber: line.lineNumber,
      deliveryGroup: line.deliveryGroup,
      sku: line.sku,
      title: line.title,
      returnable: line.returnable,
      quantities: lines[index]!.quantities,
      unitPrice: subtotal / BigInt(line.quantity),
      subtotal,
      adjustments: adjustments.map(({ source, id, label, amount }) => ({
        id: source ?? id,
        reason: label,
        amount,
      })),
      distributed,
      net,
      taxes,
      taxTotal,
      total: added ? net + taxTotal : net,
    };
  });
  return {
    lines: records,
    adjustments: [],
    totals: {
      subtotal: sum(records.map(({ subtotal }) => subtotal)),
      lineAdjustments: sum(records.flatMap(({ adjustments }) => adjustments.map(({ amount }) => amount))),
      orderAdjustments: sum(records.map(({ distributed }) => distributed)),
      delivery: added ? totals.delivery.net : totals.delivery.total,
      tax: totals.grand.tax,
      grand: totals.grand.total,
    },
  };
}
