// The store's errors as the mongodb driver's own classes, so that a caller (and mongoose, and withTransaction)
// tells them apart as it always did.
import { BSON, MongoServerError } from 'mongodb';
import { CommandError } from '../errors.js';

/** The `MongoServerError` of a refused or failed command; any other error as it is. */
export function toDriverError(error: unknown): unknown {
  return error instanceof CommandError ? serverError(error, {}) : error;
}

/** The error of a single write, which the driver takes from the reply's first `writeErrors` member. */
export function toWriteError(error: CommandError): MongoServerError {
  return serverError(error, { index: 0 });
}

function serverError(error: CommandError, extra: Record<string, unknown>): MongoServerError {
  const out = new MongoServerError({
    ok: 0,
    ...extra,
    errmsg: error.message,
    code: error.code,
    codeName: error.codeName,
    errorLabels: [...error.labels],
    ...BSON.deserialize(BSON.serialize({ ...error.details })),
  });
  // The stack that helps is the caller's; where the store refused is the cause.
  out.cause = error;
  return out;
}
