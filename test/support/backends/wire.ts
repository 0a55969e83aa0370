// The embedded store, in memory, behind its wire server; driven by the real mongodb driver.
import { openStore, type Store } from '../../../store/embedded/index.js';
import { serveWire } from '../../../store/embedded/wire/server.js';
import type { Backend } from '../backend.js';
import { openNative } from './native.js';

export function wireBackend(): Backend {
  let store: Store | undefined;
  let server: Awaited<ReturnType<typeof serveWire>> | undefined;
  return {
    name: 'wire',
    abilities: new Set(['transactions', 'explain', 'partialIndexes', 'refusals']),
    async start() {
      store = await openStore(':memory:');
      server = await serveWire(store, { port: 0 });
    },
    open: (database) => openNative(server!.uri, database),
    async stop() {
      await server?.close();
      await store?.close();
    },
  };
}
