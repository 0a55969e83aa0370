// Indexes: made, listed, dropped.
import type { Document } from 'bson';
import { encode } from '../../bson/codec.js';
import { isDocument } from '../../bson/fields.js';
import { CommandError } from '../../errors.js';
import { sameKey, toIndexSpec } from '../../plan/index-spec.js';
import type { IndexSpec, Namespace, Store } from '../../store.js';
import {
  type Call,
  type Command,
  countField,
  documentField,
  documentsField,
  namespaceOf,
  type Reply,
} from '../command.js';
import { listCursor } from '../cursors.js';

/** An index as `listIndexes` shows it. */
export function toIndexDocument({ name, key, unique, sparse, partial }: IndexSpec): Document {
  return {
    v: 2,
    key: Object.fromEntries(key),
    name,
    ...(unique && name !== '_id_' && { unique }),
    ...(sparse && { sparse }),
    ...(partial !== undefined && { partialFilterExpression: partial }),
  };
}

async function createIndexes(call: Call): Promise<Reply> {
  const ns = namespaceOf(call);
  const { store } = call.serving;
  const asked = documentsField(call.body, 'indexes') ?? [];
  if (asked.length === 0) throw new CommandError('BadValue', 'Must specify at least one index to create');
  const specs = asked.map(({ key, ...options }) => {
    if (!isDocument(key))
      throw new CommandError('FailedToParse', "The 'key' field is a required property of an index");
    return toIndexSpec(key, options);
  });
  const before = await indexCount(store, ns);
  await store.createIndexes(ns, specs);
  return {
    numIndexesBefore: Math.max(before, 1),
    numIndexesAfter: await indexCount(store, ns),
    createdCollectionAutomatically: before === 0,
  };
}

/** 0 if there is no such collection. */
async function indexCount(store: Store, ns: Namespace): Promise<number> {
  try {
    return (await store.listIndexes(ns)).length;
  } catch (error) {
    if (error instanceof CommandError && error.codeName === 'NamespaceNotFound') return 0;
    throw error;
  }
}

async function listIndexes(call: Call): Promise<Reply> {
  const ns = namespaceOf(call);
  const { store, cursors } = call.serving;
  const documents = (await store.listIndexes(ns)).map((spec) => encode(toIndexDocument(spec)));
  const batchSize = countField(documentField(call.body, 'cursor') ?? {}, 'batchSize');
  return { cursor: await cursors.first(ns, listCursor(documents), { batchSize, owner: call.owner }) };
}

async function dropIndexes(call: Call): Promise<Reply> {
  const ns = namespaceOf(call);
  const { store } = call.serving;
  const existing = await store.listIndexes(ns);
  for (const name of toNames(call.body['index'], existing)) await store.dropIndex(ns, name);
  return { nIndexesWas: existing.length };
}

/** The indexes that are meant; all are there before the first is dropped. */
function toNames(index: unknown, existing: readonly IndexSpec[]): string[] {
  if (index === '*') return existing.map(({ name }) => name).filter((name) => name !== '_id_');
  if (isDocument(index)) return [byKey(index, existing)];
  const names: unknown[] = Array.isArray(index) ? index : [index];
  return names.map((name) => {
    if (typeof name !== 'string')
      throw new CommandError('TypeMismatch', 'an index is dropped by name or by key');
    if (existing.some((spec) => spec.name === name)) return name;
    throw new CommandError('IndexNotFound', `index not found with name [${name}]`);
  });
}

function byKey(pattern: Document, existing: readonly IndexSpec[]): string {
  const { key } = toIndexSpec(pattern, {});
  const found = existing.filter((spec) => sameKey(spec.key, key));
  if (found.length === 1) return found[0]!.name;
  if (found.length === 0)
    throw new CommandError('IndexNotFound', `can't find index with key: ${JSON.stringify(pattern)}`);
  throw new CommandError(
    'IndexNotFound',
    `several indexes have this key; drop by name: ${found.map(({ name }) => name)}`,
  );
}

export const indexCommands: readonly Command[] = [
  { names: ['createIndexes'], options: ['indexes', 'commitQuorum'], run: createIndexes },
  { names: ['listIndexes'], options: ['cursor'], run: listIndexes },
  { names: ['dropIndexes', 'deleteIndexes'], options: ['index'], run: dropIndexes },
];
