// Reads from a command which session and transaction it belongs to.
import { Binary, type Document, Long } from 'bson';
import { CommandError } from '../errors.js';
import { isDocument } from '../bson/fields.js';
import type { Stamp } from './sessions.js';

/** The session of a command in hexadecimal, if it names one. @throws {CommandError} `InvalidOptions`. */
export function sessionOf(body: Document): string | undefined {
  return body['lsid'] === undefined ? undefined : sessionId(body['lsid']);
}

/** @throws {CommandError} `InvalidOptions` unless it is `{ id: <UUID> }`. */
export function sessionId(lsid: unknown): string {
  const id: unknown = isDocument(lsid) ? lsid['id'] : undefined;
  if (!(id instanceof Binary) || id.sub_type !== Binary.SUBTYPE_UUID || id.position !== 16) {
    throw new CommandError('InvalidOptions', 'a session id is a document { id: <UUID> }');
  }
  return Buffer.from(id.value()).toString('hex');
}

/**
 * What a command with `txnNumber` says of it; undefined for a command without.
 *
 * @throws {CommandError} `InvalidOptions` for fields that don't go together.
 */
export function toStamp(body: Document): Stamp | undefined {
  const { txnNumber, autocommit, startTransaction } = body;
  const session = sessionOf(body);
  if (txnNumber === undefined) {
    if (autocommit === undefined && startTransaction === undefined) return undefined;
    throw new CommandError('InvalidOptions', `'autocommit' and 'startTransaction' need a 'txnNumber'`);
  }
  if (session === undefined)
    throw new CommandError('InvalidOptions', 'Transaction number requires a session ID');
  if (autocommit !== undefined && autocommit !== false) {
    throw new CommandError('InvalidOptions', 'Specifying autocommit=true is not allowed.');
  }
  if (startTransaction !== undefined && (startTransaction !== true || autocommit === undefined)) {
    throw new CommandError(
      'InvalidOptions',
      "'startTransaction' is true or absent, and needs autocommit=false",
    );
  }
  return {
    session,
    number: toNumber(txnNumber),
    kind: autocommit === false ? 'transaction' : 'retryable',
    starts: startTransaction === true,
  };
}

function toNumber(txnNumber: unknown): number {
  const number = txnNumber instanceof Long ? txnNumber.toNumber() : Number(String(txnNumber));
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new CommandError('InvalidOptions', 'Transaction number cannot be negative, or larger than 2^53');
  }
  return number;
}
