// Serves a data directory to MongoDB's tools and drivers, in a process of its own, until it is told to stop:
// `node main.js --data <directory|:memory:> --port <number>`.
import { parseArgs } from 'node:util';
import { openStore } from '../open.js';
import { serveWire } from './server.js';

const { values } = parseArgs({
  options: { data: { type: 'string' }, port: { type: 'string', default: '0' } },
});
const port = Number(values.port);
if (values.data === undefined || !Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error('usage: main.js --data <directory|:memory:> [--port <0 to 65535>]');
  process.exit(2);
}

const store = await openStore(values.data);
const server = await serveWire(store, { port, log: (line) => console.error(`wire: ${line}`) }).catch(
  async (error: unknown) => {
    await store.close();
    throw error;
  },
);

let isStopping = false;
async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  await server.close();
  await store.close();
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    stop().catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    });
  });
}
console.log(
  `${server.uri} (Recourse's embedded store, not MongoDB; loopback only, no authentication: any local user can connect)`,
);
