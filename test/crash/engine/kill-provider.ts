// The other side of the kill test, in the process that survives: whatever arrives has happened, is written down at once, and
// is answered a little later.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const answerMsMax = 120;

export class KillProvider {
  /** `<action>:<key>` of every call that arrived, those of keyed actions once for each key. */
  readonly happened: string[] = [];
  /** Ids of rows of the outbox that were delivered. */
  readonly delivered = new Set<string>();
  /** Calls that have arrived and are not answered yet. */
  open = 0;
  readonly #repeated: string[] = [];
  lookedUp = 0;
  readonly #random: () => number;
  readonly #server = createServer((request, response) => {
    this.open += 1;
    let isOver = false;
    const end = (): void => {
      if (!isOver) this.open -= 1;
      isOver = true;
    };
    response.on('close', end);
    const answer = this.#take(request.url ?? '');
    setTimeout(() => {
      end();
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    }, this.#random() * answerMsMax);
  });

  constructor(random: () => number) {
    this.#random = random;
  }

  /** What it says of a call; undefined: it has never arrived. */
  answerTo(action: string, key: string): { readonly of: string } | undefined {
    return this.happened.includes(`${action}:${key}`) ? { of: key } : undefined;
  }

  /** Calls that arrived under a key that was known already. */
  get repeated(): number {
    return this.#repeated.length;
  }

  repeatedOf(action: string): number {
    return this.#repeated.filter((name) => name === action).length;
  }

  #take(url: string): unknown {
    const [, verb = '', action = '', escaped = ''] = url.split('/');
    const key = decodeURIComponent(escaped);
    if (verb === 'deliver') {
      this.delivered.add(key);
      return {};
    }
    const known = this.answerTo(action, key);
    if (verb === 'lookUp') {
      this.lookedUp += 1;
      return known === undefined ? {} : { found: known };
    }
    if (known !== undefined) this.#repeated.push(action);
    if (known === undefined || action !== 'charge') this.happened.push(`${action}:${key}`);
    return { of: key };
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
