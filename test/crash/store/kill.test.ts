// The embedded store under kill -9: what was acknowledged is there afterwards, and no transaction is there in part.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { deserialize, type Document } from 'bson';
import { openStore } from '../../../store/embedded/open.js';
import type { Store } from '../../../store/embedded/store.js';
import { temporaryDirectory } from '../../support/temporary.js';

const child = fileURLToPath(new URL('../../support/store-child.js', import.meta.url));
const rounds = 40;
/** A kill that hits no work proves nothing: below this many that do, the run is invalid. */
const killsInFlightMin = 20;

interface Round {
  readonly singles: string[];
  readonly begun: string[];
  readonly committed: string[];
}

/** Runs the child, kills it some time after its first acknowledgement, and answers what it had said. */
function runAndKill(directory: string, delayMs: number): Promise<Round> {
  return new Promise((resolve, reject) => {
    const victim = spawn(process.execPath, [child, directory, 'mixed'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    let due = false;
    victim.stdout.on('data', (data: Buffer) => {
      said += data.toString();
      if (due || !said.includes('commit ')) return;
      due = true;
      setTimeout(() => victim.kill('SIGKILL'), delayMs);
    });
    victim.on('error', reject);
    victim.on('close', (_code, signal) => {
      if (signal !== 'SIGKILL') return reject(new Error('the child ended before it was killed'));
      // The last line may be cut in the middle.
      const lines = said.slice(0, said.lastIndexOf('\n')).split('\n');
      const ids = (word: string): string[] =>
        lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
      resolve({ singles: ids('single'), begun: ids('begin'), committed: ids('commit') });
    });
  });
}

async function documentsOf(store: Store, ns: string): Promise<Document[]> {
  const cursor = await store.find(ns, { filter: {} });
  const { documents } = await cursor.next(Number.MAX_SAFE_INTEGER);
  return documents.map((bytes) => deserialize(bytes));
}

const idsOf = (documents: Document[]): Set<string> => new Set(documents.map(({ _id }) => _id as string));

const without = (wanted: Set<string>, present: Set<string>): string[] =>
  [...wanted].filter((id) => !present.has(id));

describe('kill -9 under concurrent writes and transactions', () => {
  it(`loses no acknowledged write and shows no half transaction in ${rounds} rounds`, async () => {
    const directory = temporaryDirectory('kill');
    const acknowledged = { singles: new Set<string>(), transactions: new Set<string>() };
    let killsInFlight = 0;
    for (let round = 0; round < rounds; round += 1) {
      const { singles, begun, committed } = await runAndKill(directory, 5 + ((round * 97) % 200));
      for (const id of singles) acknowledged.singles.add(id);
      for (const id of committed) acknowledged.transactions.add(id);
      if (begun.length > committed.length) killsInFlight += 1;

      const store = await openStore(directory);
      const stored = idsOf(await documentsOf(store, 't.singles'));
      const orders = idsOf(await documentsOf(store, 't.orders'));
      const memos = idsOf(await documentsOf(store, 't.memos'));
      const totals = await documentsOf(store, 't.totals');
      await store.close();

      assert.deepEqual(without(acknowledged.singles, stored), [], `round ${round}: lost writes`);
      assert.deepEqual(without(acknowledged.transactions, orders), [], `round ${round}: lost commits`);
      assert.deepEqual(
        [without(orders, memos), without(memos, orders)],
        [[], []],
        `round ${round}: half a transaction`,
      );
      const counted = totals.reduce((sum, { n }) => sum + (n as number), 0);
      assert.equal(counted, orders.size, `round ${round}: totals disagree with orders`);
    }
    console.log(
      `      ${rounds} kills, ${killsInFlight} with a commit in flight; ${acknowledged.singles.size} acknowledged writes, ${acknowledged.transactions.size} acknowledged transactions`,
    );
    assert.ok(
      killsInFlight >= killsInFlightMin,
      `only ${killsInFlight} kills hit a commit: the run is invalid`,
    );
  });
});
