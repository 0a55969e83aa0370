// What a record of an order says: its text is parsed, and summarised, once for each state of the order.
import type { RecordValue } from '../../engine/ports/records.js';
import { type OrderSummary, summarize } from '../ledger/summary.js';
import { fromAggregateText, toAggregateText } from './aggregate-text.js';
import { documentsOf, type OrderAggregate } from './order-aggregate.js';
import { toOrderView } from './order-view.js';

export interface RecordedOrder {
  readonly aggregate: OrderAggregate;
  /** What follows from it. */
  readonly summary: OrderSummary;
}

// Records are never changed: another state of an order is another object.
const known = new WeakMap<RecordValue, RecordedOrder>();

/** The record of an order: its view, and the aggregate as text, for actions; `summary` is the one that follows from it, where it is known already. */
export function toOrderRecord(
  aggregate: OrderAggregate,
  summary: OrderSummary = summarize(documentsOf(aggregate)),
): RecordValue {
  const record: RecordValue = { ...toOrderView(aggregate, summary), ledger: toAggregateText(aggregate) };
  known.set(record, { aggregate, summary });
  return record;
}

/** The order of a record. @throws {RecourseError} `orders.ledger-broken` */
export function orderOfRecord(record: RecordValue): RecordedOrder {
  const order = known.get(record) ?? fromText(String(record['ledger']));
  known.set(record, order);
  return order;
}

function fromText(text: string): RecordedOrder {
  const aggregate = fromAggregateText(text);
  return { aggregate, summary: summarize(documentsOf(aggregate)) };
}

/** Notes that a record was saved as another one, which says the same order unless what runs before saves has changed it. */
export function noteSaved(given: RecordValue, saved: RecordValue): void {
  const order = known.get(given);
  if (order !== undefined && saved['ledger'] === given['ledger']) known.set(saved, order);
}
