// All payments and remembered keys of the simulator: rebuilt from the log, changed only by appending to it.
import { createHash } from 'node:crypto';
import type { Effect, EffectLog } from './effect-log.js';
import { invalid, Refusal, type SimulatedPayment } from './simulated-payment.js';
import { type Shape, toFaultBody } from './stripe-answers.js';

export interface SimulatedRequest {
  /** `POST /v1/refunds`. */
  readonly path: string;
  readonly key: string | undefined;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface SimulatedAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly replayed?: boolean;
}

/** What executing a request comes to. */
export interface Execution {
  readonly body: Shape;
  readonly payment: SimulatedPayment;
  readonly effect?: Effect;
}

interface Remembered {
  readonly request: string;
  readonly answer: SimulatedAnswer;
  readonly atMs: number;
}

const paymentsMax = 200_000;

export class SimulatedLedger {
  readonly #log: EffectLog;
  readonly #now: () => number;
  readonly #keyLifetimeMs: number;
  readonly #payments = new Map<string, SimulatedPayment>();
  readonly #keys = new Map<string, Remembered>();
  readonly #underWay = new Set<string>();

  constructor(log: EffectLog, now: () => number, keyLifetimeMs: number) {
    this.#log = log;
    this.#now = now;
    this.#keyLifetimeMs = keyLifetimeMs;
    for (const { key, request, status, body, payment, keyForgotten, at } of log.lines) {
      if (payment !== undefined) this.#payments.set(payment.id, payment);
      if (key !== undefined && keyForgotten !== true) {
        this.#keys.set(key, { request, answer: { status, body }, atMs: Date.parse(at) });
      }
    }
  }

  get nowMs(): number {
    return this.#now();
  }

  payments(): Iterable<SimulatedPayment> {
    return this.#payments.values();
  }

  /** @throws {Refusal} */
  payment(id: string | undefined): SimulatedPayment {
    const payment = id === undefined ? undefined : this.#payments.get(id);
    if (payment !== undefined) return payment;
    throw invalid('No such payment_intent.', { code: 'resource_missing', param: 'intent' }, 404);
  }

  /** Takes over payments that were made elsewhere; those that are known stay as they are. */
  adopt(payments: readonly SimulatedPayment[]): void {
    const unknown = payments.filter(({ id }) => !this.#payments.has(id));
    this.#log.append(
      unknown.map((payment) => ({
        at: new Date(this.#now()).toISOString(),
        path: 'adopted',
        request: payment.id,
        status: 200,
        body: {},
        payment,
      })),
    );
    this.#log.flushNow();
    for (const payment of unknown) this.#payments.set(payment.id, payment);
  }

  forgetKeys(): void {
    this.#keys.clear();
  }

  /**
   * Takes a key for a request that is about to be executed: the answer, if it was executed before, else the way to give the
   * key back.
   *
   * @throws {Refusal} when the key is under way, or belongs to another request
   */
  claim(request: SimulatedRequest): SimulatedAnswer | (() => void) {
    const { key } = request;
    if (key === undefined) return () => {};
    const known = this.#keys.get(key);
    if (known !== undefined && this.#now() - known.atMs < this.#keyLifetimeMs) {
      if (known.request === hashOf(request)) return { ...known.answer, replayed: true };
      throw new Refusal(400, {
        type: 'idempotency_error',
        message:
          'Keys for idempotent requests can only be used with the same parameters they were first used with.',
      });
    }
    if (this.#underWay.has(key)) {
      throw new Refusal(409, {
        type: 'invalid_request_error',
        code: 'idempotency_key_in_use',
        message: 'There is currently another in-progress request using this key.',
      });
    }
    this.#underWay.add(key);
    return () => this.#underWay.delete(key);
  }

  /** When all that was written down until now is on disk: before that no answer may leave. */
  flushed(): Promise<void> {
    return this.#log.flushed();
  }

  /**
   * Does it, writes it down, and remembers the answer under the key. Refusals are remembered, too, unless they are about the
   * parameters.
   *
   * @param kept what becomes of the key: the answer is kept, forgotten, or kept as another one.
   */
  execute(
    request: SimulatedRequest,
    perform: () => Execution,
    kept: 'answer' | 'nothing' | SimulatedAnswer = 'answer',
  ): SimulatedAnswer {
    if (this.#log.isFull || this.#payments.size >= paymentsMax) {
      return { status: 503, body: { error: { type: 'api_error', message: 'The simulator is full.' } } };
    }
    let answer: SimulatedAnswer;
    let execution: Execution | undefined;
    try {
      execution = perform();
      answer = { status: 200, body: execution.body };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      answer = { status: error.status, body: toFaultBody(error) };
      const isSaved = error.fault['type'] === 'card_error' || error.fault['code'] !== undefined;
      if (!isSaved) return answer;
    }
    this.#remember(
      request,
      kept === 'answer' || kept === 'nothing' ? answer : kept,
      execution,
      kept === 'nothing',
    );
    return answer;
  }

  #remember(
    request: SimulatedRequest,
    answer: SimulatedAnswer,
    execution: Execution | undefined,
    keyForgotten: boolean,
  ): void {
    const { key, path } = request;
    const hash = hashOf(request);
    const { status, body } = answer;
    const atMs = this.#now();
    const line = {
      at: new Date(atMs).toISOString(),
      path,
      ...(key === undefined ? {} : { key }),
      request: hash,
      status,
      body,
      ...(keyForgotten ? { keyForgotten } : {}),
      ...(execution?.effect === undefined ? {} : { effect: execution.effect }),
      ...(execution === undefined ? {} : { payment: execution.payment }),
    };
    this.#log.append([line]);
    if (execution !== undefined) this.#payments.set(execution.payment.id, execution.payment);
    if (key !== undefined && !keyForgotten)
      this.#keys.set(key, { request: hash, answer: { status, body }, atMs });
  }
}

function hashOf({ path, parameters }: SimulatedRequest): string {
  const sorted = Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([path, sorted]))
    .digest('hex');
}
