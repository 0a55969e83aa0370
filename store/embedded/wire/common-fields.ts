// The fields that every command takes, and the refusal of those that a command doesn't: one that is passed over in
// silence gives a silently different answer.
import { type Document, Int32, Long } from 'bson';
import { isDocument } from '../bson/fields.js';
import { CommandError, unsupported } from '../errors.js';
import type { Command } from './command.js';

/** Met by construction (one member, flushed before it is acknowledged), or read elsewhere. */
const everywhere = new Set([
  '$db',
  '$readPreference',
  '$clusterTime',
  'lsid',
  'txnNumber',
  'autocommit',
  'startTransaction',
  'readConcern',
  'writeConcern',
  'comment',
  'maxTimeMS',
  'apiVersion',
  'apiDeprecationErrors',
]);

/**
 * Checks the fields of a command. One that asks for nothing (null, false, an empty document, the simple collation)
 * is passed over.
 *
 * @throws {CommandError} `CommandNotSupported`, naming the field.
 */
export function checkFields(command: Command, body: Document): void {
  const [own] = Object.keys(body);
  for (const [name, value] of Object.entries(body)) {
    if (name === own || everywhere.has(name) || command.options.includes(name) || asksNothing(name, value))
      continue;
    throw unsupported(`the option "${name}" of ${command.names[0]}`);
  }
  checkReadConcern(body);
  checkWriteConcern(body['writeConcern']);
}

/** As `checkFields`, for a statement within a command. */
export function checkStatementFields(what: string, statement: Document, accepted: ReadonlySet<string>): void {
  for (const [name, value] of Object.entries(statement)) {
    if (!accepted.has(name) && !asksNothing(name, value))
      throw unsupported(`the option "${name}" of ${what}`);
  }
}

function asksNothing(name: string, value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  if (!isDocument(value)) return false;
  if (name === 'collation') return value['locale'] === 'simple' && Object.keys(value).length === 1;
  return Object.keys(value).length === 0;
}

const levels = new Set<unknown>(['local', 'available', 'majority', 'linearizable']);

function checkReadConcern({ readConcern, autocommit }: Document): void {
  if (readConcern === undefined) return;
  if (!isDocument(readConcern)) throw new CommandError('TypeMismatch', 'readConcern must be an object');
  const { level } = readConcern;
  if (readConcern['atClusterTime'] !== undefined) throw unsupported('reading at a cluster time');
  if (level === undefined || levels.has(level)) return;
  // Within a transaction every read is of its snapshot; between commands there is nothing that keeps one.
  if (level === 'snapshot' && autocommit === false) return;
  throw unsupported(
    `the read concern ${JSON.stringify(level)}${level === 'snapshot' ? ' outside a transaction' : ''}`,
  );
}

function checkWriteConcern(concern: unknown): void {
  if (concern === undefined) return;
  if (!isDocument(concern)) throw new CommandError('TypeMismatch', 'writeConcern must be an object');
  const { w } = concern;
  if (w === undefined || w === 'majority') return;
  const members = w instanceof Int32 || w instanceof Long ? Number(w.toString()) : Number.NaN;
  // 0 asks for less than is done anyway.
  if (members !== 0 && members !== 1)
    throw unsupported(`the write concern w: ${String(w)}: there is one member`);
}
