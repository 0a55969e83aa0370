// The server process: opens, listens, prepares, and stops without dropping what it has begun.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { putStaged, type Restored } from '../store/restore.js';
import { type Composed, compose } from './compose.js';
import type { Config } from './config.js';
import type { FirstUser } from './first-users.js';
import { offerLocalAccess, withdrawLocalAccess } from './local-access.js';
import { answerMalformedHttp } from './malformed-http.js';
import type { Phase } from './phase.js';
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
    await running.stop();
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
  #inFlight = 0;
  #stopping: Promise<void> | undefined;

  constructor(config: Config, log: Logger) {
    this.#config = config;
    this.#log = log;
    this.#server = createServer({ requireHostHeader: false }, (request, response) => {
      this.#inFlight += 1;
      response.once('close', () => {
        this.#inFlight -= 1;
      });
      this.#composed?.app.handler(request, response);
    });
    this.#server.requestTimeout = requestMsMax;
    this.#server.headersTimeout = headersMsMax;
    this.#server.on('clientError', answerMalformedHttp);
  }

  async start(): Promise<RunningServer> {
    this.#composed = await this.#compose();
    const url = await listen(this.#server, this.#config);
    const prepared = await this.#prepare(url);
    this.#log.info({ url }, 'ready');
    return { url, ...prepared, stop: () => this.stop() };
  }

  stop(): Promise<void> {
    this.#phase = 'stopping';
    this.#stopping ??= close(this.#server, this.#composed, this.#config);
    return this.#stopping;
  }

  #compose(): Promise<Composed> {
    return compose(this.#config, this.#log, { phase: () => this.#phase, restore: () => this.#restore() });
  }

  async #prepare(url: string) {
    const { dataDir, mongodbUri } = this.#config;
    const composed = this.#composed as Composed;
    const prepared = await composed.prepare();
    if (mongodbUri === undefined) await offerLocalAccess(dataDir, { url, token: composed.localToken });
    this.#phase = 'ready';
    return prepared;
  }

  /**
   * Puts the staged backup in place while the process goes on: other requests get 503 until it is open.
   *
   * @throws {RecourseError} `server.unavailable` if it is not the time, or what `putStaged` throws; the store that was
   *   there before is open again then
   */
  async #restore(): Promise<Restored> {
    if (this.#phase !== 'ready') throw serverErrors.error('unavailable', `the server is ${this.#phase}`);
    this.#phase = 'restoring';
    this.#log.warn('restoring a backup');
    const before = this.#composed as Composed;
    await this.#drained();
    await before.close();
    try {
      return await putStaged(this.#config.dataDir, new Date().toISOString().replaceAll(':', '-'));
    } finally {
      await this.#reopen();
    }
  }

  async #reopen(): Promise<void> {
    try {
      this.#composed = await this.#compose();
      await this.#prepare(addressOf(this.#server));
      this.#log.info('ready');
    } catch (error) {
      // Without a store there is nothing to serve: whoever starts it again gets the same error, with its remedy.
      this.#log.fatal({ err: error }, 'the store can not be opened after the restore');
      this.#composed = undefined;
      process.exitCode = 1;
      void this.stop();
      throw error;
    }
  }

  /** Resolves when no request is under way but the one that asks, or after the time that a stop would wait. */
  async #drained(): Promise<void> {
    const end = performance.now() + drainMsMax;
    while (this.#inFlight > 1 && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 10));
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

async function close(
  server: Server,
  composed: Composed | undefined,
  { dataDir, mongodbUri }: Config,
): Promise<void> {
  if (server.listening) {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const cut = setTimeout(() => server.closeAllConnections(), drainMsMax);
    await closed;
    clearTimeout(cut);
  }
  if (mongodbUri === undefined) await withdrawLocalAccess(dataDir);
  await composed?.close();
}
