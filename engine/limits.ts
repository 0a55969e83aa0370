// Every bound of the engine, each with its unit in its name. Those of expressions stand in their own room.

export const engineLimits = {
  elementsPerFlowMax: 2_000,
  elementsPerSegmentMax: 20_000,
  /** Subflows inside one another. */
  frameDepthMax: 16,
  /** From here on the log warns. */
  segmentsPerRunWarn: 2_000,
  /** Beyond it the run stops at an incident. */
  segmentsPerRunMax: 10_000,
  /** Longer ones are cut. */
  runLabelCharsMax: 200,
  runStateBytesMax: 1_048_576,
  journalChunkBytesMax: 262_144,
  journalInputCharsMax: 8_192,
  eventPayloadBytesMax: 262_144,
  /** Signals that one run keeps for later. */
  signalsKeptMax: 500,
  outboxRowsPerSegmentMax: 1_000,
  recordWritesPerSegmentMax: 10_000,
  /** Record-change flows that start one another. */
  changeDepthMax: 10,
  /** How long a worker may not know of a trigger that another one has activated. */
  triggersAgeMsMax: 1_000,
  /** Occurrences of a schedule that are made up for after a stop; older ones are not. */
  missedOccurrencesMax: 1_000,
  /** Conflicts in a row after which a segment gives up and leaves its item to a later try. */
  conflictsMax: 100,
  /** Automatic recoveries of a run that ends its worker; then an incident. */
  recoveriesMax: 5,
  runsInFlightMax: 1_000,
  leaseMs: 30_000,
  effectTimeoutMsDefault: 20_000,
  drainMsMax: 10_000,
  pollMsMax: 5_000,
  sweepMs: 30_000,
  /** How many runs that wait for an event are counted when it is told. */
  listenersCountedMax: 1_000,
  /** Items and effects of a run are kept so long after its end, and events after they came; then nothing sent again is known any more. */
  retentionMs: 30 * 86_400_000,
  /** How often old ones are looked for, and how many are looked at each time. */
  retentionSweepMs: 600_000,
  retentionBatch: 1_000,
  claimBatch: 100,
  /** From then on the rows of other keys are delivered beside one that takes its time. */
  outboxPatienceMs: 1_000,
  outboxDelayMsMin: 500,
  outboxDelayMsMax: 300_000,
  compiledFlowsMax: 500,
  cachedRunsMax: 2_000,
} as const;
