// mongo-java-server 1.47.0 as a back end: a second opinion on CRUD; it has no sessions.
import type { Backend } from '../backend.js';
import { type JavaServer, startJavaServer } from '../java-server.js';
import { openNative } from './native.js';

export function javaBackend(): Backend {
  let server: JavaServer | undefined;
  return {
    name: 'java',
    abilities: new Set(['expressions', 'graphLookup']),
    async start() {
      server = await startJavaServer();
    },
    open: (database) => openNative(server!.uri, database),
    async stop() {
      await server?.stop();
    },
  };
}
