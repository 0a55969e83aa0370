// Documents as transactions of this process committed them last, so that the next transaction that changes one by its
// `_id` need not read it. Only a help: whether a row is still the stored one is checked when the change is committed.
import type { Document } from '../bson/codec.js';
import { quickPlan } from '../plan/planner.js';
import type { Namespace, WriteStatement } from '../store.js';
import type { BufferedWrite } from '../writer/requests.js';
import type { Found } from './find.js';
import { keyText } from './overlay.js';

const rowsMax = 2048;
/** There is room for so many more after rows were let go of. */
const roomMade = 256;
/** Larger ones are read again. */
const bodyBytesMax = 8 * 1024;

interface Recent extends Found {
  readonly given: Document | undefined;
  /** How many commits there had been when it came. */
  readonly commit: number;
}

/** Where a row that was not read lies isn't known. */
const nowhere = Number.MAX_SAFE_INTEGER;

export class RecentRows {
  readonly #rows = new Map<Namespace, Map<string, Recent>>();
  #size = 0;
  #commits = 0;

  /** Grows with each commit; a snapshot taken now has in it what was committed until now. */
  get commits(): number {
    return this.#commits;
  }

  /** The row as it was committed last, unless that was after the first `commits`. */
  get(ns: Namespace, id: Uint8Array, commits: number): Recent | undefined {
    const recent = this.#rows.get(ns)?.get(keyText(id));
    return recent === undefined || recent.commit > commits ? undefined : recent;
  }

  /**
   * After a commit was acknowledged; `firstRev` is the `rev` of the first document written, the others have the next; last those that
   * may have been left out.
   */
  remember(writes: readonly BufferedWrite[], firstRev: number): void {
    this.#commits += 1;
    let rev = firstRev;
    for (const { ns, id, body, document, given, isFinal, ifAny, isCheck } of writes) {
      if (isCheck === true || ifAny !== undefined) continue;
      const key = keyText(id);
      const row = body && { rid: nowhere, id, rev, body };
      if (row !== undefined) rev += 1;
      if (row === undefined || isFinal === true || row.body.length > bodyBytesMax) this.#forget(ns, key);
      else this.#put(ns, key, { row, document, given, commit: this.#commits });
    }
    if (this.#size > rowsMax) this.#forgetOldest();
  }

  /** After a commit was refused: some of the rows may be out of date. */
  forget(writes: readonly BufferedWrite[]): void {
    for (const { ns, id } of writes) this.#forget(ns, keyText(id));
  }

  /** After writes outside of a transaction, which don't tell what they have changed. */
  forgetChanged(statements: readonly WriteStatement[]): void {
    if (this.#size === 0) return;
    for (const statement of statements) {
      if (statement.type === 'insert') continue;
      const { ns, q } = statement;
      const ids = quickPlan(q)?.ids;
      if (ids !== undefined) for (const id of ids) this.#forget(ns, keyText(id));
      else this.#forgetAll(ns);
    }
  }

  /**
   * In the place of the one before: a table that is full of deleted places is made anew, and the old ones, one after the other, keep
   * what was in them until the next full collection of garbage.
   */
  #put(ns: Namespace, key: string, recent: Recent): void {
    const rows = this.#rowsOf(ns);
    const { size } = rows;
    rows.set(key, recent);
    this.#size += rows.size - size;
  }

  #rowsOf(ns: Namespace): Map<string, Recent> {
    let rows = this.#rows.get(ns);
    if (rows === undefined) {
      rows = new Map();
      this.#rows.set(ns, rows);
    }
    return rows;
  }

  #forget(ns: Namespace, key: string): void {
    if (this.#rows.get(ns)?.delete(key) === true) this.#size -= 1;
  }

  #forgetAll(ns: Namespace): void {
    this.#size -= this.#rows.get(ns)?.size ?? 0;
    this.#rows.delete(ns);
  }

  /** Of each collection those that came first, in proportion, until there is room again. */
  #forgetOldest(): void {
    const share = (this.#size - rowsMax + roomMade) / this.#size;
    for (const rows of this.#rows.values()) {
      let left = Math.ceil(rows.size * share);
      this.#size -= left;
      for (const key of rows.keys()) {
        if (left === 0) break;
        left -= 1;
        rows.delete(key);
      }
    }
  }
}
