// The copies of return orders and credit memos: what is written with an order, and the lists of them.
import type { ClientSession } from 'mongoose';
import type { OrderAggregate, OrderLedger } from '../orders/aggregate/order-aggregate.js';
import type { Models } from './connect.js';
import type { GuardedWrite } from './embedded/store.js';
import type { CreditMemoDocument, ReturnDocument } from './models/order-document.js';
import { afterPosition, type PageOf } from './newest-first.js';
import { exactIntegers } from './order-list.js';
import { namespaceOf } from './record-binding.js';

export interface OrderDocumentFilters {
  readonly orderNumber?: string;
  readonly customerNumber?: string;
  readonly status?: string;
}

/** Writes the copies of orders that are being written, in the same transaction. */
export async function writeOrderDocuments(
  models: Models,
  aggregates: readonly OrderAggregate[],
  session: ClientSession,
): Promise<void> {
  await replaceAll(models.returns, aggregates.flatMap(returnsOf), session);
  await replaceAll(models.creditMemos, aggregates.flatMap(creditMemosOf), session);
}

/** The same copies as whole documents, each in the place of the one that the order had `before`. */
export function toGuardedCopies(
  { returns, creditMemos }: Models,
  aggregate: OrderAggregate,
  before: OrderLedger | undefined,
): GuardedWrite[] {
  const { _id } = aggregate.placed;
  const known = new Set(
    [...(before?.returnOrders ?? []), ...(before?.creditMemos ?? [])].map(({ id }) => `${_id}-${id}`),
  );
  const toGuarded = (
    { collection }: Models['returns'] | Models['creditMemos'],
    documents: readonly (ReturnDocument | CreditMemoDocument)[],
  ): GuardedWrite[] =>
    documents.map((document) => ({
      ns: namespaceOf(collection),
      document,
      ...(known.has(document._id) ? { guard: { field: 'version', value: copyVersion } } : {}),
    }));
  return [...toGuarded(returns, returnsOf(aggregate)), ...toGuarded(creditMemos, creditMemosOf(aggregate))];
}

async function replaceAll(
  { collection }: Models['returns'] | Models['creditMemos'],
  documents: readonly (ReturnDocument | CreditMemoDocument)[],
  session: ClientSession,
): Promise<void> {
  if (documents.length === 0) return;
  const statements = documents.map((document) => ({
    replaceOne: { filter: { _id: document._id }, replacement: document, upsert: true },
  }));
  await collection.bulkWrite(statements as never[], { session, ordered: true });
}

/** Nothing is decided on a copy: what guards it is the version of its order. */
const copyVersion = 0;

/** What all copies have; undefined for a document that was there before any flow. */
function sharedOf({ placed, ledger }: OrderAggregate, id: string) {
  const made = ledger.attributions.find(({ document }) => document === id);
  return {
    _id: `${placed._id}-${id}`,
    orderNumber: placed._id,
    customerNumber: placed.customer.number,
    at: made === undefined ? placed.placedAt : new Date(made.at),
    by: made?.by ?? 'before',
    run: made?.run ?? '',
    version: copyVersion,
  };
}

const returnsOf = (aggregate: OrderAggregate): ReturnDocument[] =>
  aggregate.ledger.returnOrders.map(({ id, lifeCycle, status, lines }) => ({
    ...sharedOf(aggregate, id),
    lifeCycle,
    status,
    lines,
  }));

const creditMemosOf = (aggregate: OrderAggregate): CreditMemoDocument[] =>
  aggregate.ledger.creditMemos.map(({ id, changeOrders, net, tax, total, settled }) => ({
    ...sharedOf(aggregate, id),
    changeOrders,
    currency: aggregate.placed.currency,
    net,
    tax,
    total,
    settled,
    status: settled < total ? ('Open' as const) : ('Settled' as const),
  }));

/** Return orders, the newest first. */
export const listReturns = (models: Models, filters: OrderDocumentFilters, page: PageOf) =>
  newest(models.returns, filters, page).lean<ReturnDocument[]>();

/** Credit memos, the newest first. */
export const listCreditMemos = (models: Models, filters: OrderDocumentFilters, page: PageOf) =>
  newest(models.creditMemos, filters, page).lean<CreditMemoDocument[]>();

const newest = (
  model: Models['returns'] | Models['creditMemos'],
  filters: OrderDocumentFilters,
  { after, limit }: PageOf,
) =>
  (model as Models['returns'])
    .find({ ...filters, ...afterPosition('at', after) } as never)
    .sort({ at: -1, _id: -1 })
    .limit(limit)
    .setOptions(exactIntegers);

export const findReturn = (models: Models, id: string) =>
  models.returns.findById(id).setOptions(exactIntegers).lean<ReturnDocument | null>();

export const findCreditMemo = (models: Models, id: string) =>
  models.creditMemos.findById(id).setOptions(exactIntegers).lean<CreditMemoDocument | null>();
