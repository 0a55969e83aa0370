// The simulator's side that speaks like Stripe: the key is checked first, then the fault, then the request is executed.
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import { declined, faultyAmounts } from './cards.js';
import { type ActiveFault, type CallKind, type FaultPlans, toFault } from './faults.js';
import * as calls from './provider-calls.js';
import type { Execution, SimulatedAnswer, SimulatedLedger, SimulatedRequest } from './simulated-ledger.js';
import { invalid, Refusal } from './simulated-payment.js';
import { type Shape, toFaultBody } from './stripe-answers.js';

export interface ProviderDeps {
  readonly ledger: SimulatedLedger;
  readonly plans: FaultPlans;
  readonly searchLagMs: () => number;
  /** Told what was done, once; sends the webhooks. */
  readonly happened: (execution: Execution) => void;
}

/** How long a request is left without an answer. */
export const holdMsMax = 60_000;
const hugeBytes = 8 * 1_048_576;
const bodyBytesMax = 32_768;

type Parameters = Readonly<Record<string, string>>;

export function createProviderApp(deps: ProviderDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use((request, response, next) => {
    response.setHeader('request-id', `req_${Math.random().toString(36).slice(2, 16)}`);
    const bearer = request.get('authorization') ?? '';
    if (/^Bearer (sk|rk)_\w+$/.test(bearer)) return next();
    return send(
      response,
      refusalOf(new Refusal(401, { type: 'invalid_request_error', message: 'Invalid API Key.' })),
    );
  });
  app.use(express.urlencoded({ extended: false, limit: bodyBytesMax, parameterLimit: 200 }));

  const reads =
    (call: CallKind, read: (request: Request<{ id: string }>, query: Parameters) => Shape) =>
    async (request: Request<{ id: string }>, response: Response): Promise<void> => {
      const fault = deps.plans.take(call);
      const answer = answerOf(() => read(request, textsOf(request.query)));
      await answerWith(response, fault, async () => answer);
    };
  const acts =
    (call: CallKind, perform: (request: Request<{ id: string }>, body: Parameters) => Execution) =>
    (request: Request<{ id: string }>, response: Response): Promise<void> =>
      act(deps, call, perform, request, response);

  const { ledger } = deps;
  app.get(
    '/v1/payment_intents/search',
    reads('search', (_, query) => calls.search(ledger, query, deps.searchLagMs())),
  );
  app.get(
    '/v1/payment_intents/:id',
    reads('status', ({ params }, query) => calls.readPayment(ledger, params.id, query)),
  );
  app.get(
    '/v1/refunds',
    reads('refunds', (_, query) => calls.listRefunds(ledger, query)),
  );
  app.post(
    '/v1/payment_intents',
    acts('authorize', (_, body) => calls.authorize(ledger, body)),
  );
  app.post(
    '/v1/payment_intents/:id/capture',
    acts('capture', ({ params }, body) => calls.capture(ledger, params.id, body)),
  );
  app.post(
    '/v1/payment_intents/:id/cancel',
    acts('release', ({ params }, body) => calls.cancel(ledger, params.id, body)),
  );
  app.post(
    '/v1/payment_intents/:id',
    acts('release', ({ params }, body) => calls.update(ledger, params.id, body)),
  );
  app.post(
    '/v1/refunds',
    acts('refund', (_, body) => calls.refund(ledger, body)),
  );
  app.use((_request, response) => {
    send(response, refusalOf(invalid('Unrecognized request URL.', {}, 404)));
  });
  const failed: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
    if (response.headersSent) response.destroy();
    else if (error instanceof Refusal) send(response, refusalOf(error));
    else {
      const status = (error as { status?: unknown }).status;
      const isCallers = typeof status === 'number' && status >= 400 && status < 500;
      send(
        response,
        refusalOf(new Refusal(isCallers ? status : 500, { type: 'api_error', message: 'Failed.' })),
      );
    }
  };
  app.use(failed);
  return app;
}

async function act(
  deps: ProviderDeps,
  call: CallKind,
  perform: (request: Request<{ id: string }>, body: Parameters) => Execution,
  request: Request<{ id: string }>,
  response: Response,
): Promise<void> {
  const { ledger } = deps;
  const parameters = textsOf(request.body ?? {});
  const key = request.get('idempotency-key');
  if (key !== undefined && (key.length < 1 || key.length > 255)) {
    throw invalid('Idempotency keys have 1 to 255 characters.');
  }
  const simulated: SimulatedRequest = { path: `${request.method} ${request.path}`, key, parameters };
  const fault = deps.plans.take(call);
  const claim = ledger.claim(simulated);
  if (typeof claim !== 'function') {
    // It was executed before, so that only what happens around it can go wrong again.
    return answerWith(response, fault?.keeps === undefined ? fault : undefined, async () => {
      await ledger.flushed();
      return claim;
    });
  }
  const amountFault = faultyAmounts.get(Number(parameters['amount'] ?? parameters['amount_to_capture']));
  const active = fault ?? (amountFault === undefined ? undefined : toFault(amountFault));
  try {
    await answerWith(response, active, async () => {
      let execution: Execution | undefined;
      const kept =
        active?.keeps === 'nothing'
          ? 'nothing'
          : active?.answer === 'error' && active.keeps === 'fault'
            ? fiveHundred
            : 'answer';
      const answer = ledger.execute(
        simulated,
        () => {
          if (active?.answer === 'refusal') throw declined(active.decline);
          execution = perform(request, parameters);
          return execution;
        },
        kept,
      );
      await ledger.flushed();
      if (execution !== undefined) deps.happened(execution);
      return answer;
    });
  } finally {
    claim();
  }
}

const fiveHundred: SimulatedAnswer = {
  status: 500,
  body: { error: { type: 'api_error', message: 'An error occurred on our end.' } },
};

/** Executes and answers as the fault wants it, usually if there is none. */
async function answerWith(
  response: Response,
  fault: ActiveFault | undefined,
  execute: () => Promise<SimulatedAnswer>,
): Promise<void> {
  if (fault === undefined || fault.answer === 'refusal') return send(response, await execute());
  if (fault.waits === 'before') await pause(fault.delayMs);
  const answer = fault.when === 'after' ? await execute() : undefined;
  if (fault.waits === 'after') await pause(fault.delayMs);
  switch (fault.answer) {
    case 'none':
      return hold(response);
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'error':
      return send(response, fiveHundred);
    case 'unavailable':
      return send(response, { status: 503, body: { error: { type: 'api_error', message: 'Unavailable.' } } });
    case 'rate-limit':
      return send(response, refusalOf(invalid('Too many requests.', { code: 'rate_limit' }, 429)));
    case 'redirect':
      response.redirect(307, response.req.originalUrl);
      return;
    case 'cut': {
      const text = JSON.stringify(answer!.body);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length + 100 });
      response.write(text.slice(0, text.length / 2), () => response.socket?.resetAndDestroy());
      return;
    }
    case 'not-json':
      response.status(200).type('html').send('<html><body>It works!</body></html>');
      return;
    case 'other-object':
      return send(response, { status: 200, body: { id: 'cus_1', object: 'customer', amount: -1 } });
    case 'huge':
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`{"object":"payment_intent","id":"${'x'.repeat(hugeBytes)}"}`);
      return;
    case 'twice': {
      const body = JSON.stringify(answer!.body);
      const text = `HTTP/1.1 ${answer!.status} OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
      response.socket?.end(text + text);
      return;
    }
    case 'usual':
      return send(response, answer!);
  }
}

function send(response: Response, { status, body, replayed }: SimulatedAnswer): void {
  if (response.destroyed) return;
  if (replayed === true) response.setHeader('idempotent-replayed', 'true');
  response.status(status).json(body);
}

/** Until the caller gives up, at most `holdMsMax`. */
async function hold(response: Response): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, holdMsMax);
    response.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  response.destroy();
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.min(ms, holdMsMax)));

function answerOf(read: () => Shape): SimulatedAnswer {
  try {
    return { status: 200, body: read() };
  } catch (error) {
    if (error instanceof Refusal) return refusalOf(error);
    throw error;
  }
}

const refusalOf = (refusal: Refusal): SimulatedAnswer => ({
  status: refusal.status,
  body: toFaultBody(refusal),
});

/** A parameter that is given twice is refused. @throws {Refusal} */
function textsOf(fields: unknown): Parameters {
  const entries = Object.entries(fields as Record<string, unknown>);
  if (entries.some(([, value]) => typeof value !== 'string')) throw invalid('A parameter was given twice.');
  return Object.fromEntries(entries) as Record<string, string>;
}
