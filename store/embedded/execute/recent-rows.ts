// Documents as transactions of this process committed them last, so that the next transaction that changes one by its
// `_id` need not read it. Only a help: whether a row is still the stored one is checked when the change is committed.
import { quickPlan } from '../plan/planner.js';
import type { Namespace, WriteStatement } from '../store.js';
import type { BufferedWrite } from '../writer/requests.js';
import type { Found } from './find.js';
import { keyText } from './overlay.js';

const rowsMax = 2048;
/** Larger ones are read again. */
const bodyBytesMax = 8 * 1024;

interface Recent extends Found {
  /** How many commits there had been when it came. */
  readonly commit: number;
}

/** Where a row that was not read lies isn't known. */
const nowhere = Number.MAX_SAFE_INTEGER;

export class RecentRows {
  readonly #rows = new Map<string, Recent>();
  #commits = 0;

  /** Grows with each commit; a snapshot taken now has in it what was committed until now. */
  get commits(): number {
    return this.#commits;
  }

  /** The row as it was committed last, unless that was after the first `commits`. */
  get(ns: Namespace, id: Uint8Array, commits: number): Found | undefined {
    const recent = this.#rows.get(toKey(ns, id));
    return recent === undefined || recent.commit > commits ? undefined : recent;
  }

  /** After a commit was acknowledged; `firstRev` is the `rev` of the first document written, the others have the next. */
  remember(writes: readonly BufferedWrite[], firstRev: number): void {
    this.#commits += 1;
    let rev = firstRev;
    for (const { ns, id, body, document } of writes) {
      const key = toKey(ns, id);
      this.#rows.delete(key);
      if (body === undefined) continue;
      if (body.length <= bodyBytesMax) {
        this.#rows.set(key, { row: { rid: nowhere, id, rev, body }, document, commit: this.#commits });
      }
      rev += 1;
    }
    for (const key of this.#rows.keys()) {
      if (this.#rows.size <= rowsMax) break;
      this.#rows.delete(key);
    }
  }

  /** After a commit was refused: some of the rows may be out of date. */
  forget(writes: readonly BufferedWrite[]): void {
    for (const { ns, id } of writes) this.#rows.delete(toKey(ns, id));
  }

  /** After writes outside of a transaction, which don't tell what they have changed. */
  forgetChanged(statements: readonly WriteStatement[]): void {
    if (this.#rows.size === 0) return;
    for (const statement of statements) {
      if (statement.type === 'insert') continue;
      const { ns, q } = statement;
      const ids = quickPlan(q)?.ids;
      const keys =
        ids?.map((id) => toKey(ns, id)) ?? [...this.#rows.keys()].filter((key) => key.startsWith(`${ns}\0`));
      for (const key of keys) this.#rows.delete(key);
    }
  }
}

const toKey = (ns: Namespace, id: Uint8Array): string => `${ns}\0${keyText(id)}`;
