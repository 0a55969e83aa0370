// How actions work on orders: read the aggregate, let the ledger decide, write the aggregate with who did it.
import type { Action, ActionCall } from '../../engine/actions/action.js';
import type { Json } from '../../engine/definition/flow.js';
import { fromMinor } from '../../engine/money/money.js';
import { actionErrors } from '../../engine/runtime/run-errors.js';
import type {
  Attribution,
  OrderAggregate,
  OrderLedger,
  PaymentMovement,
} from '../aggregate/order-aggregate.js';
import { noteSaved, orderOfRecord, type RecordedOrder, toOrderRecord } from '../aggregate/order-of-record.js';
import { toDocuments } from '../ledger/documents.js';
import { inWords } from '../ledger/explanation.js';
import type { Outcome } from '../ledger/outcome.js';
import { type LedgerSettings, ledgerSettings, type PartialSettings } from '../ledger/settings.js';
import type { OrderSummary } from '../ledger/summary.js';
import { toDocument } from '../ledger/to-document.js';
import { orderErrors } from '../order-errors.js';
import type { Minor } from '../records/money-fields.js';

/** An order in the hands of an action. */
export interface OrderAtWork {
  readonly aggregate: OrderAggregate;
  readonly summary: OrderSummary;
  readonly settings: LedgerSettings;
  readonly call: ActionCall;
}

/** What an action makes of it: the summary after it, other parts of the ledger or of the placed order that change. */
export interface OrderChanged {
  readonly summary?: OrderSummary;
  readonly ledger?: Partial<Pick<OrderLedger, 'paymentDetails' | 'movements' | 'parcels' | 'holds'>>;
  readonly placed?: Partial<OrderAggregate['placed']>;
  /** What the history tells of, beside new documents. */
  readonly told?: readonly Pick<Attribution, 'document' | 'what'>[];
  readonly output: Json;
}

/** `undo` is left out for what moves neither money nor goods. */
export interface OrderActionDefinition
  extends Pick<Action, 'name' | 'title' | 'description' | 'permission' | 'input' | 'output' | 'undo'> {
  /** Computes; throws errors of orders for what can't be. */
  change(order: OrderAtWork, input: Json): OrderChanged | Promise<OrderChanged>;
}

/** @throws {RecourseError} `orders.unknown-order` */
export async function readOrder(call: ActionCall, number: string): Promise<RecordedOrder> {
  const found = await recordsOf(call).get('order', number);
  if (found === undefined) throw orderErrors.error('unknown-order', `there is no order ${number}`);
  return orderOfRecord(found);
}

/** The records of an action that has the effect `records`. */
export function recordsOf({ records }: ActionCall): NonNullable<ActionCall['records']> {
  if (records === undefined) throw actionErrors.error('failed', 'the action was given no records');
  return records;
}

/** An action that changes one order, named in its input as `order`, in the segment's unit. */
export function orderAction({ change, ...rest }: OrderActionDefinition): Action {
  return {
    ...rest,
    effect: 'records',
    perform: async (call) => {
      const { order: number, settings } = call.input as { order: string; settings?: PartialSettings };
      const { aggregate, summary } = await readOrder(call, number);
      const changed = await change(
        { aggregate, summary, settings: ledgerSettings(settings ?? {}), call },
        call.input,
      );
      await writeOrder(call, aggregate, summary, changed);
      return changed.output;
    },
  };
}

async function writeOrder(
  call: ActionCall,
  before: OrderAggregate,
  summary: OrderSummary,
  { summary: after, ledger, placed, told = [] }: OrderChanged,
): Promise<void> {
  if (after === undefined && ledger === undefined && placed === undefined) return;
  const { original: _original, ...documents } = toDocuments(after ?? summary);
  const aggregate: OrderAggregate = {
    ...before,
    placed: { ...before.placed, ...placed },
    ledger: {
      ...before.ledger,
      ...documents,
      ...ledger,
      attributions: [
        ...before.ledger.attributions,
        ...(after === undefined ? [] : newDocumentsOf(before.ledger, after, call)),
        ...told.map((each) => ({ ...each, at: call.now, by: call.user.id, run: call.run })),
      ],
    },
  };
  const record = toOrderRecord(aggregate, after ?? summary);
  noteSaved(record, await recordsOf(call).update('order', before.placed._id, record));
}

const documentKinds = {
  changeOrders: 'change order',
  returnOrders: 'return order',
  creditMemos: 'credit memo',
  invoices: 'invoice',
  shipments: 'shipment',
  payments: 'payment',
} as const;

/** The documents that are new, each with who made it, when, and in which run. */
function newDocumentsOf(
  before: OrderLedger,
  after: OrderSummary,
  { now, user, run }: ActionCall,
): Attribution[] {
  return (Object.keys(documentKinds) as (keyof typeof documentKinds)[]).flatMap((kind) => {
    const known = new Set(before[kind].map(({ id }) => id));
    return after[kind]
      .filter(({ id }) => !known.has(id))
      .map(({ id }) => ({ document: id, what: documentKinds[kind], at: now, by: user.id, run }));
  });
}

/** An amount as flows see it. */
export const moneyJson = (minor: Minor, currency: string): Json => ({ ...fromMinor(minor, currency) });

/** What a change of money makes of the order, and answers by `changeOutput`. */
export function toChanged(
  { changeOrders, feeChangeOrder, changeBalances, explanation, summary }: Outcome,
  more: Readonly<Record<string, Json>> = {},
): OrderChanged {
  const { currency } = summary.original;
  const output = {
    changeOrders: changeOrders.map(({ id }) => id),
    feeChangeOrder: feeChangeOrder?.id ?? null,
    changeBalances: toDocument(changeBalances, currency) as Json,
    words: inWords(explanation),
    total: moneyJson(summary.totals.grand.total, currency),
    isAfterFulfilment: changeOrders.some(({ phase }) => phase === 'post'),
    isAllCancelled: summary.lines.every(({ quantities }) => quantities.cancelled === quantities.ordered),
    ...more,
  };
  return { summary, output };
}

/** A movement of money to be added to the ledger; `index` counts those that are added at once. */
export const newMovement = (
  { aggregate, call }: OrderAtWork,
  movement: Pick<PaymentMovement, 'state' | 'payment' | 'type' | 'amount' | 'reference'>,
  index = 0,
): PaymentMovement => ({
  id: `F${aggregate.ledger.movements.length + index + 1}`,
  ...movement,
  at: call.now,
  run: call.run,
});
