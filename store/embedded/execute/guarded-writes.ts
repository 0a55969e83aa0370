// Whole documents written under conditions, without a transaction of the caller's: all of them or none.
import { type Document, encode } from '../bson/codec.js';
import { equalValues } from '../bson/compare.js';
import { idBytes } from '../bson/key-bytes.js';
import type { Snapshot } from '../storage/snapshots.js';
import type { GuardedWrite } from '../store.js';
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
  const perhaps: BufferedWrite[] = [];
  for (const write of writes) {
    const { ns, document, guard, isFinal = false, ifAny } = write;
    const id = idBytes(document['_id']);
    const base = guard === undefined ? undefined : revOf(write, id, host);
    if (guard !== undefined && base === undefined) return undefined;
    const body = encode(document);
    refuseTooDeep(document, body);
    // What may be left out is not remembered, and comes last: the others' numbers follow each other.
    if (ifAny === undefined) buffered.push({ ns, id, base, body, given: document, isFinal });
    else perhaps.push({ ns, id, base, body, isFinal: true, ifAny });
  }
  return [...buffered, ...perhaps];
}

/** The `rev` of the stored document, if it is as the guard says. What this process committed last need not be read. */
function revOf(
  { ns, guard }: GuardedWrite,
  id: Uint8Array,
  { recent, takeSnapshot }: GuardedHost,
): number | undefined {
  const meets = (document: Document): boolean => equalValues(document[guard!.field] ?? null, guard!.value);
  const known = recent.get(ns, id, recent.commits);
  if (known !== undefined && meets(known.given ?? documentOf(known))) return known.row.rev;
  const snapshot = takeSnapshot();
  try {
    const row = snapshot.source(ns)?.byId(id);
    if (row === undefined) return undefined;
    const found: Found = { row, document: undefined };
    return meets(documentOf(found)) ? row.rev : undefined;
  } finally {
    snapshot.release();
  }
}
