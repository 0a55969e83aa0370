// The peers' workload as a Restate service: five durable steps, a wait on an awakeable, two durable steps.
import { createServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { requirePeer } from './installed.js';

/** What is used of the SDK, which is not among the project's own dependencies. */
interface Context {
  /** Performs a step and keeps its result durably before it resolves. */
  run<T>(name: string, step: () => T): Promise<T>;
  awakeable<T>(): { readonly id: string; readonly promise: Promise<T> };
}

interface Sdk {
  service(definition: {
    readonly name: string;
    readonly handlers: Readonly<Record<string, (context: Context, input: StepInput) => Promise<unknown>>>;
  }): unknown;
  createEndpointHandler(options: {
    readonly services: readonly unknown[];
    /** Two lines a run otherwise. */
    readonly logger: () => void;
  }): (request: Http2ServerRequest, response: Http2ServerResponse) => void;
}

export interface StepInput {
  readonly order: string;
  readonly amount: number;
}

export interface RestateService {
  readonly port: number;
  /** Resolves with the awakeable's id when the run of an order is about to wait for it. */
  waiting(order: string): Promise<string>;
}

function loadSdk(): Sdk {
  // The SDK calls it; Node has it since version 22.
  const target = Promise as { withResolvers?: unknown };
  target.withResolvers ??= () => {
    let settle = {};
    const promise = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    return { promise, ...settle };
  };
  return requirePeer('@restatedev/restate-sdk') as Sdk;
}

/** Serves `bench/flow` on a free port of loopback. */
export async function serveRestateService(): Promise<RestateService> {
  const sdk = loadSdk();
  const listeners = new Map<string, (awakeable: string) => void>();
  const step = (context: Context, n: number, { order, amount }: StepInput): Promise<unknown> =>
    context.run(`step${n}`, () => ({ reference: `${order}:step${n}`, amount }));
  const flow = async (context: Context, input: StepInput): Promise<unknown> => {
    for (let n = 1; n <= 5; n += 1) await step(context, n, input);
    const { id, promise } = context.awakeable();
    listeners.get(input.order)?.(id);
    await promise;
    await step(context, 6, input);
    return step(context, 7, input);
  };
  const service = sdk.service({ name: 'bench', handlers: { flow } });
  const server = createServer(sdk.createEndpointHandler({ services: [service], logger: () => {} }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    waiting: (order) =>
      new Promise((resolve) => {
        listeners.set(order, (awakeable) => {
          listeners.delete(order);
          resolve(awakeable);
        });
      }),
  };
}
