// Which of our errors a failure of the driver, of the server behind it or of the file system is.
import { RecourseError } from '../engine/errors/recourse-error.js';
import { storeErrors } from './store-errors.js';

const noSpace: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'OutOfDiskSpace']);
const unreachable: ReadonlySet<string> = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongooseServerSelectionError',
  'MongoTopologyClosedError',
  'MongoNotConnectedError',
  'MongoClientClosedError',
  'MongoWriteConcernError',
]);
const noAccess: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR']);
/** SQLite's own, where the operating system let it not reach a file; a damaged one is another matter. */
const outOfReach: ReadonlySet<unknown> = new Set(['SQLITE_CANTOPEN', 'SQLITE_READONLY', 'SQLITE_PERM']);
/** Answers of a server, or of the embedded store, that is going away or that has lost its disk. */
const failing: ReadonlySet<unknown> = new Set([
  'InterruptedAtShutdown',
  'PrimarySteppedDown',
  'NotWritablePrimary',
]);

/** The store error that a failure amounts to; a failure that is none of the store's is returned as it is. */
export function toStoreError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof RecourseError) return error;
  const { code, codeName, cause } = error as Error & { code?: unknown; codeName?: unknown };
  if (noSpace.has(code) || noSpace.has(codeName))
    return storeErrors.error('full', error.message, { cause: error });
  if (unreachable.has(error.name) || failing.has(codeName)) {
    return storeErrors.error('unavailable', error.message, { cause: error });
  }
  if (codeName === 'IllegalOperation' && error.message.includes('in use')) {
    return storeErrors.error('in-use', error.message, { cause: error });
  }
  if (outOfReach.has(code) || error.message.startsWith('ConnectionFailed') || noAccess.has(code)) {
    return storeErrors.error('no-access', error.message, { cause: error });
  }
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) {
    return storeErrors.error('unavailable', error.message, { cause: error });
  }
  return cause instanceof Error && cause !== error ? toCause(error, cause) : error;
}

/** Runs work on the store. @throws the store error that its failure amounts to */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toStoreError(error);
  }
}

/** mongoose wraps what the driver throws. */
function toCause(error: Error, cause: Error): unknown {
  const inner = toStoreError(cause);
  return inner instanceof RecourseError ? inner : error;
}
