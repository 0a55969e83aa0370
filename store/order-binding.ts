// Orders as records of flows: one document an order, with its ledger in it. An order that no flow has touched has no ledger
// yet; then it follows from the records that it was loaded with.
import type { ClientSession } from 'mongoose';
import { initialAggregate, toPlaced } from '../orders/aggregate/initial-aggregate.js';
import type { OrderAggregate, OrderLedger } from '../orders/aggregate/order-aggregate.js';
import { orderRecordType } from '../orders/aggregate/order-record-type.js';
import { orderOfRecord, type RecordedOrder, toOrderRecord } from '../orders/aggregate/order-of-record.js';
import { adoptOrder } from '../orders/ledger/adopt-order.js';
import type { OrderSummary } from '../orders/ledger/summary.js';
import type { OrderRecord } from '../orders/records/order.js';
import type { PaymentRecord } from '../orders/records/payment.js';
import type { ShipmentRecord } from '../orders/records/shipment.js';
import type { RecordFilter, RecordValue, RecordWrite, VersionedRecord } from '../engine/ports/records.js';
import { recordErrors } from '../engine/runtime/run-errors.js';
import type { Models } from './connect.js';
import { toGuardedCopies, writeOrderDocuments } from './order-documents.js';
import { exactIntegers } from './order-list.js';
import { isWholeWrite, namespaceOf, type RecordBinding } from './record-binding.js';
import { oneOf, TurnBatch } from './turn-batch.js';

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

/** An order as it is stored, and what it was loaded with, where the rest of it follows from that. */
interface LoadedOrder {
  readonly stored: StoredOrder;
  readonly shipments: readonly ShipmentRecord[];
  readonly payments: readonly PaymentRecord[];
}

/** Reads an order as an aggregate. */
export async function loadAggregate(
  models: Models,
  number: string,
): Promise<{ readonly aggregate: OrderAggregate; readonly version: number } | undefined> {
  const [found] = await loadOrders(models, { _id: number });
  return found && { aggregate: toAggregate(found), version: Number(found.stored.version) };
}

async function loadOrders(models: Models, filter: object, options: object = {}): Promise<LoadedOrder[]> {
  const found = await models.orders.collection.find(filter, { ...exactIntegers, ...options }).toArray();
  const orders = found as unknown as StoredOrder[];
  const untouched = orders.filter(({ ledger }) => ledger === undefined).map(({ _id }) => _id);
  const [shipments, payments] = await Promise.all([
    ofOrders<ShipmentRecord>(models.shipments, untouched),
    ofOrders<PaymentRecord>(models.payments, untouched),
  ]);
  return orders.map((stored) => ({
    stored,
    shipments: shipments.filter(({ orderNumber }) => orderNumber === stored._id),
    payments: payments.filter(({ orderNumber }) => orderNumber === stored._id),
  }));
}

async function ofOrders<T>(
  { collection }: Models['shipments'] | Models['payments'],
  numbers: readonly string[],
): Promise<T[]> {
  if (numbers.length === 0) return [];
  const byId = { ...exactIntegers, sort: { _id: 1 } } as const;
  return (await collection.find({ orderNumber: oneOf(numbers) }, byId).toArray()) as unknown as T[];
}

function toAggregate({ stored, shipments, payments }: LoadedOrder): OrderAggregate {
  const { ledger, version: _version, currentTotal: _currentTotal, original, properties, ...order } = stored;
  if (ledger === undefined) return initialAggregate({ order, shipments, payments });
  return {
    placed: toPlaced(order),
    original: original ?? adoptOrder(order),
    ledger,
    ...(properties === undefined ? {} : { properties }),
  };
}

/** The binding of the record type `order`. */
export function bindOrders(models: Models): RecordBinding {
  const { collection } = models.orders;
  /** What records were read from: a change of one can be written as a whole document. */
  const documents = new WeakMap<RecordValue, StoredOrder>();
  const toVersioned = (loaded: LoadedOrder): VersionedRecord => {
    const { stored } = loaded;
    const value = toOrderRecord(toAggregate(loaded));
    documents.set(value, stored);
    return { value, version: Number(stored.version) };
  };
  const reads = new TurnBatch(async (numbers) => {
    const loaded = await loadOrders(models, { _id: oneOf(numbers) });
    return new Map(loaded.map((order) => [order.stored._id, order]));
  });
  return {
    type: orderRecordType,
    async read(id) {
      const loaded = await reads.get(id);
      return loaded && toVersioned(loaded);
    },
    async find({ where, sort = [], limit }) {
      const filter = where.length === 0 ? {} : { $and: where.map(toFilter) };
      if (sort.length > 0)
        throw recordErrors.error('invalid', 'orders are found in the order of their numbers');
      return (await loadOrders(models, filter, { sort: { _id: 1 }, limit })).map(toVersioned);
    },
    toGuarded(write) {
      const order = orderOfRecord(write.value);
      const ns = namespaceOf(collection);
      if (write.kind === 'create') {
        return [
          { ns, document: toNewOrder(order, write.version) },
          ...toGuardedCopies(models, order.aggregate, undefined),
        ];
      }
      const before = documents.get(write.prior);
      if (before === undefined) return undefined;
      const document = withFields(before, { ...toChanged(order), version: write.version + 1 });
      return [
        { ns, document, guard: { field: 'version', value: write.version } },
        ...toGuardedCopies(models, order.aggregate, before.ledger),
      ];
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
  const orders = writes.map(orderOfWrite);
  const statements = writes.map((each, index) => toStatement(each, orders[index]));
  const { collection } = models.orders;
  const result = await collection.bulkWrite(statements as never[], { session, ordered: true });
  const written = orders.flatMap((order) => (order === undefined ? [] : [order.aggregate]));
  await writeOrderDocuments(models, written, session);
  return result.matchedCount === writes.filter(({ kind }) => kind !== 'create').length;
}

/** The order that is written, where its record says it. */
const orderOfWrite = (write: RecordWrite): RecordedOrder | undefined =>
  isWholeWrite(write) ? orderOfRecord(write.value) : undefined;

function toStatement(write: RecordWrite, order: RecordedOrder | undefined): unknown {
  if (write.kind === 'create') return { insertOne: { document: toNewOrder(order!, write.version) } };
  if (write.kind === 'delete') throw recordErrors.error('invalid', 'orders are never deleted');
  const id = write.kind === 'touch' ? write.id : write.value.id;
  const changed = order === undefined ? {} : toChanged(order);
  return {
    updateOne: {
      filter: { _id: id, version: write.version },
      update: { $set: { ...changed, version: write.version + 1 } },
    },
  };
}

/** A document with fields set by their paths, as `$set` does; the parts that they are in are copied. */
function withFields(document: object, fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  let changed = document as Record<string, unknown>;
  for (const [path, value] of Object.entries(fields)) changed = withField(changed, path.split('.'), value);
  return changed;
}

function withField<T extends object>(holder: T, [name, ...inside]: readonly string[], value: unknown): T {
  const copy = (Array.isArray(holder) ? [...holder] : { ...holder }) as Record<string, unknown>;
  copy[name!] = inside.length === 0 ? value : withField(copy[name!] as object, inside, value);
  return copy as T;
}

/** What of the document follows from the aggregate, and moves; the rest is as it was placed. */
function toChanged({ aggregate, summary }: RecordedOrder): Record<string, unknown> {
  const { placed, original, ledger } = aggregate;
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
function toNewOrder(
  { aggregate, summary }: RecordedOrder,
  version: number,
): Record<string, unknown> & { readonly _id: string } {
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
