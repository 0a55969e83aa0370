// Serves a store over MongoDB's wire protocol, as a replica set of one member. On loopback only: there is no
// authentication.
import { once } from 'node:events';
import { type AddressInfo, BlockList, createServer, isIP, type Server } from 'node:net';
import { unsupported } from '../errors.js';
import type { Store } from '../store.js';
import type { Serving } from './command.js';
import { setName } from './commands/hello.js';
import { Connection } from './connection.js';
import { Cursors } from './cursors.js';
import { type WireLimits, wireLimits } from './limits.js';
import { Sessions } from './sessions.js';

export interface WireOptions {
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** An address of 127.0.0.0/8, or ::1. */
  readonly host?: string;
  readonly limits?: Partial<WireLimits>;
  /** Receives the reasons why connections were closed, and our own faults. */
  readonly log?: (line: string) => void;
}

export interface WireServer {
  readonly port: number;
  readonly uri: string;
  /** Ends the connections after the commands they are carrying out; the store stays open. */
  close(): Promise<void>;
}

const sweepMs = 60_000;

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * Listens for clients of a store, which stays the caller's.
 *
 * @throws {CommandError} `CommandNotSupported` for a host that isn't a loopback address.
 * @throws {Error} if the port is taken.
 */
export async function serveWire(store: Store, options: WireOptions = {}): Promise<WireServer> {
  const { port = 0, host = '127.0.0.1', log = (line) => console.warn(`wire: ${line}`) } = options;
  refuseRemote(host);
  const limits: WireLimits = { ...wireLimits, ...options.limits };
  const cursors = new Cursors(limits);
  const sessions = new Sessions(store, limits, {
    ended: (session, number) => cursors.endSession(session, number),
  });
  const connections = new Set<Connection>();
  const server = createServer();
  server.maxConnections = limits.connectionsMax;
  server.listen(port, host);
  await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  const address = isIP(host) === 6 ? `[${host}]:${bound}` : `${host}:${bound}`;
  const serving: Serving = {
    store,
    sessions,
    cursors,
    limits,
    address,
    startedAt: new Date(),
    connectionCount: () => connections.size,
  };
  let count = 0;
  server.on('connection', (socket) => {
    count += 1;
    const connection = new Connection(socket, count, serving, log);
    connections.add(connection);
    connection.ended.then(() => connections.delete(connection));
  });
  server.on('error', (error) => log(`server: ${error.message}`));
  const sweep = setInterval(() => {
    cursors.endIdle();
    sessions.endIdle().catch((error: Error) => log(`ending idle sessions: ${error.message}`));
  }, sweepMs).unref();

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    clearInterval(sweep);
    const closed = closeServer(server);
    for (const connection of connections) connection.close();
    await Promise.all([...connections].map(({ ended }) => ended));
    await closed;
    await sessions.endAll();
    cursors.endAll();
  };
  return {
    port: bound,
    uri: `mongodb://${address}/?replicaSet=${setName}`,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function refuseRemote(host: string): void {
  const family = isIP(host);
  if (family === 0 || !loopback.check(host, family === 6 ? 'ipv6' : 'ipv4')) {
    throw unsupported(
      `listening on ${JSON.stringify(host)}: without authentication it listens on loopback only`,
    );
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
