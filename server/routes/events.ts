// Events that other systems tell of: they start flows, and runs that wait for them go on.
import { createHash } from 'node:crypto';
import { type Engine, engineLimits, type Json, type ToldEvent } from '../../engine/index.js';
import { eventAnswer } from '../answers/run-answers.js';
import { InputCheck } from '../input.js';
import { idempotencyKey, signedIn } from '../request/conditions.js';
import type { Route } from './route.js';

/** Room for what is around the payload. */
const bodyBytesMax = engineLimits.eventPayloadBytesMax + 4_096;

const eventBody = new InputCheck({
  type: 'object',
  properties: {
    event: { type: 'string', minLength: 1, maxLength: 120, description: 'the name of the event' },
    key: {
      type: 'string',
      minLength: 1,
      maxLength: 200,
      description: 'what it is about: events with one key arrive in order, and waits may be for one key',
    },
    payload: { type: 'object', description: 'what is told, at most 256 KiB; an empty object if absent' },
  },
  required: ['event'],
  additionalProperties: false,
});

const eventJson = ({ kept: { id, event, key, at, by, listeners }, starts }: ToldEvent) => ({
  id,
  event,
  key: key ?? null,
  at,
  by,
  listeners: { flows: listeners.flows.length, runs: listeners.runs },
  starts,
});

/** Of one caller: another one's key is another key. */
const toEventId = (user: string, key: string): string =>
  createHash('sha256')
    .update(JSON.stringify([user, key]))
    .digest('hex')
    .slice(0, 32);

export const eventRoutes = (engine: Engine): Route[] => [
  {
    method: 'post',
    path: '/api/v1/events',
    access: { permission: 'events.publish' },
    summary: 'Tell of an event: it starts flows, and runs that wait for it go on.',
    needs: 'idempotency-key',
    body: eventBody,
    bodyBytesMax,
    answers: { 202: eventAnswer },
    async handle(request, response, { body }) {
      const { event, key, payload = {} } = body;
      const { userName } = signedIn(response);
      const told = await engine.publish({
        id: toEventId(userName, idempotencyKey(request)),
        event: String(event),
        payload: payload as Json,
        by: userName,
        ...(key === undefined ? {} : { key: String(key) }),
      });
      if (told.replayed) response.setHeader('Idempotency-Replayed', 'true');
      response.setHeader('Location', `/api/v1/events/${told.kept.id}`);
      response.status(202).json(eventJson(told));
    },
  },
  {
    method: 'get',
    path: '/api/v1/events/:event',
    access: { permission: 'events.publish' },
    summary: 'An event that was told, who listened, and which runs it has started.',
    answers: { 200: eventAnswer },
    async handle(request, response) {
      response.json(eventJson(await engine.event(String(request.params['event']))));
    },
  },
];
