// What a person does through the API: finds an order, previews and starts actions, answers tasks.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { SampleApp } from '../sample-app.js';

export interface MoneyJson {
  readonly amount: string;
  readonly currency: string;
}

export interface OrderJson {
  readonly number: string;
  readonly status: string;
  readonly currency: string;
  readonly total: MoneyJson;
  readonly holds: readonly unknown[];
  readonly lines: readonly {
    readonly id: string;
    readonly sku: string;
    readonly returnable: boolean;
    readonly remaining: number;
    readonly availableToCancel: number;
    readonly availableToReturn: number;
    readonly total: MoneyJson;
  }[];
  readonly payments: readonly {
    readonly id: string;
    readonly reference: string | null;
    readonly authorized: MoneyJson;
    readonly captured: MoneyJson;
    readonly refunded: MoneyJson;
  }[];
  readonly movements: readonly {
    readonly type: string;
    readonly state: string;
    readonly reference: string;
  }[];
  readonly changeOrders: readonly { readonly id: string; readonly type: string; readonly by: string }[];
  readonly returnOrders: readonly { readonly id: string; readonly status: string }[];
  readonly creditMemos: readonly {
    readonly id: string;
    readonly total: MoneyJson;
    readonly open: MoneyJson;
  }[];
}

export interface RunJson {
  readonly id: string;
  readonly status: string;
  readonly outputs: Readonly<Record<string, unknown>> | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly work: readonly WorkJson[];
  readonly incident?: unknown;
}

export interface WorkJson {
  readonly run: string;
  readonly frame: string;
  readonly element: string;
  readonly visit: number;
  readonly answers: readonly string[];
  readonly form: Readonly<Record<string, unknown>>;
}

export class Client {
  readonly #app: SampleApp;
  readonly #authorization: string;

  constructor(app: SampleApp, authorization: string) {
    this.#app = app;
    this.#authorization = authorization;
  }

  static async as(app: SampleApp, username: string): Promise<Client> {
    return new Client(app, await app.signIn(username));
  }

  get(path: string) {
    return this.#app.request().get(path).set('authorization', this.#authorization);
  }

  post(path: string, body: object, key: string = randomUUID()) {
    return this.#app
      .request()
      .post(path)
      .set('authorization', this.#authorization)
      .set('idempotency-key', key)
      .send(body);
  }

  put(path: string, body: object, ifMatch: string) {
    return this.#app
      .request()
      .put(path)
      .set('authorization', this.#authorization)
      .set('if-match', ifMatch)
      .send(body);
  }

  async order(number: string): Promise<OrderJson> {
    return (await this.get(`/api/v1/orders/${number}`).expect(200)).body as OrderJson;
  }

  /** The numbers of orders of a status that also fulfil a condition. */
  async find(status: string, fits: (order: OrderJson) => boolean = () => true): Promise<OrderJson> {
    const { body } = await this.get(`/api/v1/orders?status=${encodeURIComponent(status)}&limit=100`).expect(
      200,
    );
    for (const { number } of (body as { items: { number: string }[] }).items) {
      const order = await this.order(number);
      if (fits(order)) return order;
    }
    throw new Error(`no order is ${status} and fits`);
  }

  preview(order: string, flow: string, input: object) {
    return this.post(`/api/v1/orders/${order}/actions/${flow}/preview`, { input });
  }

  /** Starts an action that succeeds so far. */
  async start(order: string, flow: string, input: object): Promise<RunJson> {
    const response = await this.post(`/api/v1/orders/${order}/actions/${flow}`, { input });
    assert.equal(response.status, 201, JSON.stringify(response.body));
    return (response.body as { run: RunJson }).run;
  }

  async run(id: string): Promise<RunJson> {
    return (await this.get(`/api/v1/runs/${id}`).expect(200)).body as RunJson;
  }

  answer(work: WorkJson, name: string, payload: object = {}) {
    const { frame, element, visit } = work;
    return this.post(`/api/v1/runs/${work.run}/answers`, { frame, element, visit, name, payload });
  }

  /** Claims the one open task of a run and answers it. */
  async work(id: string, values: object): Promise<RunJson> {
    const [work] = (await this.run(id)).work;
    assert.ok(work, 'there is open work');
    await this.answer(work, 'claim').expect(200);
    const response = await this.answer(work, 'answer', { values });
    assert.equal(response.status, 200, JSON.stringify(response.body));
    return response.body as RunJson;
  }
}
