// The side of the simulator that tests and people steer it by, on a port of its own so that it answers while the provider is
// down: faults, clock, keys, webhooks, and what really happened.
import express, { type ErrorRequestHandler, type Express } from 'express';
import type { EffectLog } from './effect-log.js';
import { callKinds, type FaultPlan, type FaultPlans, faultKinds, isFaultKind } from './faults.js';
import { holdMsMax } from './provider-app.js';
import type { SimulatedLedger } from './simulated-ledger.js';
import { invalid, Refusal } from './simulated-payment.js';
import { isLoopbackUrl, type Webhooks } from './webhooks.js';

export interface ControlDeps {
  readonly log: EffectLog;
  readonly ledger: SimulatedLedger;
  readonly plans: FaultPlans;
  readonly webhooks: Webhooks;
  readonly advanceClock: (ms: number) => void;
  readonly setSearchLag: (ms: number) => void;
  /** Stops listening, so that connections are refused. */
  readonly goDown: () => Promise<void>;
  readonly comeUp: () => Promise<void>;
}

const linesPerPageMax = 1_000;
const yearMs = 366 * 24 * 60 * 60 * 1_000;

type Fields = Readonly<Record<string, unknown>>;

export function createControlApp(deps: ControlDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: 8_192 }));
  app.get('/log', (request, response) => {
    const after = wholeIn(
      { after: Number(request.query['after'] ?? 0) },
      'after',
      0,
      Number.MAX_SAFE_INTEGER,
    );
    const lines = deps.log.lines.slice(after, after + linesPerPageMax);
    response.json({ lines, next: lines.length < linesPerPageMax ? null : after + lines.length });
  });
  app.get('/payments/:id', (request, response) => {
    response.json(deps.ledger.payment(request.params.id));
  });
  app.post('/faults', (request, response) => {
    if (!deps.plans.add(toPlan(fieldsOf(request.body)))) throw invalid('There are too many faults already.');
    response.status(204).end();
  });
  app.delete('/faults', (_request, response) => {
    deps.plans.clear();
    response.status(204).end();
  });
  app.post('/clock', (request, response) => {
    deps.advanceClock(wholeIn(fieldsOf(request.body), 'advanceMs', 0, yearMs));
    response.status(204).end();
  });
  app.post('/keys/forget', (_request, response) => {
    deps.ledger.forgetKeys();
    response.status(204).end();
  });
  app.post('/search', (request, response) => {
    deps.setSearchLag(wholeIn(fieldsOf(request.body), 'lagMs', 0, yearMs));
    response.status(204).end();
  });
  app.post('/webhook', (request, response) => {
    const fields = fieldsOf(request.body);
    const { url, secret } = fields;
    if (typeof url !== 'string' || !isLoopbackUrl(url) || typeof secret !== 'string') {
      throw invalid('A webhook has a URL on loopback, and a secret.');
    }
    deps.webhooks.target = { url, secret, times: wholeIn({ times: 1, ...fields }, 'times', 0, 10) };
    response.status(204).end();
  });
  app.post('/down', async (_request, response) => {
    await deps.goDown();
    response.status(204).end();
  });
  app.post('/up', async (_request, response) => {
    await deps.comeUp();
    response.status(204).end();
  });
  const failed: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
    const status = error instanceof Refusal ? error.status : 400;
    response.status(status).json({ error: error instanceof Refusal ? error.message : 'not understood' });
  };
  app.use(failed);
  return app;
}

function toPlan(fields: Fields): FaultPlan {
  const { fault, call = '*', decline } = fields;
  if (!isFaultKind(fault)) throw invalid(`fault is one of ${faultKinds.join(', ')}`);
  const known = (['*', ...callKinds] as const).find((each) => each === call);
  if (known === undefined) throw invalid(`call is * or one of ${callKinds.join(', ')}`);
  return {
    fault,
    call: known,
    times: wholeIn({ times: 1, ...fields }, 'times', 1, 1_000_000),
    skip: wholeIn({ skip: 0, ...fields }, 'skip', 0, 1_000_000),
    delayMs: wholeIn({ delayMs: 1_000, ...fields }, 'delayMs', 0, holdMsMax),
    ...(typeof decline === 'string' ? { decline } : {}),
  };
}

function wholeIn(fields: Fields, name: string, min: number, max: number): number {
  const value = fields[name];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw invalid(`${name} is a whole number from ${min} to ${max}`);
}

const fieldsOf = (body: unknown): Fields =>
  typeof body === 'object' && body !== null ? (body as Fields) : {};
