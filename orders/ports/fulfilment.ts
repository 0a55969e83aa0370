// The fulfilment port: hands released lines to a warehouse, stops it while it can be stopped, and gets labels for returns.
import type { CallResult, PortCall } from './call-result.js';

export const fulfilmentStatuses = ['accepted', 'shipped', 'cancelled'] as const;
export type FulfilmentStatus = (typeof fulfilmentStatuses)[number];

export interface FulfilmentLine {
  readonly line: string;
  readonly sku: string;
  /** Whole, greater than zero. */
  readonly quantity: number;
}

export interface FulfilmentRequest {
  readonly order: string;
  readonly deliveryGroup: string;
  readonly method: string;
  readonly lines: readonly FulfilmentLine[];
}

export interface Fulfilment extends FulfilmentRequest {
  /** The warehouse's id of it. */
  readonly fulfilment: string;
  readonly status: FulfilmentStatus;
  readonly carrier?: string;
  readonly trackingNumber?: string;
}

export interface ReturnLabelRequest {
  readonly order: string;
  readonly returnOrder: string;
}

export interface ReturnLabel {
  readonly label: string;
  readonly carrier: string;
  readonly trackingNumber: string;
}

/** Accepted when `test/conformance/ports/fulfilment.ts` passes. Sent once each; results say whether it was done. */
export interface FulfilmentPort {
  request(request: FulfilmentRequest, call: PortCall): Promise<CallResult<Fulfilment>>;
  /** All of it; `orders.fulfilment-too-late` once it was shipped. */
  cancel(fulfilment: string, call: PortCall): Promise<CallResult<Fulfilment>>;
  /** @throws {RecourseError} `orders.fulfilment-unknown` */
  status(fulfilment: string, signal: AbortSignal): Promise<Fulfilment>;
  returnLabel(request: ReturnLabelRequest, call: PortCall): Promise<CallResult<ReturnLabel>>;
}
