// The server process: opens, listens, prepares, and stops without dropping what it has begun.
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Logger } from 'pino';
import { type DirectoryLock, takeDataDirectory } from '../store/data-directory.js';
import { putStaged, type Restored } from '../store/restore.js';
import { type Composed, compose } from './compose.js';
import type { Config } from './config.js';
import type { FirstUser } from './first-users.js';
import { offerLocalAccess, withdrawLocalAccess } from './local-access.js';
import { answerMalformedHttp } from './malformed-http.js';
import type { Phase } from './phase.js';
import { answerWithProblem } from './problem-answer.js';
import { serverErrors } from './server-errors.js';

const requestMsMax = 30_000;
const headersMsMax = 10_000;
const drainMsMax = 10_000;

export interface RunningServer {
  readonly url: string;
  readonly ordersLoaded: number;
  /** The users that this start has made. */
  readonly users: FirstUser[] | undefined;
  /** Takes no new work, finishes what has begun within ten seconds, and closes the store. Idempotent. */
  stop(): Promise<void>;
}

/** Starts and resolves when the server is ready. @throws {RecourseError} saying why it can't start */
export async function serve(config: Config, log: Logger): Promise<RunningServer> {
  const running = new Running(config, log);
  try {
    return await running.start();
  } catch (error) {
    // What kept it from starting may keep it from stopping too, and is what has to be told.
    await running.stop().catch((fault: unknown) => log.warn({ err: fault }, 'the stop failed'));
    throw error;
  }
}

class Running {
  readonly #config: Config;
  readonly #log: Logger;
  readonly #server: Server;
  /** Absent while the store is closed. */
  #composed: Composed | undefined;
  #phase: Phase = 'starting';
  #url = '';
  /** What the store is needed for: it is not closed under them while there is time. */
  readonly #answering = new Set<ServerResponse>();
  #taken: DirectoryLock | undefined;
  #restoring: Promise<unknown> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(config: Config, log: Logger) {
    this.#config = config;
    this.#log = log;
    this.#server = createServer({ requireHostHeader: false }, (request, response) => {
      if (this.#composed === undefined) {
        answerWithProblem(
          response,
          serverErrors.error('unavailable', `the server is ${this.#phase}`),
          'none',
        );
        return;
      }
      this.#answering.add(response);
      response.once('close', () => this.#answering.delete(response));
      this.#composed.app.handler(request, response);
    });
    this.#server.requestTimeout = requestMsMax;
    this.#server.headersTimeout = headersMsMax;
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      const begun = [...this.#answering].some((one) => one.socket === socket && one.headersSent);
      answerMalformedHttp(error, socket, begun);
    });
  }

  async start(): Promise<RunningServer> {
    if (this.#config.mongodbUri === undefined) this.#taken = takeDataDirectory(this.#config.dataDir);
    this.#composed = await this.#compose();
    const url = await listen(this.#server, this.#config);
    this.#url = url;
    const prepared = await this.#prepare(url);
    this.#phase = 'ready';
    this.#log.info({ url }, 'ready');
    return { url, ...prepared, stop: () => this.stop() };
  }

  stop(): Promise<void> {
    this.#phase = 'stopping';
    this.#stopping ??= this.#close();
    return this.#stopping;
  }

  #compose(): Promise<Composed> {
    return compose(this.#config, this.#log, {
      currentModels: () => this.#composed?.models,
      phase: () => this.#phase,
      restore: (asking) => this.#restore(asking),
    });
  }

  async #prepare(url: string) {
    const { dataDir, mongodbUri } = this.#config;
    const composed = this.#composed as Composed;
    const prepared = await composed.prepare();
    if (mongodbUri === undefined) await offerLocalAccess(dataDir, { url, token: composed.localToken });
    return prepared;
  }

  /**
   * Puts the staged backup in place while the process goes on: other requests get 503 until it is open.
   *
   * @throws {RecourseError} `server.unavailable` if it is not the time, or what `putStaged` throws; the store that was
   *   there before is open again then
   */
  async #restore(asking: ServerResponse): Promise<Restored> {
    if (this.#phase !== 'ready') throw serverErrors.error('unavailable', `the server is ${this.#phase}`);
    this.#phase = 'restoring';
    this.#log.warn('restoring a backup');
    const restored = this.#swap(asking);
    this.#restoring = restored.catch(() => undefined);
    return restored;
  }

  async #swap(asking: ServerResponse): Promise<Restored> {
    const before = this.#composed as Composed;
    await this.#drained(asking);
    try {
      await before.close();
      return await putStaged(this.#config.dataDir, new Date().toISOString().replaceAll(':', '-'));
    } finally {
      await this.#reopen();
    }
  }

  async #reopen(): Promise<void> {
    try {
      this.#composed = await this.#compose();
      await this.#prepare(this.#url);
      // A stop that came meanwhile waits for this, and goes on.
      if (this.#phase === 'restoring') this.#phase = 'ready';
      this.#log.info({ phase: this.#phase }, 'restored');
    } catch (error) {
      // Without a store there is nothing to serve: whoever starts it again gets the same error, with its remedy.
      this.#log.fatal({ err: error }, 'the store can not be opened after the restore');
      this.#composed = undefined;
      process.exitCode = 1;
      void this.stop();
      throw error;
    }
  }

  /** Resolves when what had begun has been answered, save the one that asks; what takes longer than a stop is cut. */
  async #drained(asking: ServerResponse): Promise<void> {
    const begun = [...this.#answering].filter((one) => one !== asking);
    const end = performance.now() + drainMsMax;
    while (begun.some((one) => this.#answering.has(one)) && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 10));
    for (const late of begun) if (this.#answering.has(late)) late.destroy();
  }

  async #close(): Promise<void> {
    if (this.#server.listening) {
      const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
      this.#server.closeIdleConnections();
      const cut = setTimeout(() => this.#server.closeAllConnections(), drainMsMax);
      await closed;
      clearTimeout(cut);
    }
    await this.#restoring;
    if (this.#taken !== undefined) await withdrawLocalAccess(this.#config.dataDir);
    await this.#composed?.close();
    this.#taken?.release();
  }
}

async function listen(server: Server, { host, port }: Config): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE' ? 'another process listens there' : `${error.code ?? error.message}`;
      reject(
        serverErrors.error('cannot-listen', `cannot listen on ${host}, port ${port}: ${why}`, {
          cause: error,
        }),
      );
    });
    server.listen({ host, port }, resolve);
  });
  return addressOf(server);
}

function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
