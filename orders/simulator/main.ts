// The payment simulator as a process: `node main.js --port <number> --data <file> [--control-port <number>]
// [--key-lifetime-ms <number>]`. It speaks Stripe's shapes; no money moves anywhere.
import { parseArgs } from 'node:util';
import { startSimulator } from './simulator.js';

const dayMs = '86400000';
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'control-port': { type: 'string', default: '0' },
    data: { type: 'string' },
    'key-lifetime-ms': { type: 'string', default: dayMs },
  },
});
const [port, controlPort, keyLifetimeMs] = [
  values.port,
  values['control-port'],
  values['key-lifetime-ms'],
].map(Number);
const isPort = (value: number | undefined): value is number =>
  Number.isInteger(value) && value! >= 0 && value! < 65_536;
if (values.data === undefined || !isPort(port) || !isPort(controlPort) || !(keyLifetimeMs! >= 0)) {
  console.error(
    'usage: main.js --data <file> [--port <0 to 65535>] [--control-port <0 to 65535>] [--key-lifetime-ms <number>]',
  );
  process.exit(2);
}

const simulator = await startSimulator({
  ...{ port, controlPort, data: values.data, keyLifetimeMs: keyLifetimeMs! },
  now: Date.now,
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void simulator.close());
console.log(
  `payment simulator ready at ${simulator.url}, control at ${simulator.controlUrl} (loopback only; no money moves)`,
);
