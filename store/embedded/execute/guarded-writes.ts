// Whole documents written under conditions, without a transaction of the caller's: all of them or none.
import { canonical, type Document, encode } from '../bson/codec.js';
import { equalValues } from '../bson/compare.js';
import { idBytes } from '../bson/key-bytes.js';
import type { Snapshot } from '../storage/snapshots.js';
import type { GuardedCheck, GuardedWrite, InsertIfAny } from '../store.js';
import type { BufferedWrite } from '../writer/requests.js';
import { documentOf, type Found } from './find.js';
import type { RecentRows } from './recent-rows.js';
import { refuseTooDeep } from './write.js';

export interface GuardedHost {
  readonly recent: RecentRows;
  takeSnapshot(): Snapshot;
}

/** As the writer takes them; undefined: a document is not as its guard says. @throws {CommandError} `BSONObjectTooLarge`, `Overflow` */
export function toBufferedWrites(
  writes: readonly GuardedWrite[],
  host: GuardedHost,
): BufferedWrite[] | undefined {
  const buffered: BufferedWrite[] = [];
  for (const write of writes) {
    const { ns, document, guard, isFinal = false } = write;
    if (isIfAny(write)) {
      buffered.push(toBufferedIfAny(write));
      continue;
    }
    const id = idBytes(document['_id']);
    const base = guard === undefined ? undefined : revOf(write, id, host);
    if (guard !== undefined && base === undefined) return undefined;
    const body = encode(document);
    refuseTooDeep(document, body);
    buffered.push({ ns, id, base, body, given: document, isFinal });
  }
  return buffered;
}

/** As the writer takes them; undefined: a document is not as it was seen. */
export function toBufferedChecks(
  checks: readonly GuardedCheck[],
  host: GuardedHost,
): BufferedWrite[] | undefined {
  const buffered: BufferedWrite[] = [];
  for (const { ns, id: name, seen } of checks) {
    const id = idBytes(name);
    const row = rowOf(ns, id, host);
    if (seen === undefined ? row !== undefined : row === undefined || !isAsSeen(documentOf(row), seen))
      return undefined;
    buffered.push({ ns, id, base: row?.row.rev, body: undefined, isCheck: true });
  }
  return buffered;
}

const isAsSeen = (document: Document, seen: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(canonical(seen)).every(([field, value]) => equalValues(document[field] ?? null, value));

/** As it is stored now. */
function rowOf(ns: string, id: Uint8Array, { takeSnapshot }: GuardedHost): Found | undefined {
  const snapshot = takeSnapshot();
  try {
    const row = snapshot.source(ns)?.byId(id);
    return row && { row, document: undefined };
  } finally {
    snapshot.release();
  }
}

const isIfAny = (write: GuardedWrite): write is InsertIfAny => write.ifAny !== undefined;

/** It need not be remembered by the writer: most of them are not there. @throws {CommandError} `BSONObjectTooLarge`, `Overflow` */
export function toBufferedIfAny({ ns, document, ifAny }: InsertIfAny): BufferedWrite {
  const body = encode(document);
  refuseTooDeep(document, body);
  return { ns, id: idBytes(document['_id']), base: undefined, body, isFinal: true, ifAny };
}

/** The `rev` of the stored document, if it is as the guard says. What this process committed last need not be read. */
function revOf({ ns, guard }: GuardedWrite, id: Uint8Array, host: GuardedHost): number | undefined {
  const { recent } = host;
  const meets = (document: Document): boolean => equalValues(document[guard!.field] ?? null, guard!.value);
  const known = recent.get(ns, id, recent.commits);
  if (known !== undefined && meets(known.given ?? documentOf(known))) return known.row.rev;
  const stored = rowOf(ns, id, host);
  return stored !== undefined && meets(documentOf(stored)) ? stored.row.rev : undefined;
}
