// The errors of the embedded store: MongoDB's codes and labels, so that callers can't tell the drivers apart.

/** Codes used here, by MongoDB's own names (src/mongo/base/error_codes.yml). */
export const codes = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  TypeMismatch: 14,
  Overflow: 15,
  InvalidLength: 16,
  IllegalOperation: 20,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  NonExistentPath: 29,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  MaxTimeMSExpired: 50,
  DollarPrefixedFieldName: 52,
  InvalidIdField: 53,
  NotSingleValueField: 54,
  EmptyFieldName: 56,
  DottedFieldName: 57,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  OperationFailed: 96,
  WriteConflict: 112,
  CommandNotSupported: 115,
  ConflictingOperationInProgress: 117,
  CannotIndexParallelArrays: 171,
  CannotBackfillArray: 184,
  InvalidIndexSpecificationOption: 197,
  TransactionTooOld: 225,
  NoSuchTransaction: 251,
  TransactionCommitted: 256,
  OperationNotSupportedInTransaction: 263,
  NoQueryExecutionPlans: 291,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292,
  BSONObjectTooLarge: 10334,
  UnsupportedOpQueryCommand: 352,
  DuplicateKey: 11000,
  InterruptedAtShutdown: 11600,
  CursorInUse: 12051,
  OutOfDiskSpace: 14031,
} as const;

export type CodeName = keyof typeof codes;

/** Labels that tell the caller what to run again (MongoDB's driver specification, "error labels"). */
export type ErrorLabel =
  | 'TransientTransactionError'
  | 'UnknownTransactionCommitResult'
  | 'RetryableWriteError';

/** A refused or failed operation, in the terms of the MongoDB wire protocol. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: number;
  readonly codeName: CodeName;
  readonly labels: readonly ErrorLabel[];
  /** Further fields of the reply, such as `keyPattern` and `keyValue` of a duplicate key. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    codeName: CodeName,
    message: string,
    { labels = [], details = {} }: { labels?: readonly ErrorLabel[]; details?: Record<string, unknown> } = {},
  ) {
    super(message);
    this.code = codes[codeName];
    this.codeName = codeName;
    this.labels = labels;
    this.details = details;
  }
}

/** What the embedded store doesn't do is refused by its name, never answered differently. */
export function unsupported(what: string): CommandError {
  return new CommandError('CommandNotSupported', `the embedded store does not support ${what}`);
}
