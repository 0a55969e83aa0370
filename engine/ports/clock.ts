// Time as the engine knows it: the wall clock in production, a virtual one in tests.

export interface Clock {
  /** Milliseconds since 1970 in UTC; may go back when the machine's clock is set. */
  now(): number;
  /** Calls `wake` once, when `ms` have passed; the answer cancels it. */
  alarm(ms: number, wake: () => void): () => void;
}
