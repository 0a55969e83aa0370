// Runs one case on the ledger: what comes out has the names of the case's expectations. It knows requests, not cases.
import { RecourseError } from '../../../../engine/errors/recourse-error.js';
import {
  adjustItems,
  cancelItems,
  distribute,
  exchangeItems,
  type LedgerSettings,
  type OrderSummary,
  type Outcome,
  paymentState,
  receiveReturn,
  returnItems,
  splitEvenly,
} from '../../../../orders/ledger/index.js';
import { CaseMoney, type CaseOrder, caseOrder, linesNamed, refunded } from './case-order.js';

type Amount = string | number;

export interface RefundCase {
  readonly id: string;
  readonly kind: string;
  readonly source: { readonly repo: string };
  readonly rule: string;
  readonly minorUnits: boolean;
  readonly order: CaseOrder;
  readonly request: Readonly<{
    amount?: Amount;
    refund?: Amount;
    refundUnits?: Record<string, number>;
    refundUnitAmount?: Record<string, Amount>;
    refundShipping?: string[];
    refundShippingAmount?: Record<string, Amount>;
    refundAll?: boolean;
    returnItems?: Record<string, number>;
    claimItems?: Record<string, number>;
    returnUnits?: number;
    cancelUnits?: number;
    receiveItems?: Record<string, number>;
    exchange?: boolean;
    refundAmount?: Amount;
    shippingAmount?: Amount;
    paymentRefundable?: Amount;
  }>;
  readonly expect: Readonly<Record<string, unknown>>;
}

/** What a refusal says in the words of the shops, and the codes with which we refuse the same. */
const refusals: readonly [RegExp, readonly string[]][] = [
  [/greater than 0/, ['orders.amount-invalid']],
  [/more money than/, ['orders.adjust-exceeds-total']],
  [/not refundable$/, ['orders.nothing-to-adjust']],
  [/should be paid|payment_not_refundable/, ['orders.nothing-captured']],
  [/free order/, ['orders.nothing-captured', 'orders.nothing-to-refund']],
  [/does not exist/, ['orders.line-unknown']],
  [/more items than what was fulfilled/, ['orders.return-exceeds-available']],
  [/more items than what was requested/, ['orders.receive-exceeds-expected']],
  [/available to cancel/, ['orders.cancel-exceeds-available']],
];

/** Names of the expectations that came out otherwise, each with what came out; empty when the case passes. */
export function differences(refundCase: RefundCase, settings: LedgerSettings): Record<string, unknown> {
  const actual = outcomesOf(refundCase, settings);
  const different: Record<string, unknown> = {};
  for (const [name, expected] of Object.entries(refundCase.expect)) {
    if (name === 'error') {
      const codes = refusals.find(([words]) => words.test(String(expected)))?.[1];
      const isRefused = codes === undefined ? actual.code !== undefined : codes.includes(String(actual.code));
      if (!isRefused) different[name] = actual.code ?? 'accepted';
    } else if (JSON.stringify(actual[name]) !== JSON.stringify(expected)) {
      different[name] = actual[name];
    }
  }
  return different;
}

function outcomesOf(refundCase: RefundCase, settings: LedgerSettings): Record<string, unknown> {
  if (refundCase.kind === 'proration') return { shares: sharesOf(refundCase, settings) };
  const { order, request } = refundCase;
  const money = new CaseMoney(refundCase.minorUnits);
  const isCancelled = request.cancelUnits !== undefined || request.refund !== undefined;
  const before = caseOrder(order, money, settings, !isCancelled, request.paymentRefundable);
  try {
    return stateOf(requested(before, refundCase, money, settings), before, money);
  } catch (error) {
    if (!(error instanceof RecourseError)) throw error;
    return { ...stateOf({ after: before }, before, money), code: error.code };
  }
}

/** What a request comes to: the change, the refund of all that is owed after it, and the order after both. */
interface Done {
  readonly after: OrderSummary;
  readonly change?: Outcome;
  readonly refund?: bigint;
  readonly exchange?: bigint;
  readonly via?: readonly string[];
}

function requested(
  before: OrderSummary,
  { kind, request }: RefundCase,
  money: CaseMoney,
  settings: LedgerSettings,
): Done {
  const units = request.cancelUnits ?? request.returnUnits;
  const only = before.lines[0]?.id ?? '';
  if (request.cancelUnits !== undefined) {
    const change = cancelItems(before, { items: [{ line: only, quantity: units! }] }, settings);
    return { after: change.summary, change };
  }
  if (request.exchange === true) {
    const { unitPrice, taxes } = priceOf(before, only);
    const change = exchangeItems(
      before,
      {
        returned: { items: [{ line: only, quantity: 1 }] },
        added: { items: [{ sku: only, quantity: 1, unitPrice: money.text(money.shown(unitPrice)), taxes }] },
      },
      settings,
    );
    return { after: change.summary, exchange: change.refundAmount };
  }
  if (request.receiveItems !== undefined) {
    const [returnOrder] = before.returnOrders;
    const lines = Object.entries(request.receiveItems).map(([line, quantity]) => ({
      returnLine: returnOrder!.lines.find((each) => each.line === line)!.id,
      quantity,
    }));
    return { after: receiveReturn(before, { returnOrder: returnOrder!.id, lines }).summary };
  }
  const change = changed(before, request, money, settings);
  // Cases of return items ask for the amount of the item; nothing is paid out yet.
  if (request.returnUnits !== undefined) return { after: change.summary, change };
  const given = request.refundAmount ?? request.refund;
  const custom = given === undefined ? undefined : money.money(given);
  const { plan, summary } = refunded(change.summary, settings, custom);
  const methods = new Map(summary.payments.map(({ id, method }) => [id, method]));
  const via = plan.refunds.map(({ payment }) => methods.get(payment)!);
  return { after: kind === 'calculate_refund' ? before : summary, change, refund: plan.total, via };
}

/** Units returned and amounts taken off, as one outcome; its order is that of both. */
function changed(
  before: OrderSummary,
  request: RefundCase['request'],
  money: CaseMoney,
  settings: LedgerSettings,
): Outcome {
  const items: { line: string; quantity: number }[] = [];
  const named = request.returnItems ?? request.claimItems;
  for (const [line, quantity] of Object.entries(named ?? {})) items.push({ line, quantity });
  if (request.returnUnits !== undefined)
    items.push({ line: before.lines[0]!.id, quantity: request.returnUnits });
  if (request.refund !== undefined) {
    return cancelItems(before, { items: [{ line: before.lines[0]!.id, quantity: 1 }] }, settings);
  }
  for (const [name, count] of Object.entries(request.refundUnits ?? {})) {
    for (const line of linesNamed(before, name).slice(0, count)) items.push({ line, quantity: 1 });
  }
  const amounts: Parameters<typeof adjustItems>[1]['items'][number][] = [];
  const off = (amount: Amount) => ({
    adjustmentType: 'AmountWithTax' as const,
    amount: money.money(amount, -1),
  });
  for (const [name, amount] of Object.entries(request.refundUnitAmount ?? {})) {
    amounts.push({ line: linesNamed(before, name)[0] ?? name, ...off(amount) });
  }
  for (const delivery of request.refundShipping ?? []) amounts.push({ delivery, adjustmentType: 'Rest' });
  for (const [delivery, amount] of Object.entries(request.refundShippingAmount ?? {})) {
    amounts.push({ delivery, ...off(amount) });
  }
  if (request.shippingAmount !== undefined)
    amounts.push({ delivery: 'shipping', ...off(request.shippingAmount) });
  if (request.amount !== undefined) amounts.push({ line: before.lines[0]!.id, ...off(request.amount) });
  if (request.refundAll === true) {
    for (const { id, quantity } of before.lines) items.push({ line: id, quantity });
    for (const { id } of before.original.deliveryGroups)
      amounts.push({ delivery: id, adjustmentType: 'Rest' });
  }
  if (items.length === 0) return adjustItems(before, { items: amounts }, settings);
  const returned = returnItems(before, { items }, settings);
  return amounts.length === 0 ? returned : adjustItems(returned.summary, { items: amounts }, settings);
}

function stateOf(done: Done, before: OrderSummary, money: CaseMoney): Record<string, unknown> {
  const { after, change, refund, exchange, via } = done;
  const refundedTotal = after.payments.reduce((sum, payment) => sum + payment.refunded, 0n);
  const entries = change?.changeOrders.flatMap((each) => each.entries) ?? [];
  const orderChange = -(change?.changeBalances.grandTotalAmount ?? 0n);
  const priced = -entries.reduce((sum, entry) => sum + entry.amount, 0n);
  const unitRefunded: Record<string, Amount> = {};
  for (const { id } of before.lines) {
    const off = costOf({ ...after, booked: placed(after) }, 'line', id) - costOf(after, 'line', id);
    if (off !== 0n) unitRefunded[id] = money.shown(off);
  }
  return {
    refundedTotal: money.shown(refundedTotal),
    refundAmount: money.shown(refund ?? 0n),
    thisRefund: money.shown(refund ?? 0n),
    suggestedRefund: money.shown(refund ?? 0n),
    maximumShippingRefundable: money.shown(before.totals.delivery.total),
    shippingStillRefundable: after.totals.delivery.total > 0n,
    amount: money.shown(exchange ?? priced),
    total: money.shown(-orderChange),
    adjustment: money.shown(orderChange),
    orderTotalChange: money.shown(after.totals.grand.total - before.totals.grand.total),
    paymentState: paymentState(after),
    refundedVia: via,
    unitRefunded,
  };
}

const placed = ({ components }: OrderSummary): OrderSummary['booked'] =>
  Object.fromEntries(
    components.map(({ id, kind, amount, taxes, formula }) => [
      id,
      formula === undefined || kind === 'product'
        ? { amount, taxes: taxes.map((tax) => tax.amount) }
        : { amount: 0n, taxes: taxes.map(() => 0n) },
    ]),
  );

/** What one line or delivery costs, with tax. */
function costOf({ components, booked }: OrderSummary, kind: string, id: string): bigint {
  let cost = 0n;
  for (const { owner, id: component, taxIncluded } of components) {
    if (owner.kind !== kind || owner.id !== id) continue;
    const { amount, taxes } = booked[component]!;
    cost += amount + (taxIncluded ? 0n : taxes.reduce((sum, tax) => sum + tax, 0n));
  }
  return cost;
}

function priceOf({ original }: OrderSummary, line: string) {
  const price = original.components.find(({ id }) => id === `${line}/price`)!;
  const units = original.lines.find(({ id }) => id === line)!.quantity;
  const taxes = price.taxes.map(({ name, rate }) => ({ name, rate: rate! }));
  return { unitPrice: price.amount / BigInt(units), taxes };
}

function sharesOf({ order, request }: RefundCase, settings: LedgerSettings): number[] {
  const amount = BigInt(request.amount!);
  const { weights, units, lines } = order as unknown as {
    weights?: number[];
    units?: number;
    lines?: { total: number; min: number; quantity: number }[];
  };
  if (lines !== undefined) {
    const totals = lines.map(({ total }) => BigInt(total));
    const limits = lines.map(({ total, min, quantity }) => BigInt(total - min * quantity));
    return distribute(amount, totals, settings.distribution, limits).map(Number);
  }
  if (weights === undefined) return splitEvenly(amount, units!).map(Number);
  return distribute(amount, weights.map(BigInt), settings.distribution).map(Number);
}
