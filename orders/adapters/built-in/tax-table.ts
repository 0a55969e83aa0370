// Built-in taxes: a table of rates by place, category and time. Illustrative tables are no tax advice.
import { toRate } from '../../../engine/money/rate.js';
import type { TaxRate } from '../../ledger/tax.js';
import { orderErrors } from '../../order-errors.js';
import type { TaxPort, TaxRequest } from '../../ports/tax.js';

export interface TaxTableRow {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** Only in this region. */
  readonly region?: string;
  /** Only for this category. */
  readonly category?: string;
  /** All of them, in the order in which they are shown; none: not taxed. */
  readonly taxes: readonly TaxRate[];
  /** Instants, ISO 8601 in UTC; from `from` on, before `until`. */
  readonly from?: string;
  readonly until?: string;
}

/** The row that says most counts: category before region, and the first of several that say the same. @throws {RecourseError} `money.rate-invalid` */
export function createTaxTable(rows: readonly TaxTableRow[]): TaxPort {
  for (const { taxes } of rows) for (const { rate } of taxes) toRate(rate);
  return {
    taxes: async (request) =>
      request.items.map(({ id, category }) => ({ id, taxes: rowFor(rows, request, category).taxes })),
  };
}

function rowFor(
  rows: readonly TaxTableRow[],
  { country, region, at }: TaxRequest,
  category: string | undefined,
): TaxTableRow {
  const moment = Date.parse(at);
  let best: { row: TaxTableRow; weight: number } | undefined;
  for (const row of rows) {
    if (row.country !== country) continue;
    if (row.region !== undefined && row.region !== region) continue;
    if (row.category !== undefined && row.category !== category) continue;
    if (row.from !== undefined && !(moment >= Date.parse(row.from))) continue;
    if (row.until !== undefined && !(moment < Date.parse(row.until))) continue;
    const weight = (row.category === undefined ? 0 : 2) + (row.region === undefined ? 0 : 1);
    if (best === undefined || weight > best.weight) best = { row, weight };
  }
  if (best !== undefined) return best.row;
  throw orderErrors.error('tax-unknown', `no tax is known for ${country.slice(0, 20)} at ${at.slice(0, 40)}`);
}
