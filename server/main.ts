// The server process: opens, listens, prepares, and stops without dropping what it has begun.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
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
  let phase: Phase = 'starting';
  const composed = await compose(config, log, () => phase);
  const server = createServer({ requireHostHeader: false }, composed.app.handler);
  server.requestTimeout = requestMsMax;
  server.headersTimeout = headersMsMax;
  server.on('clientError', answerMalformedHttp);

  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    phase = 'stopping';
    stopping ??= close(server, composed, config);
    return stopping;
  };
  try {
    const url = await listen(server, config);
    const prepared = await composed.prepare();
    if (config.mongodbUri === undefined) {
      await offerLocalAccess(config.dataDir, { url, token: composed.localToken });
    }
    phase = 'ready';
    log.info({ url }, 'ready');
    return { url, ...prepared, stop };
  } catch (error) {
    await stop();
    throw error;
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
  const { address, family, port: actual } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}`;
}

async function close(server: Server, composed: Composed, { dataDir, mongodbUri }: Config): Promise<void> {
  if (server.listening) {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const cut = setTimeout(() => server.closeAllConnections(), drainMsMax);
    await closed;
    clearTimeout(cut);
  }
  if (mongodbUri === undefined) await withdrawLocalAccess(dataDir);
  await composed.close();
}
