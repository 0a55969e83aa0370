// find: its query, as the store takes it, and the first batch.
import type { Document } from 'bson';
import type { FindQuery } from '../../store.js';
import {
  type Call,
  type Command,
  countField,
  documentField,
  flagField,
  hintField,
  namespaceOf,
  optionalDocument,
  present,
  type Reply,
  readContext,
} from '../command.js';

/** The options of `find` that make its query. */
export const findOptions = [
  'filter',
  'projection',
  'sort',
  'skip',
  'limit',
  'hint',
  'batchSize',
  'singleBatch',
  // As in MongoDB they change no answer here: a sort in memory is bounded, and idle cursors end.
  'allowDiskUse',
  'noCursorTimeout',
] as const;

export function toFindQuery(body: Document): FindQuery {
  return present({
    filter: documentField(body, 'filter') ?? {},
    projection: optionalDocument(body, 'projection'),
    sort: optionalDocument(body, 'sort'),
    skip: countField(body, 'skip'),
    limit: countField(body, 'limit'),
    hint: hintField(body),
    maxTimeMS: countField(body, 'maxTimeMS'),
  });
}

async function find(call: Call): Promise<Reply> {
  const { serving, body, owner } = call;
  const ns = namespaceOf(call);
  const batchSize = countField(body, 'batchSize');
  const singleBatch = flagField(body, 'singleBatch') ?? false;
  const source = await serving.store.find(ns, toFindQuery(body), readContext(call));
  return { cursor: await serving.cursors.first(ns, source, { batchSize, singleBatch, owner }) };
}

export const findCommands: readonly Command[] = [
  { names: ['find'], options: findOptions, part: 'read', run: find },
];
