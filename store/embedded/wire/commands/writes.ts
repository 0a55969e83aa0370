// insert, update and delete: their statements, and the counts and errors of the reply.
import type { Document } from 'bson';
import { decode, documentBytesMax } from '../../bson/codec.js';
import { isDocument } from '../../bson/fields.js';
import { CommandError, unsupported } from '../../errors.js';
import type { Bytes, Namespace, WriteOutcome, WriteStatement } from '../../store.js';
import {
  type Call,
  type Command,
  documentField,
  documentsField,
  flagField,
  hintField,
  integerField,
  namespaceOf,
  optionalDocument,
  present,
  type Reply,
} from '../command.js';
import { checkStatementFields } from '../common-fields.js';
import { toWriteError } from '../error-reply.js';
import { rawItems } from '../messages.js';

interface Summary {
  n: number;
  nModified: number;
  readonly upserted: Document[];
  readonly writeErrors: Document[];
}

/** A command's statements: from its document sequence, or from the field of the same name. */
function statementsOf({ sequences, body, bodyBytes }: Call, field: string): readonly Bytes[] {
  const sequence = sequences.get(field);
  if (sequence !== undefined) return sequence;
  const items = rawItems(bodyBytes, field);
  if (items === undefined || items.length !== (body[field] as unknown[]).length) {
    throw new CommandError('TypeMismatch', `BSON field '${field}' must be an array of documents`);
  }
  return items;
}

async function write(
  call: Call,
  field: string,
  toStatement: (bytes: Bytes, ns: Namespace) => WriteStatement,
): Promise<Summary> {
  const { serving, body, transaction, once } = call;
  const ns = namespaceOf(call);
  const given = statementsOf(call, field);
  const { writeBatchMax } = serving.limits;
  if (given.length === 0 || given.length > writeBatchMax) {
    throw new CommandError(
      'InvalidLength',
      `Write batch sizes must be between 1 and ${writeBatchMax}. Got ${given.length} operations.`,
    );
  }
  const statements = given.map((bytes) => toStatement(bytes, ns));
  const ordered = flagField(body, 'ordered') ?? true;
  const outcomes = await serving.store.write(statements, present({ ordered, once, transaction }));
  const summary = summarize(outcomes, transaction !== undefined, serving.limits.errorTextBytesMax);
  // The first error ends a transaction: the statements after it were not tried, ordered or not.
  if (transaction !== undefined && summary.writeErrors.length > 0) await call.session?.end();
  return summary;
}

function summarize(
  outcomes: readonly WriteOutcome[],
  firstErrorOnly: boolean,
  errorTextBytesMax: number,
): Summary {
  const summary: Summary = { n: 0, nModified: 0, upserted: [], writeErrors: [] };
  let textBytes = 0;
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome instanceof CommandError) {
      summary.writeErrors.push(toWriteError(outcome, index, textBytes < errorTextBytesMax));
      textBytes += Buffer.byteLength(outcome.message);
      if (firstErrorOnly) break;
      continue;
    }
    summary.n += outcome.n;
    summary.nModified += outcome.nModified;
    if (outcome.upsertedId !== undefined) summary.upserted.push({ index, _id: outcome.upsertedId });
  }
  return summary;
}

function errorsOf({ writeErrors }: Summary): Reply {
  return writeErrors.length > 0 ? { writeErrors } : {};
}

async function insert(call: Call): Promise<Reply> {
  const summary = await write(call, 'documents', (document, ns) => {
    if (document.length > documentBytesMax) {
      throw new CommandError(
        'BSONObjectTooLarge',
        `object to insert too large. size in bytes: ${document.length}, max size: ${documentBytesMax}`,
      );
    }
    return { type: 'insert', ns, document };
  });
  return { n: summary.n, ...errorsOf(summary) };
}

const updateFields = new Set(['q', 'u', 'multi', 'upsert', 'arrayFilters', 'hint', 'sort']);

async function update(call: Call): Promise<Reply> {
  const summary = await write(call, 'updates', (bytes, ns) => {
    const statement = decode(bytes);
    checkStatementFields('update', statement, updateFields);
    return present({
      type: 'update' as const,
      ns,
      q: required(statement, 'q'),
      u: toUpdate(statement['u']),
      multi: flagField(statement, 'multi'),
      upsert: flagField(statement, 'upsert'),
      arrayFilters: documentsField(statement, 'arrayFilters'),
      sort: optionalDocument(statement, 'sort'),
      hint: hintField(statement),
    });
  });
  const { n, nModified, upserted } = summary;
  return { n, ...(upserted.length > 0 && { upserted }), nModified, ...errorsOf(summary) };
}

/** An update document. @throws {CommandError} `CommandNotSupported` for a pipeline. */
export function toUpdate(given: unknown): Document {
  if (Array.isArray(given)) throw unsupported('an aggregation pipeline as an update');
  if (!isDocument(given)) {
    throw new CommandError('FailedToParse', 'Update argument must be either an object or an array');
  }
  return given;
}

const deleteFields = new Set(['q', 'limit', 'hint']);

async function remove(call: Call): Promise<Reply> {
  const summary = await write(call, 'deletes', (bytes, ns) => {
    const statement = decode(bytes);
    checkStatementFields('delete', statement, deleteFields);
    const limit = integerField(statement, 'limit');
    if (limit !== 0 && limit !== 1) {
      throw new CommandError(
        'FailedToParse',
        `The limit field in delete objects must be 0 or 1. Got ${limit}`,
      );
    }
    return present({
      type: 'delete' as const,
      ns,
      q: required(statement, 'q'),
      multi: limit === 0,
      hint: hintField(statement),
    });
  });
  return { n: summary.n, ...errorsOf(summary) };
}

function required(statement: Document, name: string): Document {
  const value = documentField(statement, name);
  if (value === undefined)
    throw new CommandError('FailedToParse', `BSON field '${name}' is missing but a required field`);
  return value;
}

const options = ['ordered', 'bypassDocumentValidation'];

export const writeCommands: readonly Command[] = [
  { names: ['insert'], options: ['documents', ...options], part: 'write', run: insert },
  { names: ['update'], options: ['updates', ...options], part: 'write', run: update },
  { names: ['delete'], options: ['deletes', ...options], part: 'write', run: remove },
];
