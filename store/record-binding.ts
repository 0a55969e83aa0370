// How the engine's records are stored: each type has a collection of its own, or a model that another room owns.
import type { ClientSession, Collection } from 'mongoose';
import type {
  RecordQuery,
  RecordType,
  RecordValue,
  RecordWrite,
  VersionedRecord,
} from '../engine/ports/records.js';
import { versionAfter } from '../engine/runtime/decision/record-writes.js';
import type { GuardedCheck, GuardedWrite } from './embedded/store.js';
import { toStoredFilter } from './record-filter.js';

/** A write that has all of the record. */
export type WholeWrite = Extract<RecordWrite, { kind: 'create' | 'update' }>;

export const isWholeWrite = (write: RecordWrite): write is WholeWrite =>
  write.kind === 'create' || write.kind === 'update';

/** One record type's way to the store. */
export interface RecordBinding {
  readonly type: RecordType;
  read(id: string): Promise<VersionedRecord | undefined>;
  find(query: RecordQuery): Promise<VersionedRecord[]>;
  /** A write as whole documents under guards; undefined where these are not known. */
  toGuarded?(write: WholeWrite): readonly GuardedWrite[] | undefined;
  /**
   * What tells whether a record is still as it was seen; undefined: as it was not there. Without it every change of the type is told,
   * whether or not a run waits for it.
   */
  toCheck?(id: string, seen: VersionedRecord | undefined): GuardedCheck;
  /** Writes inside a transaction; false when a guarded one found another version, or none. */
  write(writes: readonly RecordWrite[], session: ClientSession): Promise<boolean>;
}

/** A record in a collection that has nothing but records of the engine: the fields under `value`. */
interface StoredRecord {
  _id: string;
  version: number;
  value: RecordValue;
}

/** Records of a type as documents `{ _id, version, value }` of one collection. */
export function bindCollection(type: RecordType, collection: Collection): RecordBinding {
  const toRecord = (stored: unknown): VersionedRecord => {
    const { value, version } = stored as StoredRecord;
    return { value, version };
  };
  return {
    type,
    async read(id) {
      const found = await collection.findOne({ _id: id as never });
      return found === null ? undefined : toRecord(found);
    },
    async find({ where, sort = [], limit }) {
      const filter = toStoredFilter(where);
      const order = [
        ...sort.map(({ field, descending }) => [`value.${field}`, descending === true ? -1 : 1] as const),
      ];
      const cursor = collection.find(filter, { sort: new Map([...order, ['_id', 1]]) as never, limit });
      return (await cursor.toArray()).map(toRecord);
    },
    toGuarded: (write) => [
      {
        ns: namespaceOf(collection),
        document: toStored(write),
        ...(write.kind === 'create' ? {} : { guard: { field: 'version', value: write.version } }),
      },
    ],
    toCheck: (id, seen) => ({
      ns: namespaceOf(collection),
      id,
      ...(seen === undefined ? {} : { seen: { version: seen.version } }),
    }),
    async write(writes, session) {
      const result = await collection.bulkWrite(writes.map(toStatement), { session, ordered: true });
      const guarded = writes.filter(({ kind }) => kind === 'update' || kind === 'touch').length;
      const deleted = writes.filter(({ kind }) => kind === 'delete').length;
      return result.matchedCount === guarded && result.deletedCount === deleted;
    },
  };
}

/** `<database>.<collection>` */
export const namespaceOf = (collection: Collection): string =>
  `${collection.conn.name}.${collection.collectionName}`;

function toStored(write: WholeWrite): { _id: string; version: number; value: RecordValue } {
  const { value } = write;
  return { _id: value.id, version: versionAfter(write), value };
}

function toStatement(write: RecordWrite) {
  switch (write.kind) {
    case 'create':
      return { insertOne: { document: toStored(write) as never } };
    case 'update':
      return {
        updateOne: {
          filter: { _id: write.value.id as never, version: write.version },
          update: { $set: { value: write.value, version: write.version + 1 } },
        },
      };
    case 'touch':
      return {
        updateOne: {
          filter: { _id: write.id as never, version: write.version },
          update: { $set: { version: write.version + 1 } },
        },
      };
    case 'delete':
      return { deleteOne: { filter: { _id: write.id as never, version: write.version } } };
  }
}
