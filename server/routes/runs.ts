// Runs: the list, one of them with its journal, what people answer and send, and what operators do to it.
import type { Request, Response } from 'express';
import {
  type Engine,
  type Json,
  openWorkOf,
  type RunState,
  type RunStatus,
  type WorkPage,
} from '../../engine/index.js';
import { runErrors } from '../../engine/runtime/run-errors.js';
import type { Models } from '../../store/connect.js';
import { loadAggregate } from '../../store/order-binding.js';
import { numberedPage, page } from '../answers/answer.js';
import {
  journalChunk,
  listedRun,
  openWork,
  runStatuses,
  signalAnswer,
  wholeRun,
} from '../answers/run-answers.js';
import type { Permission } from '../auth/permissions.js';
import { seesOrderOf, toRunUser } from '../auth/run-user.js';
import type { Principal } from '../auth/sessions.js';
import type { Cursors } from '../cursor.js';
import type { ServerEngine } from '../engine/compose-engine.js';
import { type Input, InputCheck } from '../input.js';
import { framePath, name, type Operation, operationSummaries, operations } from '../runs/operation-inputs.js';
import { operate, operationChecks } from '../runs/operations.js';
import { listedRunJson, runJson, workJson } from '../json/run-json.js';
import { idempotencyKey, preferredWaitMs, signedIn } from '../request/conditions.js';
import { limit, limitDefault } from '../request/inputs.js';
import { newestFirst, pageParameters, toPage } from '../request/page.js';
import { serverErrors } from '../server-errors.js';
import type { Route } from './route.js';

const listQuery = new InputCheck({
  type: 'object',
  properties: {
    status: { type: 'string', enum: runStatuses, description: `one of ${runStatuses.join(', ')}` },
    flow: { ...name, description: 'the name of a flow' },
    order: { ...name, description: 'the number of an order' },
    ...pageParameters,
  },
  additionalProperties: false,
});
const journalQuery = new InputCheck({
  type: 'object',
  properties: {
    after: { type: 'integer', minimum: 0, description: 'the `next` of the page before; 0 if absent' },
    limit,
  },
  additionalProperties: false,
});
const taskQuery = new InputCheck({
  type: 'object',
  properties: { limit, after: { ...name, description: '`next` of the page before' } },
  additionalProperties: false,
});
const place = {
  frame: { ...framePath, description: 'the frame, as the run tells it; main if absent' },
  element: { ...name, description: 'the element that waits' },
  visit: { type: 'integer', minimum: 1, description: 'the visit, as the run tells it' },
} as const;

const answerBody = new InputCheck({
  type: 'object',
  properties: {
    ...place,
    name: { ...name, description: 'answer, claim or release; answer if absent' },
    payload: {
      type: 'object',
      description: 'what is answered: {"values": …} of a screen or task, {"approved": …}',
    },
  },
  required: ['element', 'visit'],
  additionalProperties: false,
});
const toWorkPage = ({ after, limit: count = limitDefault }: Input): WorkPage => ({
  limit: Number(count),
  ...(after === undefined ? {} : { after: String(after) }),
});

export function runRoutes(models: Models, { engine, assignees }: ServerEngine, cursors: Cursors): Route[] {
  /** The run of the path, where the principal may see it. */
  const visibleRun = async (request: Request, response: Response): Promise<RunState> => {
    const id = String(request.params['run']);
    const principal = signedIn(response);
    const unknown = runErrors.error('unknown', `there is no run ${id.slice(0, 80)}`);
    if (!/^[A-Za-z0-9._:-]{1,200}$/.test(id)) throw unknown;
    const run = await engine.run(id);
    if (!(await seesRun(models, principal, run))) throw unknown;
    return run;
  };
  const operationRoute = (operation: Operation): Route => ({
    method: 'post',
    path: `/api/v1/runs/:run/${operation}`,
    access: { permission: 'runs.operate' },
    summary: operationSummaries[operation],
    body: operationChecks.get(operation)!,
    answers: { 200: wholeRun },
    async handle(request, response, { body }) {
      const { userName } = signedIn(response);
      const run = await visibleRun(request, response);
      const { reason: why, seq, ...input } = body;
      const who = { by: userName, reason: String(why), ...(seq === undefined ? {} : { seq: Number(seq) }) };
      await operate(engine, run.id, operation, input, who);
      response.json(runJson(await engine.settled(run.id, preferredWaitMs(request))));
    },
  });
  return [
    {
      method: 'get',
      path: '/api/v1/runs',
      access: { permission: 'runs.read' },
      summary: 'Runs, the newest first.',
      query: listQuery,
      answers: { 200: page(listedRun) },
      async handle(_request, response, { query }) {
        const { status, flow, order } = query as { status?: RunStatus; flow?: string; order?: string };
        const { rows, next } = await newestFirst(
          { cursors, list: `runs ${JSON.stringify([status, flow, order])}`, query },
          ({ after, limit: count }) =>
            engine.runs({
              ...(status === undefined ? {} : { status }),
              ...(flow === undefined ? {} : { flow }),
              ...(order === undefined ? {} : { subject: { type: 'order', id: order } }),
              newest:
                after === undefined ? {} : { before: { startedAt: after.at.toISOString(), id: after.id } },
              limit: count,
            }),
          ({ startedAt, id }) => ({ at: new Date(startedAt), id }),
        );
        response.json({ items: rows.map(listedRunJson), next });
      },
    },
    {
      method: 'get',
      path: '/api/v1/runs/:run',
      access: 'signed-in',
      summary: 'One run.',
      answers: { 200: wholeRun },
      async handle(request, response) {
        const run = await visibleRun(request, response);
        response.setHeader('ETag', `"${run.seq}"`);
        response.json(runJson(run));
      },
    },
    {
      method: 'get',
      path: '/api/v1/runs/:run/journal',
      access: { permission: 'runs.read' },
      summary: 'What a run did, step by step.',
      query: journalQuery,
      answers: { 200: numberedPage(journalChunk) },
      async handle(request, response, { query }) {
        const { after = 0, limit: count = limitDefault } = query;
        const run = await visibleRun(request, response);
        const chunks = await engine.journal(run.id, Number(after), Number(count) + 1);
        const { rows, next } = toPage(chunks, Number(count), ({ seq }) => seq);
        response.json({
          items: rows.map(({ seq, n, at, by, entries }) => ({ seq, n, at, by, entries })),
          next,
        });
      },
    },
    {
      method: 'post',
      path: '/api/v1/runs/:run/answers',
      access: 'signed-in',
      summary: 'Answer, claim or give back what a run asks.',
      needs: 'idempotency-key',
      body: answerBody,
      answers: { 200: wholeRun, 202: wholeRun },
      async handle(request, response, { body }) {
        const key = idempotencyKey(request);
        const principal = signedIn(response);
        const run = await visibleRun(request, response);
        const { frame = 'main', element, visit, name: what = 'answer', payload = {} } = body;
        await checkMayAnswer(engine, principal, run, { frame: String(frame), element: String(element) });
        const user = toRunUser(principal);
        const came = await engine.answer(
          run.id,
          { frame: String(frame), element: String(element), visit: Number(visit), name: String(what) },
          payload as Json,
          { id: `${run.id}:answer:${user.id}:${key}`, by: user.id, user, refusesFaults: true },
        );
        if (came === 'duplicate') response.setHeader('Idempotency-Replayed', 'true');
        // A run that has stopped keeps it, and looks at it only when it goes on.
        response
          .status(came === 'kept' ? 202 : 200)
          .json(runJson(await engine.settled(run.id, preferredWaitMs(request))));
      },
    },
    {
      method: 'post',
      path: '/api/v1/runs/:run/signals/:signal',
      access: { permission: 'tasks.work' },
      summary: 'Send a run a signal.',
      needs: 'idempotency-key',
      body: 'any',
      answers: { 200: signalAnswer, 202: signalAnswer },
      async handle(request, response, { body }) {
        const key = idempotencyKey(request);
        const { userName } = signedIn(response);
        const run = await visibleRun(request, response);

        const came = await engine.signal(run.id, String(request.params['signal']), body as Json, {
          id: `${run.id}:signal:${userName}:${key}`,
          by: userName,
        });
        if (came === 'duplicate') response.setHeader('Idempotency-Replayed', 'true');
        response.status(came === 'kept' ? 202 : 200).json({
          signal: came,
          run: runJson(await engine.settled(run.id, preferredWaitMs(request))),
        });
      },
    },
    ...operations.map(operationRoute),
    {
      method: 'get',
      path: '/api/v1/tasks',
      access: { permission: 'tasks.work' },
      summary: 'What is for me, or for my groups.',
      query: taskQuery,
      answers: { 200: page(openWork) },
      async handle(_request, response, { query }) {
        const { work, next } = await engine.tasks(toRunUser(signedIn(response)), toWorkPage(query));
        response.json({ items: work.map(workJson), next: next ?? null });
      },
    },
    {
      method: 'get',
      path: '/api/v1/tasks/without-taker',
      access: { permission: 'runs.operate' },
      summary: 'Tasks and approvals that nobody can do: their user is gone, or nobody is in their group.',
      query: taskQuery,
      answers: { 200: page(openWork) },
      async handle(_request, response, { query }) {
        const gone = (await assignees?.withoutAnybody()) ?? [];
        const { work, next } = await engine.tasksFor(gone, toWorkPage(query));
        response.json({ items: work.map(workJson), next: next ?? null });
      },
    },
  ];
}

/** Runs on an order are as visible as it is; a shopper sees of the others only what they started. */
async function seesRun(models: Models, principal: Principal, { subject, user }: RunState): Promise<boolean> {
  if (user.id === principal.userName) return true;
  if (principal.roles.every((role) => role === 'shopper')) {
    if (subject?.type !== 'order') return false;
    const found = await loadAggregate(models, subject.id);
    return found !== undefined && seesOrderOf(principal, found.aggregate.placed.customer.number);
  }
  return principal.permissions.has('runs.read');
}

/** A screen is answered by whoever the run acts for, or who could have started it; tasks check their own people. */
async function checkMayAnswer(
  engine: Engine,
  principal: Principal,
  run: RunState,
  at: { readonly frame: string; readonly element: string },
): Promise<void> {
  const work = openWorkOf(run).find(
    ({ place: { frame, element } }) => frame === at.frame && element === at.element,
  );
  // What is not open is refused by the engine, which says what is.
  if (work === undefined) return;
  if (work.kind !== 'screen') {
    if (principal.permissions.has('tasks.work')) return;
    throw serverErrors.error('forbidden', 'this needs the permission tasks.work');
  }
  if ((run.actor ?? run.user).id === principal.userName) return;
  const { trigger } = (await engine.versions.compiled(run.flow)).definition.start;
  const needed = trigger.type === 'action' ? trigger.permission : undefined;
  const isStaff = principal.roles.some((role) => role !== 'shopper');
  if (!isStaff || (needed !== undefined && !principal.permissions.has(needed as Permission))) {
    throw serverErrors.error('forbidden', `this needs the permission ${needed ?? 'tasks.work'}`);
  }
}
