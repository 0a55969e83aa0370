// The list of orders, newest first. Filters are built here from checked scalars only; each has its index.
import mongoose from 'mongoose';
import type { OrderRecord, OrderStatus } from '../orders/records/order.js';
import type { Models } from './connect.js';
import { afterPosition, type PageOf, type Position } from './newest-first.js';

export interface OrderFilters {
  readonly status?: OrderStatus;
  readonly customerNumber?: string;
  /** In lower case. */
  readonly email?: string;
  readonly numberPrefix?: string;
  readonly sku?: string;
  /** Inclusive. */
  readonly placedFrom?: Date;
  /** Exclusive. */
  readonly placedTo?: Date;
}

export type ListedOrder = Pick<
  OrderRecord,
  '_id' | 'status' | 'channel' | 'site' | 'currency' | 'customer' | 'placedAt' | 'totals'
> & { readonly currentTotal?: bigint; readonly lines: readonly Pick<OrderRecord['lines'][number], 'sku'>[] };

/** After every number that begins with the prefix: order numbers hold ASCII only. */
const afterPrefix = '\uffff';

/** The MongoDB filter: exact values, and ranges that are marked as ours for `sanitizeFilter`. */
export function orderFilter(filters: OrderFilters, after?: Position): Record<string, unknown> {
  const { status, customerNumber, email, numberPrefix, sku, placedFrom, placedTo } = filters;
  const placedAt = {
    ...(placedFrom === undefined ? {} : { $gte: placedFrom }),
    ...(placedTo === undefined ? {} : { $lt: placedTo }),
  };
  return {
    ...(status === undefined ? {} : { status }),
    ...(customerNumber === undefined ? {} : { 'customer.number': customerNumber }),
    ...(email === undefined ? {} : { 'customer.email': email }),
    ...(sku === undefined ? {} : { 'lines.sku': sku }),
    ...(numberPrefix === undefined
      ? {}
      : { _id: mongoose.trusted({ $gte: numberPrefix, $lt: numberPrefix + afterPrefix }) }),
    ...afterPosition('placedAt', after, placedAt),
  };
}

/** At most `limit` orders after the position; orders that come in meanwhile move no other one. */
export async function listOrders(
  models: Models,
  filters: OrderFilters,
  page: PageOf,
): Promise<ListedOrder[]> {
  return orderListQuery(models, filters, page).lean<ListedOrder[]>();
}

/** The query itself, so that a test can ask it to explain. */
export const orderListQuery = (models: Models, filters: OrderFilters, { after, limit }: PageOf) =>
  models.orders
    .find(orderFilter(filters, after))
    .sort({ placedAt: -1, _id: -1 })
    .limit(limit)
    .select('status channel site currency customer placedAt totals currentTotal lines.sku')
    .setOptions(exactIntegers);

/** Amounts come back as bigint, whatever their size. */
export const exactIntegers = { useBigInt64: true } as const;
