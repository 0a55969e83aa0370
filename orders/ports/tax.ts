// The tax port: which taxes apply to what, where and when. It gives rates; the ledger computes and rounds the amounts.
import type { TaxRate } from '../ledger/tax.js';

export interface TaxRequest {
  /** ISO 3166-1 alpha-2, of the place of delivery. */
  readonly country: string;
  readonly region?: string;
  /** Instant of the sale, ISO 8601 in UTC. */
  readonly at: string;
  /** Lines and deliveries; an item without a category has the standard rates. */
  readonly items: readonly { readonly id: string; readonly category?: string }[];
}

export interface ItemTaxes {
  readonly id: string;
  /** None where nothing is taxed. */
  readonly taxes: readonly TaxRate[];
}

/** Accepted when `test/conformance/ports/tax.ts` passes. */
export interface TaxPort {
  /** One answer an item, in their order. @throws {RecourseError} `orders.tax-unknown` */
  taxes(request: TaxRequest, signal: AbortSignal): Promise<readonly ItemTaxes[]>;
}
