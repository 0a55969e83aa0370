// Starting flows that act on no order.
import type { Engine } from '../../engine/index.js';
import { startedAnswer } from '../answers/run-answers.js';
import { toRunUser } from '../auth/run-user.js';
import type { ServerEngine } from '../engine/compose-engine.js';
import { InputCheck } from '../input.js';
import { signedIn } from '../request/conditions.js';
import { nameOf } from './flow-versions.js';
import { answerStart } from './order-actions.js';
import type { Route } from './route.js';

const startBody = new InputCheck({
  type: 'object',
  properties: { input: { type: 'object', description: 'the inputs of the flow by name' } },
  additionalProperties: false,
});

export function flowStartRoutes(flows: ServerEngine): Route[] {
  return [
    {
      method: 'post',
      path: '/api/v1/flows/:flow/runs',
      access: 'signed-in',
      summary: 'Start a flow that acts on no order.',
      needs: 'idempotency-key',
      body: startBody,
      answers: { 201: startedAnswer, 202: startedAnswer },
      async handle(request, response, { body }) {
        const { input = {} } = body;
        await answerStart(flows, request, response, async (key) => ({
          flow: nameOf(request),
          user: toRunUser(signedIn(response)),
          key,
          input: input as NonNullable<Parameters<Engine['start']>[0]['input']>,
        }));
      },
    },
  ];
}
