// Every bound of the mail room, each with its unit in its name.

export const mailLimits = {
  sourceBytesMax: 64 * 1024,
  filesPerTemplateMax: 200,
  partialsMax: 100,
  mustachesMax: 300,
  /** Blocks, partials and subexpressions inside one another. */
  depthMax: 20,
  problemsMax: 100,
  /** Rounds of all `each` of one part together. */
  roundsMax: 10_000,
  /** Characters, not bytes: of one rendered part. */
  outputCharsMax: 1024 * 1024,
  subjectCharsMax: 250,
  variablesBytesMax: 256 * 1024,
  /** Of processor time where the system tells it, else of the clock. */
  renderMsMax: 500,
  /** By the clock, however little the thread was let work. */
  renderWallMsMax: 5_000,
  workerHeapMbMax: 64,
  workerStackMb: 4,
  workerStartMsMax: 10_000,
  waitingMax: 200,
  compiledTemplatesMax: 50,
  compiledSchemasMax: 200,
  addressCharsMax: 254,
  localPartCharsMax: 64,
  nameCharsMax: 120,
  smtpConnectMsMax: 10_000,
  /** Silence of the server after which a conversation is given up. */
  smtpSilenceMsMax: 30_000,
  /** A whole conversation, however talkative the server is. */
  smtpConversationMsMax: 60_000,
} as const;
