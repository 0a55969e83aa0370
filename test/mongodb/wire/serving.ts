// A wire server over a fresh store in memory, in this process, with a client on it.
import { MongoClient, type MongoClientOptions } from 'mongodb';
import { openStore } from '../../../store/embedded/open.js';
import type { WireLimits } from '../../../store/embedded/wire/limits.js';
import { serveWire, type WireServer } from '../../../store/embedded/wire/server.js';

export interface Served {
  readonly server: WireServer;
  readonly client: MongoClient;
  /** What the server logged. */
  readonly lines: string[];
  close(): Promise<void>;
}

export const directUri = (port: number): string => `mongodb://127.0.0.1:${port}/?directConnection=true`;

export async function serveInMemory(
  options: { limits?: Partial<WireLimits>; client?: MongoClientOptions; direct?: boolean } = {},
): Promise<Served> {
  const store = await openStore(':memory:');
  const lines: string[] = [];
  const server = await serveWire(store, { limits: options.limits ?? {}, log: (line) => lines.push(line) });
  const uri = options.direct === true ? directUri(server.port) : `${server.uri}&directConnection=false`;
  const client = new MongoClient(uri, {
    retryWrites: true,
    serverSelectionTimeoutMS: 10_000,
    ...options.client,
  });
  return {
    server,
    client,
    lines,
    async close() {
      await client.close();
      await server.close();
      await store.close();
    },
  };
}
