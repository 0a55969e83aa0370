// A real MongoDB, where MONGODB_URI names one: the judge of every other back end.
import { randomUUID } from 'node:crypto';
import type { Backend } from '../backend.js';
import { Unavailable } from '../unavailable.js';
import { openNative } from './native.js';

export function mongodbBackend(): Backend {
  const uri = process.env['MONGODB_URI'];
  return {
    name: 'mongodb',
    abilities: new Set(['transactions', 'explain', 'partialIndexes', 'expressions', 'graphLookup']),
    async start() {
      if (uri === undefined || uri === '') throw new Unavailable('MONGODB_URI names no server');
    },
    // A name of its own: whatever else lives on that server is left alone.
    async open(database) {
      const opened = await openNative(uri!, `${database}-${randomUUID().slice(0, 8)}`);
      return {
        ...opened,
        async close() {
          await opened.connection.dropDatabase().finally(() => opened.close());
        },
      };
    },
    async stop() {},
  };
}
