// Stops the real server with SIGTERM while agents work through it, every other time with a second one: it ends by itself with 0,
// what it had begun is answered, what it acknowledged is there, and what was asked again is there once. (reliability.md D20)
import assert from 'node:assert/strict';
import { passwordIn, type ServerProcess, signIn, Workbench } from '../../start/server-process.js';

/** `STOP_ROUNDS=50` for the long run. */
const rounds = Number(process.env['STOP_ROUNDS'] ?? 8);
const workers = 6;

describe('a server that is stopped while people work', () => {
  const bench = new Workbench();
  after(() => bench.close());

  it(`ends in good order, and loses nothing and does nothing twice, over ${rounds} stops`, async function () {
    this.timeout(rounds * 30_000 + 60_000);
    const DATA_DIR = await bench.directory();
    const begin = (): ServerProcess => bench.run(['serve'], { DATA_DIR, LOG_LEVEL: 'silent' });
    let server = begin();
    let url: string | undefined = await server.url();
    const token = (await signIn(url, 'agent', await passwordIn(DATA_DIR, 'agent')))!;
    const headers = { authorization: token, 'content-type': 'application/json' };
    const seen = { asking: 0, inFlight: 0, answeredWhileStopping: 0, repeated: 0 };
    let isStopping = false;
    let isOver = false;
    let opened = 0;

    /** Asks under one key until it is acknowledged. */
    const open = async (key: string): Promise<void> => {
      for (let tries = 0; ; ) {
        const at = url;
        if (at !== undefined) {
          seen.asking += 1;
          if (tries === 1) seen.repeated += 1;
          tries += 1;
          try {
            const response = await fetch(`${at}/api/v1/orders/11069/actions/open-case`, {
              method: 'POST',
              headers: { ...headers, 'idempotency-key': key },
              body: JSON.stringify({ input: { subject: key } }),
            });
            const answer: unknown = await response.json();
            if (response.status === 201) {
              if (isStopping) seen.answeredWhileStopping += 1;
              return;
            }
            assert.equal(response.status, 503, JSON.stringify(answer));
          } catch (error) {
            if (error instanceof assert.AssertionError) throw error;
            // No connection, or none any more: the same request tells whether it was done.
          } finally {
            seen.asking -= 1;
          }
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    const work = async (): Promise<void> => {
      while (!isOver) {
        opened += 1;
        await open(`call-${opened}`);
      }
    };
    const working = Array.from({ length: workers }, work);
    for (let round = 0; round < rounds; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 400));
      if (seen.asking > 0) seen.inFlight += 1;
      isStopping = true;
      const ended = server.stop('SIGTERM');
      if (round % 2 === 1) server.child.kill('SIGTERM');
      const { code, signal, stderr } = await ended;
      assert.deepEqual([code, signal], [0, null], stderr);
      url = undefined;
      isStopping = false;
      server = begin();
      url = await server.url();
    }
    isOver = true;
    await Promise.all(working);
    const subjects: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const response = await fetch(`${url}/api/v1/cases?order=11069&limit=100${page}`, { headers });
      const { items, next } = (await response.json()) as {
        items: { subject: string }[];
        next: string | null;
      };
      subjects.push(...items.map(({ subject }) => subject));
      cursor = next;
    }
    const keys = Array.from({ length: opened }, (_, index) => `call-${index + 1}`);
    assert.deepEqual(subjects.sort(), keys.sort());
    assert.ok(seen.inFlight >= rounds / 2, `only ${seen.inFlight} stops hit work in flight`);
    console.log(
      `      ${rounds} stops, ${seen.inFlight} with requests in flight; ${opened} cases, ${seen.answeredWhileStopping} of them answered while it stopped, ${seen.repeated} asked for again`,
    );
  });
});
