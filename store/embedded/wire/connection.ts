// One client's connection: its messages one after the other, each answered before the next is read.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Serving } from './command.js';
import { dispatch } from './dispatch.js';
import { frames } from './frames.js';
import { Malformed } from './malformed.js';
import { toMessage, toReplyMessage } from './messages.js';

export class Connection {
  readonly #socket: Socket;
  readonly #id: number;
  readonly #serving: Serving;
  readonly #log: (line: string) => void;
  #isBusy = false;
  #isClosing = false;
  #requests = 0;
  readonly #ended: Promise<void>;

  constructor(socket: Socket, id: number, serving: Serving, log: (line: string) => void) {
    this.#socket = socket;
    this.#id = id;
    this.#serving = serving;
    this.#log = log;
    socket.setNoDelay(true);
    this.#ended = this.#serve();
  }

  /** Resolves when the connection is closed; never rejects. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Ends the connection, after the command that is being carried out. */
  close(): void {
    this.#isClosing = true;
    if (!this.#isBusy) this.#socket.destroy();
  }

  async #serve(): Promise<void> {
    try {
      for await (const frame of frames(this.#socket, this.#serving.limits.messageBytesMax)) {
        this.#isBusy = true;
        await this.#answer(frame);
        this.#isBusy = false;
        if (this.#isClosing) break;
      }
    } catch (error) {
      // A peer that goes away without a word is no news.
      const reason = error as NodeJS.ErrnoException;
      if (error instanceof Malformed) this.#log(`connection ${this.#id} closed: ${error.message}`);
      else if (reason.code === undefined)
        this.#log(`connection ${this.#id} closed: ${reason.stack ?? reason.message}`);
    } finally {
      this.#socket.destroy();
    }
  }

  async #answer(frame: Buffer): Promise<void> {
    const message = toMessage(frame);
    if (message.opcode === 'query' && this.#requests > 0)
      throw new Malformed('an OP_QUERY after the handshake');
    this.#requests += 1;
    const document = await dispatch(message, this.#id, this.#serving, this.#log);
    if (message.silent || this.#socket.destroyed) return;
    let hasRoom = true;
    this.#socket.cork();
    for (const part of toReplyMessage(message, this.#requests, document)) hasRoom = this.#socket.write(part);
    this.#socket.uncork();
    // A client that doesn't read must not fill our memory.
    if (!hasRoom && this.#socket.writableNeedDrain) await drained(this.#socket);
  }
}

async function drained(socket: Socket): Promise<void> {
  const done = new AbortController();
  const { signal } = done;
  try {
    await Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })]);
  } finally {
    done.abort();
  }
}
