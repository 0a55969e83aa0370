// The payment simulator: a provider on one port of loopback, its control on another, its log in a file.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { createControlApp } from './control-app.js';
import { EffectLog } from './effect-log.js';
import { FaultPlans } from './faults.js';
import { createProviderApp } from './provider-app.js';
import { SimulatedLedger } from './simulated-ledger.js';
import type { SimulatedPayment } from './simulated-payment.js';
import { Webhooks } from './webhooks.js';

export interface SimulatorOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly controlPort: number;
  /** The log; made if it isn't there. */
  readonly data: string;
  readonly keyLifetimeMs: number;
  readonly now: () => number;
}

export interface Simulator {
  readonly url: string;
  readonly controlUrl: string;
  /** Takes payments over that another provider has made; those it knows already stay as they are. */
  adopt(payments: readonly SimulatedPayment[]): void;
  close(): Promise<void>;
}

const host = '127.0.0.1';
const connectionsMax = 512;
const requestTimeoutMs = 10_000;

export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const log = new EffectLog(options.data);
  let skewMs = 0;
  let searchLagMs = 0;
  const now = (): number => options.now() + skewMs;
  const ledger = new SimulatedLedger(log, now, options.keyLifetimeMs);
  const plans = new FaultPlans();
  const webhooks = new Webhooks();
  const app = createProviderApp({
    ledger,
    plans,
    searchLagMs: () => searchLagMs,
    happened: (execution) => webhooks.send(execution, now()),
  });
  let provider: Server | undefined = await listen(app, options.port);
  const { port } = provider.address() as AddressInfo;
  const goDown = async (): Promise<void> => {
    const server = provider;
    provider = undefined;
    if (server !== undefined) await stop(server);
  };
  const comeUp = async (): Promise<void> => {
    provider ??= await listen(app, port);
  };
  const controlApp = createControlApp({
    ...{ log, ledger, plans, webhooks, goDown, comeUp },
    advanceClock: (ms) => {
      skewMs += ms;
    },
    setSearchLag: (ms) => {
      searchLagMs = ms;
    },
  });
  const control = await listen(controlApp, options.controlPort);
  return {
    url: `http://${host}:${port}`,
    controlUrl: `http://${host}:${(control.address() as AddressInfo).port}`,
    adopt: (payments) => ledger.adopt(payments),
    close: async () => {
      await Promise.all([goDown(), stop(control)]);
      log.close();
    },
  };
}

async function listen(app: Express, port: number): Promise<Server> {
  const server = createServer({ requestTimeout: requestTimeoutMs, maxHeaderSize: 16_384 }, app);
  server.maxConnections = connectionsMax;
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

async function stop(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
