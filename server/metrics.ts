// Figures for Prometheus: requests as they are answered, and, when asked, what is stuck.
import type { RequestHandler } from 'express';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { OpenDatabase } from '../store/connect.js';

/** Counting goes no further: beyond it the figure says "many". */
const countMax = 10_000;
const stuckStatuses = ['waiting', 'held', 'suspended', 'incident'] as const;

export class Metrics {
  readonly registry = new Registry();
  readonly #requests: Counter<'method' | 'route' | 'status'>;
  readonly #duration: Histogram<'method' | 'route'>;

  constructor({ connection }: Pick<OpenDatabase, 'connection'>) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.#requests = new Counter({
      name: 'recourse_http_requests_total',
      help: 'Requests that were answered.',
      labelNames: ['method', 'route', 'status'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'recourse_http_request_duration_seconds',
      help: 'From the arrival of a request to the end of its answer.',
      labelNames: ['method', 'route'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    const count = (collection: string, filter: object): Promise<number> =>
      connection.collection(collection).countDocuments(filter, { limit: countMax });
    const runs = new Gauge({
      name: 'recourse_runs',
      help: `Runs that wait or have stopped, by status; ${countMax} is that or more.`,
      labelNames: ['status'],
      registers,
      async collect() {
        for (const status of stuckStatuses) runs.set({ status }, await count('runs', { status }));
      },
    });
    const outbox = new Gauge({
      name: 'recourse_outbox_messages',
      help: `Messages to be delivered; ${countMax} is that or more.`,
      registers,
      async collect() {
        outbox.set(await count('outbox', {}));
      },
    });
    const mails = new Gauge({
      name: 'recourse_mails',
      help: `Mails on their way or failed, by state; ${countMax} is that or more.`,
      labelNames: ['state'],
      registers,
      async collect() {
        for (const state of ['queued', 'failed']) mails.set({ state }, await count('mails', { state }));
      },
    });
  }

  /** Notes each answer under the pattern of its route: paths hold numbers, and are without end. */
  readonly observe: RequestHandler = (request, response, next) => {
    const began = performance.now();
    response.once('close', () => {
      const route = (response.locals['route'] as string | undefined) ?? 'none';
      const { method } = request;
      this.#requests.inc({ method, route, status: response.statusCode });
      this.#duration.observe({ method, route }, (performance.now() - began) / 1_000);
    });
    next();
  };
}
