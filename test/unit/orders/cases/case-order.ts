// Builds an order of the ledger from the order of a case: priced, paid and fulfilled as the case says.
import Big from 'big.js';
import { fromMinor, toMinor } from '../../../../engine/money/money.js';
import {
  type AdjustItem,
  adjustItems,
  allocateUnits,
  cancelItems,
  createCreditMemo,
  createReturnOrder,
  type DraftAdjustment,
  type DraftLine,
  type DraftOrder,
  distribute,
  type LedgerSettings,
  newDocuments,
  type OrderSummary,
  planRefund,
  priceOrder,
  recordRefunds,
  shipUnits,
  summarize,
} from '../../../../orders/ledger/index.js';

const currency = 'EUR';
type Amount = string | number;

interface CaseLine {
  readonly id?: string;
  readonly sku?: string;
  readonly unitPrice: Amount;
  readonly quantity: number;
  readonly taxRatePct?: string;
  readonly taxIncluded?: boolean;
  readonly unitDiscount?: Amount;
  readonly lineDiscount?: Amount;
  readonly discountable?: boolean;
  readonly fulfilled?: number;
}

export interface CaseOrder {
  readonly lines?: readonly CaseLine[];
  readonly lineTotal?: Amount;
  readonly units?: number;
  readonly canceled?: number;
  readonly taxRatePct?: string;
  readonly regionTaxPct?: string;
  readonly discount?: { type: 'fixed' | 'percentage'; allocation: 'item' | 'total'; value: Amount };
  /** Negative. */
  readonly orderAdjustment?: Amount;
  /** Positive. */
  readonly orderDiscount?: Amount;
  readonly shippingAdjustment?: Amount;
  readonly shipping?:
    | Amount
    | readonly {
        method: string;
        fee: Amount;
        taxRatePct: string;
        taxIncluded: boolean;
        discountPct: string;
      }[];
  readonly paid?: boolean | Amount;
  readonly payment?: Amount;
  readonly status?: string;
  readonly payments?: readonly { method: string; amount: Amount }[];
  readonly priorRefunds?: Readonly<Record<string, Amount>>;
  readonly priorShippingRefunds?: Readonly<Record<string, Amount>>;
  readonly requested?: Readonly<Record<string, number>>;
}

/** How amounts of the case are read and written: integers of minor units, or strings of major ones. */
export class CaseMoney {
  constructor(private readonly isMinor: boolean) {}

  text(amount: Amount): string {
    return this.isMinor ? fromMinor(BigInt(amount), currency).amount : String(amount);
  }

  money(amount: Amount, sign = 1) {
    return fromMinor(this.minor(amount) * BigInt(sign), currency);
  }

  minor(amount: Amount): bigint {
    return toMinor({ amount: this.text(amount), currency });
  }

  shown(minor: bigint): Amount {
    return this.isMinor ? Number(minor) : fromMinor(minor, currency).amount;
  }
}

const rateOf = (percent: string): string => new Big(percent).div(100).toFixed();
const taxesOf = (percent: string | undefined) => [{ name: 'VAT', rate: rateOf(percent ?? '0') }];

/** A line or unit by the name of a case: `Shirt`, `Shirt#2`; a line of one unit has no `#1`. */
export function linesNamed(summary: OrderSummary, name: string): string[] {
  const ids = summary.lines.map(({ id }) => id);
  const exact = ids.filter((id) => id === name || name === `${id}#1`);
  return exact.length > 0 ? exact : ids.filter((id) => id.startsWith(`${name}#`));
}

function discountsOf(order: CaseOrder, line: CaseLine, money: CaseMoney): DraftAdjustment[] {
  const perUnit = money.minor(line.unitDiscount ?? 0) * BigInt(line.quantity);
  const found: DraftAdjustment[] = [];
  const off = perUnit + money.minor(line.lineDiscount ?? 0);
  if (off !== 0n)
    found.push({ id: 'discount', reason: 'Discount', amount: fromMinor(-off, currency).amount });
  const { discount } = order;
  if (discount === undefined || line.discountable === false) return found;
  if (discount.type === 'percentage') {
    found.push({ id: 'promotion', reason: 'Promotion', rate: `-${rateOf(String(discount.value))}` });
  } else if (discount.allocation === 'item') {
    const each = money.minor(discount.value) * BigInt(line.quantity);
    found.push({ id: 'promotion', reason: 'Promotion', amount: fromMinor(-each, currency).amount });
  }
  return found;
}

function draftLines(order: CaseOrder, money: CaseMoney): DraftLine[] {
  if (order.lineTotal !== undefined) {
    const subtotal = money.text(order.lineTotal);
    return [{ id: 'line', sku: 'line', quantity: order.units ?? 1, subtotal, taxes: [] }];
  }
  return (order.lines ?? []).map((line, index) => {
    const id = line.sku ?? line.id ?? (index === 0 ? 'line' : `line${index + 1}`);
    return {
      id,
      sku: id,
      quantity: line.quantity,
      unitPrice: money.text(line.unitPrice),
      taxes: taxesOf(line.taxRatePct ?? order.taxRatePct ?? order.regionTaxPct),
      taxIncluded: line.taxIncluded ?? false,
      adjustments: discountsOf(order, line, money),
    };
  });
}

/** A fixed discount on the whole order is shared out over its discountable lines by their price. */
function withTotalDiscount(lines: DraftLine[], order: CaseOrder, money: CaseMoney, settings: LedgerSettings) {
  const { discount } = order;
  if (discount === undefined || discount.type !== 'fixed' || discount.allocation !== 'total') return lines;
  const weights = (order.lines ?? []).map((line) =>
    line.discountable === false ? 0n : money.minor(line.unitPrice) * BigInt(line.quantity),
  );
  const shares = distribute(-money.minor(discount.value), weights, settings.distribution);
  return lines.map((line, index) => ({
    ...line,
    adjustments: [
      ...(line.adjustments ?? []),
      { id: 'promotion', reason: 'Promotion', amount: fromMinor(shares[index]!, currency).amount },
    ],
  }));
}

function draftOf(order: CaseOrder, money: CaseMoney, settings: LedgerSettings, paid?: Amount): DraftOrder {
  const lines = withTotalDiscount(draftLines(order, money), order, money, settings);
  const { shipping } = order;
  const flat = typeof shipping === 'string' || typeof shipping === 'number';
  const shippingOff = order.shippingAdjustment;
  const deliveryGroups =
    shipping !== undefined && !flat
      ? shipping.map(({ method, fee, taxRatePct, taxIncluded, discountPct }) => ({
          id: method,
          charge: money.text(fee),
          taxes: taxesOf(taxRatePct),
          taxIncluded,
          adjustments: [{ id: 'discount', reason: 'Discount', rate: `-${rateOf(discountPct)}` }],
        }))
      : [
          {
            id: 'shipping',
            charge: flat
              ? money.text(shipping)
              : shippingOff === undefined
                ? '0'
                : money.text(shippingOff).replace('-', ''),
            adjustments:
              shippingOff === undefined
                ? []
                : [{ id: 'discount', reason: 'Discount', amount: money.text(shippingOff) }],
          },
        ];
  if (lines.length === 0) {
    // A case that tells payments only: the goods make up what was paid beyond the delivery.
    const goods = (paid === undefined ? 0n : money.minor(paid)) - (flat ? money.minor(shipping) : 0n);
    lines.push({ id: 'goods', sku: 'goods', quantity: 1, unitPrice: fromMinor(goods, currency).amount });
  }
  const off = [
    ...(order.orderAdjustment === undefined ? [] : [money.text(order.orderAdjustment)]),
    ...(order.orderDiscount === undefined ? [] : [money.money(order.orderDiscount, -1).amount]),
  ];
  const adjustments = off.map((amount, at) => ({ id: `order${at}`, reason: 'Discount', amount }));
  return { number: 'case', currency, taxPolicy: 'net', lines, deliveryGroups, adjustments };
}

/** @param paid the sum of payments where the case gives it apart from the order */
export function caseOrder(
  order: CaseOrder,
  money: CaseMoney,
  settings: LedgerSettings,
  isFulfilled: boolean,
  paid?: Amount,
): OrderSummary {
  const given =
    order.payments ?? (order.payment === undefined ? [] : [{ method: 'card', amount: order.payment }]);
  const whole = given.length > 0 ? money.shown(sum(given.map(({ amount }) => money.minor(amount)))) : paid;
  const original = priceOrder(draftOf(order, money, settings, whole), settings);
  let summary = summarize(newDocuments(original));
  const total = summary.totals.grand.total;
  const isCaptured = order.paid !== false && (order.status ?? 'completed') === 'completed';
  const all =
    given.length > 0
      ? given.map(({ method, amount }) => ({ method, minor: money.minor(amount) }))
      : [
          {
            method: 'card',
            minor:
              paid !== undefined
                ? money.minor(paid)
                : typeof order.paid === 'string' || typeof order.paid === 'number'
                  ? money.minor(order.paid)
                  : total,
          },
        ];
  const payments = all.map(({ method, minor }, index) => ({
    id: `P${index + 1}`,
    method,
    authorized: isCaptured ? 0n : minor,
    captured: isCaptured ? minor : 0n,
    refunded: 0n,
    ...(isCaptured ? { capturedAt: `2026-01-01T00:00:0${index}Z` } : {}),
  }));
  summary = summarize({ ...summary, payments });
  if ((order.canceled ?? 0) > 0) {
    summary = cancelItems(
      summary,
      { items: [{ line: 'line', quantity: order.canceled! }] },
      settings,
    ).summary;
  }
  if (isFulfilled) summary = fulfilled(summary, order);
  for (const [name, amount] of Object.entries(order.priorRefunds ?? {})) {
    summary = amountRefunded(summary, { line: linesNamed(summary, name)[0]! }, money, amount, settings);
  }
  for (const [delivery, amount] of Object.entries(order.priorShippingRefunds ?? {})) {
    summary = amountRefunded(summary, { delivery }, money, amount, settings);
  }
  const requested = Object.entries(order.requested ?? {});
  if (requested.length > 0) {
    const lines = requested.map(([line, quantityExpected]) => ({ line, quantityExpected }));
    summary = createReturnOrder(summary, { lines }, settings).summary;
  }
  return summary;
}

function fulfilled(summary: OrderSummary, order: CaseOrder): OrderSummary {
  const lines = summary.lines.flatMap(({ id, quantities }) => {
    const line = order.lines?.find((each) => (each.id ?? each.sku) === id);
    const quantity = line?.fulfilled ?? quantities.ordered - quantities.cancelled;
    return quantity > 0 ? [{ line: id, quantity }] : [];
  });
  return shipUnits(allocateUnits(summary, lines), { id: 'S1', lines });
}

function amountRefunded(
  summary: OrderSummary,
  target: { line: string } | { delivery: string },
  money: CaseMoney,
  amount: Amount,
  settings: LedgerSettings,
): OrderSummary {
  const item: AdjustItem = { ...target, adjustmentType: 'AmountWithTax', amount: money.money(amount, -1) };
  return refunded(adjustItems(summary, { items: [item] }, settings).summary, settings).summary;
}

/** Refunds all that is owed: credit memos for changes after fulfilment, and excess funds. */
export function refunded(
  summary: OrderSummary,
  settings: LedgerSettings,
  amount?: { amount: string; currency: string },
) {
  const onMemo = new Set(summary.creditMemos.flatMap(({ changeOrders }) => changeOrders));
  const changeOrders = summary.changeOrders
    .filter(({ id, phase, totals }) => phase === 'post' && totals.total < 0n && !onMemo.has(id))
    .map(({ id }) => id);
  const credited = changeOrders.length === 0 ? summary : createCreditMemo(summary, { changeOrders }).summary;
  const creditMemos = credited.creditMemos
    .filter(({ total, settled }) => settled < total)
    .map(({ id }) => id);
  const plan = planRefund(
    credited,
    { creditMemos, excessFunds: 'all', ...(amount === undefined ? {} : { amount }) },
    settings,
  );
  return { plan, summary: recordRefunds(credited, plan) };
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((left, right) => left + right, 0n);
