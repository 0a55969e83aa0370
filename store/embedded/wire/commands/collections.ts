// Collections: listed, made, dropped. They have no options: validators, caps and views are refused by name.
import type { Document } from 'bson';
import { canonical, encode } from '../../bson/codec.js';
import { compileFilter } from '../../query/filter.js';
import { idIndex } from '../../plan/index-spec.js';
import {
  type Call,
  type Command,
  countField,
  documentField,
  flagField,
  namespaceOf,
  type Reply,
} from '../command.js';
import { listCursor } from '../cursors.js';
import { toIndexDocument } from './indexes.js';

async function listCollections({ serving, database, body, owner }: Call): Promise<Reply> {
  const filter = compileFilter(documentField(body, 'filter') ?? {});
  const nameOnly = flagField(body, 'nameOnly') ?? false;
  const names = await serving.store.listCollections(database);
  const documents = names
    .map((name) => canonical({ name, type: 'collection', options: {}, info: { readOnly: false } }))
    .filter((collection) => filter.matches(collection))
    .map((collection): Document => {
      const { name, type } = collection;
      return nameOnly ? { name, type } : { ...collection, idIndex: toIndexDocument(idIndex) };
    });
  const batchSize = countField(documentField(body, 'cursor') ?? {}, 'batchSize');
  const ns = `${database}.$cmd.listCollections`;
  return { cursor: await serving.cursors.first(ns, listCursor(documents.map(encode)), { batchSize, owner }) };
}

async function create(call: Call): Promise<Reply> {
  await call.serving.store.createCollection(namespaceOf(call));
  return {};
}

async function drop(call: Call): Promise<Reply> {
  const ns = namespaceOf(call);
  const { store } = call.serving;
  const [database = '', ...rest] = ns.split('.');
  if (!(await store.listCollections(database)).includes(rest.join('.'))) return {};
  const nIndexesWas = (await store.listIndexes(ns)).length;
  await store.dropCollection(ns);
  return { nIndexesWas, ns };
}

export const collectionCommands: readonly Command[] = [
  {
    names: ['listCollections'],
    options: ['filter', 'nameOnly', 'authorizedCollections', 'cursor'],
    run: listCollections,
  },
  { names: ['create'], options: [], run: create },
  { names: ['drop'], options: [], run: drop },
];
