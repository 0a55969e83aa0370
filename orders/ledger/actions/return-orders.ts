// Returns with a return order (RMA): created, received in parts, and processed; what is left goes on a split line.
import { orderErrors } from '../../order-errors.js';
import { bookChange } from '../book-change.js';
import type { QuantityChange } from '../change-order.js';
import type { ReturnLine, ReturnOrder } from '../documents.js';
import { bookFees, type FeeInput } from '../fees.js';
import { type Outcome, outcomeOf } from '../outcome.js';
import type { LedgerSettings } from '../settings.js';
import { lineOf, type OrderSummary, summarize } from '../summary.js';
import { creditOfLine } from './credit-of-line.js';
import { checkQuantity } from './quantities.js';
import { checkReturn } from './return-items.js';

export interface CreateReturnOrderInput {
  readonly lifeCycle?: 'Managed' | 'Unmanaged';
  readonly lines: readonly {
    readonly line: string;
    readonly quantityExpected: number;
    readonly quantityReceived?: number;
    readonly reason?: string;
    readonly canReduceShipping?: boolean;
    readonly fees?: readonly FeeInput[];
  }[];
}

export interface ReturnOrderOutcome {
  readonly returnOrder: ReturnOrder;
  readonly summary: OrderSummary;
}

/**
 * Announces a return; no amount changes yet.
 *
 * @throws {RecourseError} `orders.not-returnable`, `orders.return-exceeds-available`, `orders.return-reason-duplicate`,
 *   `orders.receive-exceeds-expected`, `orders.line-unknown`, `orders.quantity-invalid`
 */
export function createReturnOrder(
  summary: OrderSummary,
  input: CreateReturnOrderInput,
  settings: LedgerSettings,
): ReturnOrderOutcome {
  const lifeCycle = input.lifeCycle ?? 'Managed';
  if (input.lines.length === 0) throw orderErrors.error('quantity-invalid', 'no item is named');
  const id = `R${summary.returnOrders.length + 1}`;
  const asked = new Map<string, number>();
  const reasons = new Set<string>();
  const lines = input.lines.map((item, index): ReturnLine => {
    checkQuantity(item.quantityExpected);
    checkQuantity(item.quantityReceived ?? 0, 0);
    const line = lineOf(summary, item.line);
    const sum = (asked.get(item.line) ?? 0) + item.quantityExpected;
    asked.set(item.line, sum);
    if (lifeCycle === 'Managed') checkReturn(line, sum);
    const reason = item.reason ?? 'unknown';
    const pair = JSON.stringify([item.line, reason]);
    if (reasons.has(pair)) {
      throw orderErrors.error(
        'return-reason-duplicate',
        `line ${item.line} is there twice with reason ${reason}`,
      );
    }
    reasons.add(pair);
    const received = item.quantityReceived ?? 0;
    checkReceived(item.line, received, item.quantityExpected);
    return {
      id: `${id}-${index + 1}`,
      line: item.line,
      reason,
      expected: item.quantityExpected,
      received,
      rejected: 0,
      returned: 0,
      cancelled: 0,
      canReduceShipping: item.canReduceShipping ?? settings.shipping.byDefault === 'reduce',
      fees: item.fees ?? [],
      processed: false,
    };
  });
  const returnOrder: ReturnOrder = { id, lifeCycle, status: 'Open', lines };
  const returnOrders = [...summary.returnOrders, returnOrder];
  return { returnOrder, summary: summarize({ ...summary, returnOrders }) };
}

export interface ReceiveReturnInput {
  readonly returnOrder: string;
  /** Units that came in, added to those received before. */
  readonly lines: readonly { readonly returnLine: string; readonly quantity: number }[];
}

/** @throws {RecourseError} `orders.receive-exceeds-expected`, `orders.return-unknown`, `orders.return-closed`, `orders.quantity-invalid` */
export function receiveReturn(summary: OrderSummary, input: ReceiveReturnInput): ReturnOrderOutcome {
  const returnOrder = openReturn(summary, input.returnOrder);
  const lines = [...returnOrder.lines];
  for (const { returnLine, quantity } of input.lines) {
    checkQuantity(quantity);
    const index = openLine(lines, returnLine);
    const line = lines[index]!;
    checkReceived(returnLine, line.received + quantity, line.expected);
    lines[index] = { ...line, received: line.received + quantity };
  }
  return replaced(summary, { ...returnOrder, lines });
}

export interface ProcessReturnInput {
  readonly returnOrder: string;
  readonly items: readonly {
    readonly returnLine: string;
    /** Units to give money back for; may be 0 where units are only cancelled. */
    readonly quantityReturned: number;
    /** Units that will not come back; they can be returned again later. */
    readonly quantityToCancel?: number;
    readonly quantityRejected?: number;
    readonly reasonForRejection?: string;
    /** In place of the fees that the return line was created with. */
    readonly fees?: readonly FeeInput[];
  }[];
  readonly reason?: string;
}

export interface ProcessReturnOutcome extends Outcome {
  readonly returnOrder: ReturnOrder;
  /** The processed line, and the line that holds the rest of it. */
  readonly splits: readonly { readonly original: string; readonly split: string }[];
}

/**
 * Turns return lines into money: a change order for what was returned, and a split line for what is left.
 *
 * @throws {RecourseError} `orders.return-unknown`, `orders.return-closed`, `orders.receive-exceeds-expected`,
 *   `orders.quantity-invalid`, and those of fees
 */
export function processReturn(
  summary: OrderSummary,
  input: ProcessReturnInput,
  settings: LedgerSettings,
): ProcessReturnOutcome {
  const returnOrder = openReturn(summary, input.returnOrder);
  if (returnOrder.lifeCycle === 'Unmanaged') {
    throw orderErrors.error('return-closed', `${returnOrder.id} only tracks parcels and changes no figures`);
  }
  if (input.items.length === 0) throw orderErrors.error('quantity-invalid', 'no item is named');
  const lines = [...returnOrder.lines];
  const splits: { original: string; split: string }[] = [];
  const moves = new Map<string, QuantityChange>();
  const fees = new Map<string, readonly FeeInput[]>();
  for (const item of input.items) {
    const index = openLine(lines, item.returnLine);
    const { processed, left } = processedLine(lines[index]!, item, settings);
    lines[index] = processed;
    if (left !== undefined) {
      const split = { ...left, id: `${returnOrder.id}-${lines.length + 1}` };
      lines.push(split);
      splits.push({ original: processed.id, split: split.id });
    }
    if (processed.returned === 0) continue;
    const before = moves.get(processed.line);
    moves.set(processed.line, {
      line: processed.line,
      cancelled: 0,
      returnInitiated: 0,
      returned: (before?.returned ?? 0) + processed.returned,
      shippingReduced:
        (before?.shippingReduced ?? 0) + (processed.canReduceShipping ? processed.returned : 0),
    });
    fees.set(processed.line, [...(fees.get(processed.line) ?? []), ...(item.fees ?? processed.fees)]);
  }
  const status = lines.every(({ processed }) => processed) ? 'Closed' : 'Open';
  const closed: ReturnOrder = { ...returnOrder, lines, status };
  // Returned units must be in returns at every moment, so the return order and its change order are booked as one.
  const withReturn = withReturnOrder(summary, closed);
  if (moves.size === 0) {
    const after = summarize(withReturn);
    return { ...outcomeOf('Return', after, []), returnOrder: closed, splits };
  }
  const change = bookChange(
    withReturn,
    { type: 'Return', phase: 'post', reason: input.reason ?? 'returned', quantities: [...moves.values()] },
    settings,
  );
  const requests = [...moves.values()].map(({ line, returned }) => ({
    line,
    quantity: returned,
    fees: fees.get(line) ?? [],
    credit: creditOfLine(summary, change.changeOrder, line),
  }));
  const fee = bookFees(summary, change.summary, 'ReturnFee', requests, settings);
  const after = (fee ?? change).summary;
  return {
    ...outcomeOf('Return', after, [change.changeOrder], fee?.changeOrder),
    returnOrder: closed,
    splits,
  };
}

function processedLine(
  line: ReturnLine,
  item: ProcessReturnInput['items'][number],
  settings: LedgerSettings,
): { readonly processed: ReturnLine; readonly left?: ReturnLine } {
  const {
    quantityReturned: returned,
    quantityToCancel: cancelled = 0,
    quantityRejected: rejected = 0,
  } = item;
  for (const quantity of [returned, cancelled, rejected]) checkQuantity(quantity, 0);
  if (returned + cancelled === 0)
    throw orderErrors.error('quantity-invalid', `${line.id}: nothing to process`);
  checkReceived(line.id, returned + cancelled, line.expected);
  checkReceived(line.id, rejected, line.received);
  if (settings.returns.receipt === 'required') checkReceived(line.id, returned, line.received - rejected);
  const processed: ReturnLine = {
    ...line,
    returned,
    cancelled,
    rejected,
    processed: true,
    ...(item.reasonForRejection === undefined ? {} : { reasonForRejection: item.reasonForRejection }),
  };
  const expected = line.expected - returned - cancelled;
  if (expected === 0) return { processed };
  // Units that came in beyond those processed here wait on the split line.
  const received = Math.min(Math.max(line.received - returned - rejected, 0), expected);
  const left = { ...line, expected, received, rejected: 0, splitFrom: line.id };
  return { processed: { ...processed, received: line.received - received }, left };
}

function checkReceived(id: string, quantity: number, most: number): void {
  if (quantity > most) {
    throw orderErrors.error(
      'receive-exceeds-expected',
      `${id}: ${quantity} units, but at most ${most} are expected`,
      {
        data: { line: id, available: most },
      },
    );
  }
}

function openReturn({ returnOrders }: OrderSummary, id: string): ReturnOrder {
  const returnOrder = returnOrders.find((each) => each.id === id);
  if (returnOrder === undefined)
    throw orderErrors.error('return-unknown', `the order has no return order ${id}`);
  if (returnOrder.status === 'Closed') throw orderErrors.error('return-closed', `${id} is closed`);
  return returnOrder;
}

function openLine(lines: readonly ReturnLine[], id: string): number {
  const index = lines.findIndex((line) => line.id === id);
  if (index < 0) throw orderErrors.error('return-unknown', `the return order has no line ${id}`);
  if (lines[index]!.processed) throw orderErrors.error('return-closed', `return line ${id} is processed`);
  return index;
}

const withReturnOrder = (summary: OrderSummary, returnOrder: ReturnOrder): OrderSummary => ({
  ...summary,
  returnOrders: summary.returnOrders.map((each) => (each.id === returnOrder.id ? returnOrder : each)),
});

function replaced(summary: OrderSummary, returnOrder: ReturnOrder): ReturnOrderOutcome {
  return { returnOrder, summary: summarize(withReturnOrder(summary, returnOrder)) };
}
