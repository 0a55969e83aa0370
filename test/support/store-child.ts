// A process that writes to an embedded store and says on standard output what was acknowledged: the victim of the
// crash, flush and disk-fault tests. Usage: store-child <directory> <job> [flush]
import { ObjectId, serialize } from 'bson';
import { canonical } from '../../store/embedded/bson/codec.js';
import { CommandError } from '../../store/embedded/errors.js';
import { openStore } from '../../store/embedded/open.js';
import type { Store, WriteStatement } from '../../store/embedded/store.js';

const [, , directory = '', job = '', flush = 'always'] = process.argv;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function insert(ns: string, document: Record<string, unknown>): WriteStatement {
  return { type: 'insert', ns, document: serialize(document) };
}

/** 16 writers of single documents and 16 of transactions over three collections, until killed. */
async function mixed(store: Store): Promise<void> {
  const single = async (): Promise<void> => {
    for (;;) {
      const id = new ObjectId().toHexString();
      await store.write([insert('t.singles', { _id: id })], { ordered: true });
      say(`single ${id}`);
    }
  };
  const transfer = async (): Promise<void> => {
    for (;;) {
      const id = new ObjectId().toHexString();
      const transaction = store.begin();
      try {
        await store.write(
          [
            insert('t.orders', { _id: id }),
            insert('t.memos', { _id: id, order: id }),
            {
              type: 'update',
              ns: 't.totals',
              q: canonical({ _id: id.slice(-1) }),
              u: canonical({ $inc: { n: 1 } }),
              upsert: true,
            },
          ],
          { ordered: true, transaction },
        );
        say(`begin ${id}`);
        await transaction.commit();
        say(`commit ${id}`);
      } catch (error) {
        if (!(error instanceof CommandError) || error.codeName !== 'WriteConflict') throw error;
        say(`conflict ${id}`);
      }
    }
  };
  await Promise.all(Array.from({ length: 16 }, () => [single(), transfer()]).flat());
}

/** 200 writes one after the other. */
async function sequential(store: Store): Promise<void> {
  for (let n = 0; n < 200; n += 1) await store.write([insert('t.a', { _id: n })], { ordered: true });
  say(JSON.stringify(store.stats));
}

/** 6,400 writes, 64 in flight. */
async function grouped(store: Store): Promise<void> {
  let next = 0;
  const writer = async (): Promise<void> => {
    while (next < 6400) {
      const n = next;
      next += 1;
      await store.write([insert('t.a', { _id: n })], { ordered: true });
    }
  };
  await Promise.all(Array.from({ length: 64 }, writer));
  say(JSON.stringify(store.stats));
}

/** Writes of 10 kB until one fails; then says which were acknowledged, what the error was and what can be read. */
async function untilFault(store: Store): Promise<void> {
  let acknowledged = 0;
  try {
    for (; acknowledged < 2000; acknowledged += 1) {
      await store.write([insert('t.a', { _id: acknowledged, pad: 'x'.repeat(10_000) })], { ordered: true });
    }
    say(JSON.stringify({ acknowledged }));
  } catch (error) {
    const { codeName, message, labels } = error as CommandError;
    const readable = await store.count('t.a', { filter: {} });
    say(JSON.stringify({ acknowledged, codeName, message, labels, readable }));
  }
  if (flush === 'retry') {
    // The parent makes room and says so.
    await new Promise((resolve) => process.stdin.once('data', resolve));
    await store.write([insert('t.a', { _id: 'after' })], { ordered: true });
    say(JSON.stringify({ recovered: await store.count('t.a', { filter: {} }) }));
  }
}

const jobs: Record<string, (store: Store) => Promise<void>> = { mixed, sequential, grouped, untilFault };

const store = await openStore(directory, flush === 'never' ? { flush } : {});
say('open');
await jobs[job]?.(store);
await store.close();
process.stdin.destroy();
