// How flows call other systems, whoever answers: the systems themselves, or a scenario.
import type { Json } from '../engine/definition/flow.js';

export interface OutgoingCall {
  /** Name of the connection. */
  readonly connection: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From a slash on, below the URL of the connection; `{name}` stands for one of the params. */
  readonly path: string;
  readonly params: Readonly<Record<string, string | number>>;
  readonly query: Readonly<Record<string, string | number | boolean>>;
  readonly body?: Json;
  /** Sent as `Idempotency-Key`. */
  readonly key?: string;
  readonly signal: AbortSignal;
}

export interface CallAnswer {
  /** 2xx. */
  readonly status: number;
  /** Parsed where it is JSON, else the text; null where there is none. */
  readonly body: Json;
}

export interface CallPort {
  /** Of the connections. */
  readonly names: readonly string[];
  /**
   * @throws {RecourseError} of `connectionErrors` when the call surely did not happen, or only asked; anything else leaves open
   * whether it happened
   */
  call(call: OutgoingCall): Promise<CallAnswer>;
}
