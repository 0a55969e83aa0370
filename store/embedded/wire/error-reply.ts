// The store's errors as replies, with the labels that a MongoDB server puts on them.
import { Double } from 'bson';
import { CommandError, type ErrorLabel } from '../errors.js';

/** Where in a session's life a command failed: the labels depend on it. */
export type Stage = 'plain' | 'retryable' | 'transaction' | 'commit';

const shutdown = new Set<string>(['InterruptedAtShutdown']);
const transient = new Set<string>(['WriteConflict', 'NoSuchTransaction']);

/**
 * The labels of an error's reply (MongoDB's specifications of transactions and of retryable writes).
 *
 * A commit that failed for a reason which a new attempt would meet again has none: nothing invites its repetition.
 */
export function labelsOf(error: CommandError, stage: Stage): ErrorLabel[] {
  const labels = new Set(error.labels);
  if (stage === 'transaction' || stage === 'commit') {
    if (transient.has(error.codeName)) labels.add('TransientTransactionError');
  }
  if (stage === 'transaction' && shutdown.has(error.codeName)) labels.add('TransientTransactionError');
  if ((stage === 'retryable' || stage === 'commit') && shutdown.has(error.codeName))
    labels.add('RetryableWriteError');
  return [...labels];
}

/** The reply of a command that failed. */
export function toErrorReply(error: CommandError, stage: Stage): Record<string, unknown> {
  const errorLabels = labelsOf(error, stage);
  return {
    ...(errorLabels.length > 0 && { errorLabels }),
    ok: new Double(0),
    errmsg: error.message,
    code: error.code,
    codeName: error.codeName,
    ...error.details,
  };
}

/** One member of `writeErrors`; without its text once a reply has had enough of it. */
export function toWriteError(error: CommandError, index: number, withText: boolean): Record<string, unknown> {
  if (!withText) return { index, code: error.code, errmsg: '' };
  return { index, code: error.code, errmsg: error.message, ...error.details };
}

/** The error of a bug of ours: the client learns nothing of it, the log does. */
export function internalError(): CommandError {
  return new CommandError('InternalError', 'internal error of the embedded wire server; its log says more');
}
