// Bounds of the wire server. Those that MongoDB announces to its clients have MongoDB's values.

export interface WireLimits {
  /** One message, header included. */
  readonly messageBytesMax: number;
  /** Statements of one write command. */
  readonly writeBatchMax: number;
  /** Documents of one reply of a cursor; a single larger document still goes alone. */
  readonly batchBytesMax: number;
  readonly firstBatchDefault: number;
  readonly cursorIdleMsMax: number;
  readonly cursorsMax: number;
  readonly transactionLifeMsMax: number;
  readonly sessionIdleMinutesMax: number;
  /** Sessions whose latest transaction number is remembered; the least recently used are forgotten first. */
  readonly sessionsMax: number;
  readonly connectionsMax: number;
  /** Text of the write errors of one reply; those after it come without, as from MongoDB. */
  readonly errorTextBytesMax: number;
}

export const wireLimits: WireLimits = {
  messageBytesMax: 48_000_000,
  writeBatchMax: 100_000,
  batchBytesMax: 16 * 1024 * 1024,
  firstBatchDefault: 101,
  cursorIdleMsMax: 10 * 60 * 1000,
  cursorsMax: 10_000,
  transactionLifeMsMax: 60_000,
  sessionIdleMinutesMax: 30,
  sessionsMax: 100_000,
  connectionsMax: 2_000,
  errorTextBytesMax: 1024 * 1024,
};
