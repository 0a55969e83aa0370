// Return orders, credit memos, cases and customers as the API tells them.
import { fromMinor } from '../../engine/money/money.js';
import type { CustomerRecord } from '../../orders/records/customer.js';
import type { CaseDocument } from '../../store/models/case.js';
import type { CreditMemoDocument, ReturnDocument } from '../../store/models/order-document.js';

export const returnJson = ({
  _id,
  orderNumber,
  customerNumber,
  lifeCycle,
  status,
  lines,
  at,
  by,
  run,
}: ReturnDocument): Record<string, unknown> => ({
  id: _id,
  order: orderNumber,
  customer: customerNumber,
  lifeCycle,
  status,
  lines: lines.map(({ fees: _fees, ...line }) => line),
  at,
  by,
  run,
});

export function creditMemoJson(memo: CreditMemoDocument): Record<string, unknown> {
  const { _id, orderNumber, customerNumber, changeOrders, currency, at, by, run } = memo;
  const money = (minor: bigint) => fromMinor(BigInt(minor), currency);
  return {
    id: _id,
    order: orderNumber,
    customer: customerNumber,
    changeOrders,
    net: money(memo.net),
    tax: money(memo.tax),
    total: money(memo.total),
    settled: money(memo.settled),
    open: money(BigInt(memo.total) - BigInt(memo.settled)),
    at,
    by,
    run,
  };
}

export const caseJson = ({ _id, value }: CaseDocument): Record<string, unknown> => ({ ...value, id: _id });

export const customerJson = ({ _id, ...customer }: CustomerRecord): Record<string, unknown> => ({
  number: _id,
  firstName: customer.firstName ?? null,
  lastName: customer.lastName,
  title: customer.title ?? null,
  account: customer.account,
  email: customer.email,
  phone: customer.phone ?? null,
  fax: customer.fax ?? null,
  status: customer.status,
  locale: customer.locale,
  currency: customer.currency,
  addresses: customer.addresses,
});
