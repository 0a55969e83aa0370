// Which collections and indexes there are. Read from the file; a version number tells a reader whether its copy
// is the one its snapshot was taken under.
import { decode, encode } from '../bson/codec.js';
import { compileIndex, type Index } from '../plan/index-keys.js';
import { idIndex } from '../plan/index-spec.js';
import type { PlannedIndex } from '../plan/planner.js';
import type { IndexSpec, Namespace } from '../store.js';
import type { Connection } from './connection.js';

export interface IndexEntry {
  readonly id: number;
  readonly spec: IndexSpec;
  readonly index: Index;
  /** Some document has an array on an indexed path. */
  readonly multikey: boolean;
}

export interface CollectionEntry {
  readonly id: number;
  readonly ns: Namespace;
  readonly indexes: readonly IndexEntry[];
  /** What a read may be planned on: that of `_id`, which lies in the collection's own table, and these. */
  readonly planned: readonly PlannedIndex[];
}

/** What a read of a collection that isn't stored is planned on. */
export const primaryOnly: readonly PlannedIndex[] = [{ spec: idIndex, multikey: false }];

export interface Catalog {
  readonly version: number;
  readonly collections: ReadonlyMap<Namespace, CollectionEntry>;
}

export function catalogVersion(connection: Connection): number {
  return connection.get("SELECT value FROM meta WHERE name = 'catalog'")?.[0] as number;
}

export function bumpCatalog(connection: Connection): void {
  connection.run("UPDATE meta SET value = value + 1 WHERE name = 'catalog'");
}

export function readCatalog(connection: Connection): Catalog {
  const indexesOf = new Map<number, IndexEntry[]>();
  for (const [id, collection, spec, multikey] of connection.all(
    'SELECT id, collection, spec, multikey FROM indexes ORDER BY id',
  )) {
    const entry = toIndexEntry(id as number, toSpec(spec as Uint8Array), multikey === 1);
    const entries = indexesOf.get(collection as number);
    if (entries === undefined) indexesOf.set(collection as number, [entry]);
    else entries.push(entry);
  }
  const collections = new Map<Namespace, CollectionEntry>();
  for (const [id, ns] of connection.all('SELECT id, ns FROM collections ORDER BY ns')) {
    const indexes = indexesOf.get(id as number) ?? [];
    const planned = [...primaryOnly, ...indexes];
    collections.set(ns as string, { id: id as number, ns: ns as string, indexes, planned });
  }
  return { version: catalogVersion(connection), collections };
}

export function toIndexEntry(id: number, spec: IndexSpec, multikey: boolean): IndexEntry {
  return { id, spec, index: compileIndex(spec), multikey };
}

/** The stored form of an index's definition: key as a list of pairs, so that its order can't be lost. */
export function specBytes(spec: IndexSpec): Uint8Array {
  const { name, key, unique, sparse, partial } = spec;
  const stored = { name, key: key.map(([path, direction]) => ({ path, direction })), unique, sparse };
  return encode(partial === undefined ? stored : { ...stored, partial });
}

/** An index's definition from its stored form. */
export function toSpec(bytes: Uint8Array): IndexSpec {
  const { name, key, unique, sparse, partial } = decode(bytes);
  const directions = (key as { path: string; direction: { value: number } }[]).map(
    ({ path, direction }) => [path, direction.value === -1 ? -1 : 1] as const,
  );
  const spec = { name: name as string, key: directions, unique: unique === true, sparse: sparse === true };
  return partial === undefined ? spec : { ...spec, partial };
}
