// Databases: they come with their first collection and go with their last.
import type { Document } from 'bson';
import { canonical } from '../../bson/codec.js';
import { compileFilter } from '../../query/filter.js';
import { type Call, type Command, documentField, flagField, type Reply } from '../command.js';

async function listDatabases({ serving, body }: Call): Promise<Reply> {
  const filter = compileFilter(documentField(body, 'filter') ?? {});
  const nameOnly = flagField(body, 'nameOnly') ?? false;
  // The size of one database is not known: they share a file.
  const databases = (await serving.store.listDatabases())
    .map((name): Document => (nameOnly ? { name } : { name, sizeOnDisk: 0, empty: false }))
    .filter((database) => filter.matches(canonical(database)));
  return nameOnly ? { databases } : { databases, totalSize: 0, totalSizeMb: 0 };
}

async function dropDatabase({ serving, database }: Call): Promise<Reply> {
  await serving.store.dropDatabase(database);
  return { dropped: database };
}

/** What is known of it; sizes are not. */
async function dbStats({ serving, database }: Call): Promise<Reply> {
  const { store } = serving;
  const names = await store.listCollections(database);
  let objects = 0;
  let indexes = 0;
  for (const name of names) {
    objects += await store.count(`${database}.${name}`, { filter: {} });
    indexes += (await store.listIndexes(`${database}.${name}`)).length;
  }
  return { db: database, collections: names.length, views: 0, objects, indexes };
}

export const databaseCommands: readonly Command[] = [
  {
    names: ['listDatabases'],
    options: ['filter', 'nameOnly', 'authorizedDatabases'],
    run: listDatabases,
  },
  { names: ['dropDatabase'], options: [], run: dropDatabase },
  { names: ['dbStats', 'dbstats'], options: ['scale', 'freeStorage'], run: dbStats },
];
