// The order as it was placed. Nothing in it is ever edited; what happens later is in change orders.
import type { Component } from './component.js';

export interface OriginalLine {
  readonly id: string;
  /** From 1; ties in rounding go to the smaller one. */
  readonly lineNumber: number;
  readonly deliveryGroup: string;
  readonly sku: string;
  readonly title: string;
  readonly returnable: boolean;
  readonly quantity: number;
}

export interface OriginalDelivery {
  readonly id: string;
  readonly method: string;
}

export interface OriginalOrder {
  readonly number: string;
  /** ISO 4217; every amount of the order is in it. */
  readonly currency: string;
  /** `net`: tax is added to the prices. `gross`: prices contain it. A line may differ (`Component.taxIncluded`). */
  readonly taxPolicy: 'net' | 'gross';
  readonly lines: readonly OriginalLine[];
  readonly deliveryGroups: readonly OriginalDelivery[];
  /** All amounts of the order; an order-level adjustment is there as one share for each line. */
  readonly components: readonly Component[];
}
