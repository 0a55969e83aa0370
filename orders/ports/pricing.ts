// The pricing port: what items cost now, and which promotions take off. It asks; it changes nothing. Taxes are the tax port's.
import type { Money } from '../../engine/money/money.js';

export interface PricingRequest {
  /** ISO 4217; all prices are in it. */
  readonly currency: string;
  /** Instant at which the prices hold, ISO 8601 in UTC. */
  readonly at: string;
  readonly lines: readonly PricingLine[];
  readonly deliveryGroups?: readonly { readonly id: string; readonly method: string }[];
  /** Coupon codes that the customer has. */
  readonly codes?: readonly string[];
  readonly customer?: string;
}

export interface PricingLine {
  readonly id: string;
  readonly sku: string;
  /** Whole, greater than zero. */
  readonly quantity: number;
}

/** `amount` is negative for a discount; on all units of a line together. */
export interface PriceAdjustment {
  readonly id: string;
  readonly reason: string;
  readonly amount: Money;
}

export interface PricedLine extends PricingLine {
  readonly title: string;
  readonly returnable: boolean;
  readonly unitPrice: Money;
  /** Together with the price never less than nothing. */
  readonly adjustments: readonly PriceAdjustment[];
}

export interface Prices {
  /** In the order of the request. */
  readonly lines: readonly PricedLine[];
  readonly deliveryGroups: readonly {
    readonly id: string;
    readonly method: string;
    readonly charge: Money;
  }[];
  /** On the order as a whole. */
  readonly adjustments: readonly PriceAdjustment[];
  /** Codes that took nothing off, each with the reason for the customer. */
  readonly unused: readonly { readonly code: string; readonly reason: string }[];
}

/** Accepted when `test/conformance/ports/pricing.ts` passes. */
export interface PricingPort {
  /** @throws {RecourseError} `orders.price-unknown`, `orders.price-request-invalid` */
  prices(request: PricingRequest, signal: AbortSignal): Promise<Prices>;
}
