// What can be done with an order now, what it would come to, and doing it: every active flow that acts on orders.
import type { Request, Response } from 'express';
import type { Engine, FlowDefinition, Json, RunState } from '../../engine/index.js';
import { runErrors } from '../../engine/runtime/run-errors.js';
import { orderErrors } from '../../orders/order-errors.js';
import { toOrderView } from '../../orders/aggregate/order-view.js';
import type { Models } from '../../store/connect.js';
import { loadAggregate } from '../../store/order-binding.js';
import { items } from '../answers/answer.js';
import { offeredAction, previewAnswer } from '../answers/order-answers.js';
import { startedAnswer } from '../answers/run-answers.js';
import { seesOrderOf, toRunUser } from '../auth/run-user.js';
import type { Principal } from '../auth/sessions.js';
import type { ServerEngine } from '../engine/compose-engine.js';
import { InputCheck } from '../input.js';
import { runJson } from '../json/run-json.js';
import { serverErrors } from '../server-errors.js';
import { idempotencyKey, preferredWaitMs, signedIn } from '../request/conditions.js';
import type { Route } from './route.js';

const orderNumber = /^[A-Za-z0-9._-]{1,40}$/;

const input = { type: 'object', description: 'the inputs of the flow by name' } as const;

const previewBody = new InputCheck({ type: 'object', properties: { input }, additionalProperties: false });

const startBody = new InputCheck({
  type: 'object',
  properties: {
    input,
    previewHash: {
      type: 'string',
      pattern: '^[0-9a-f]{64}$',
      description: '`hash` of the preview that was seen: refused if the figures have changed since',
    },
  },
  additionalProperties: false,
});

/** @throws {RecourseError} `orders.unknown-order`, also for an order that the principal may not see */
export async function visibleOrder(models: Models, principal: Principal, number: string) {
  const found = orderNumber.test(number) ? await loadAggregate(models, number) : undefined;
  if (found === undefined || !seesOrderOf(principal, found.aggregate.placed.customer.number)) {
    throw orderErrors.error('unknown-order', `there is no order ${JSON.stringify(number.slice(0, 40))}`);
  }
  return found;
}

/** The schema of a flow's inputs. */
export function inputSchemaOf({ variables = {} }: FlowDefinition): Record<string, unknown> {
  const inputs = Object.entries(variables).filter(([, { input }]) => input === true);
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(
      inputs.map(([name, { schema, description, default: given }]) => [
        name,
        {
          ...schema,
          ...(description === undefined ? {} : { description }),
          ...(given === undefined ? {} : { default: given }),
        },
      ]),
    ),
    required: inputs.filter(([, variable]) => variable.default === undefined).map(([name]) => name),
  };
}

/** A flow acts on orders when its trigger says so. */
const actsOnOrders = ({ start: { trigger } }: FlowDefinition): boolean =>
  trigger.type === 'action' && trigger.record === 'order';

export function orderActionRoutes(models: Models, flows: ServerEngine): Route[] {
  const { engine } = flows;
  const subjectOf = async (request: Request, response: Response) => {
    const principal = signedIn(response);
    const number = String(request.params['number']);
    await visibleOrder(models, principal, number);
    return { user: toRunUser(principal), subject: { type: 'order', id: number } };
  };
  return [
    {
      method: 'get',
      path: '/api/v1/orders/:number/actions',
      access: { permission: 'orders.read' },
      summary: 'What can be done with the order now, by this user, or why not.',
      answers: { 200: items(offeredAction) },
      async handle(request, response) {
        const { user, subject } = await subjectOf(request, response);
        const active = (await engine.versions.listActive()).filter(({ definition }) =>
          actsOnOrders(definition),
        );
        const names = active.map(({ name }) => name);
        const answers = await engine.applicabilities(names, subject, user);
        const items = active.map(({ name, version, definition }, at) => {
          const { applies, reasons, missing } = answers[at]!;
          return {
            flow: name,
            version,
            label: definition.label,
            description: definition.description ?? null,
            applies,
            reasons,
            missingPermissions: missing,
            input: inputSchemaOf(definition),
          };
        });
        response.json({ items });
      },
    },
    {
      method: 'post',
      path: '/api/v1/orders/:number/actions/:flow/preview',
      access: { permission: 'orders.read' },
      isCostly: true,
      summary: 'What an action would come to; nothing is changed.',
      body: previewBody,
      answers: { 200: previewAnswer },
      async handle(request, response, { body }) {
        const { user, subject } = await subjectOf(request, response);
        const { input = {} } = body;
        const flow = String(request.params['flow']);
        await requireByHand(engine, flow);
        const { journal: _journal, ...preview } = await engine.preview({
          flow,
          user,
          subject,
          input: withOrder(await definitionOf(engine, flow), input as Record<string, Json>, subject.id),
        });
        response.json(preview);
      },
    },
    {
      method: 'post',
      path: '/api/v1/orders/:number/actions/:flow',
      access: { permission: 'orders.read' },
      summary: 'Do it.',
      needs: 'idempotency-key',
      body: startBody,
      answers: { 201: startedAnswer, 202: startedAnswer },
      async handle(request, response, { body }) {
        const { input = {}, previewHash } = body;
        const flow = String(request.params['flow']);
        await answerStart(flows, request, response, async (key) => {
          const { user, subject } = await subjectOf(request, response);
          return {
            flow,
            user,
            subject,
            key,
            input: withOrder(await definitionOf(engine, flow), input as Record<string, Json>, subject.id),
            ...(previewHash === undefined ? {} : { previewHash: String(previewHash) }),
            order: async () => {
              const found = await loadAggregate(models, subject.id);
              return found && toOrderView(found.aggregate);
            },
          };
        });
      },
    },
  ];
}

/** The definition of the active version; what is not active can't be started. */
async function definitionOf(engine: Engine, flow: string): Promise<FlowDefinition | undefined> {
  const ref = await engine.versions.active(flow);
  return ref === undefined ? undefined : (await engine.versions.compiled(ref)).definition;
}

/** A flow on orders that takes `order` as input is given the number in the path. */
function withOrder(
  definition: FlowDefinition | undefined,
  input: Readonly<Record<string, Json>>,
  number: string,
): Readonly<Record<string, Json>> {
  if (input['order'] !== undefined && input['order'] !== number) {
    throw serverErrors.error('invalid-request', 'the order of the path and of the input differ', {
      problems: [
        {
          pointer: '/input/order',
          code: 'server.invalid-field',
          detail: `the input names another order than the path, ${number}`,
        },
      ],
    });
  }
  return definition?.variables?.['order']?.input === true ? { ...input, order: number } : input;
}

type Start = Parameters<Engine['start']>[0] & {
  readonly key: string;
  /** What the answer shows of the order. */
  readonly order?: () => Promise<unknown>;
};

/** Starts a flow and answers: 201 where it has come to an end or to a person, 202 where it is under way. */
export async function answerStart(
  { engine, admission }: ServerEngine,
  request: Request,
  response: Response,
  prepare: (key: string) => Promise<Start>,
): Promise<void> {
  const key = idempotencyKey(request);
  await admission.admit(key, async () => {
    const { order, ...start } = await prepare(key);
    await requireByHand(engine, start.flow);
    const began = await engine.startOnce({ ...start, refusesFaults: true });
    const run = await engine.settled(began.run.id, preferredWaitMs(request));
    response.setHeader('Location', `/api/v1/runs/${run.id}`);
    if (began.replayed) response.setHeader('Idempotency-Replayed', 'true');
    response.status(isUnderWay(run) ? 202 : 201).json({
      run: runJson(run),
      ...(order === undefined ? {} : { order: (await order()) ?? null }),
    });
  });
}

/** @throws {RecourseError} `run.not-applicable`: what events, changes and the clock start has no other beginning */
async function requireByHand(engine: Engine, flow: string): Promise<void> {
  const definition = await definitionOf(engine, flow);
  if (definition === undefined || definition.start.trigger.type === 'action') return;
  throw runErrors.error(
    'not-applicable',
    `${definition.label} is started by its trigger (${definition.start.trigger.type}), and not by hand.`,
  );
}

/** It has come neither to its end nor to a person, nor to an incident. */
const isUnderWay = ({ status }: RunState): boolean => status === 'active' || status === 'compensating';
