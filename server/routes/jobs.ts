// One operation on many runs, and how far it has come.
import type { Engine, RunStatus } from '../../engine/index.js';
import type { JobRecord } from '../../store/models/job.js';
import { jobAnswer, runStatuses } from '../answers/run-answers.js';
import { InputCheck, refuse } from '../input.js';
import { idempotencyKey, signedIn } from '../request/conditions.js';
import type { Jobs } from '../runs/jobs.js';
import { name, type Operation, operations, reason } from '../runs/operation-inputs.js';
import { bulkInput } from '../runs/operations.js';
import type { Route } from './route.js';

const runsMax = 1_000;

const bulkBody = new InputCheck({
  type: 'object',
  properties: {
    operation: { type: 'string', enum: operations, description: `one of ${operations.join(', ')}` },
    reason,
    runs: {
      type: 'array',
      items: { type: 'string', pattern: name.pattern },
      minItems: 1,
      maxItems: runsMax,
      uniqueItems: true,
      description: `ids of 1 to ${runsMax} runs; give these, or a filter`,
    },
    filter: {
      type: 'object',
      properties: {
        status: { type: 'string', enum: runStatuses },
        flow: name,
        order: name,
      },
      minProperties: 1,
      additionalProperties: false,
      description: `status, flow or order of the runs; at most ${runsMax} are taken, the oldest first`,
    },
    input: { type: 'object', description: 'what the operation takes of one run, without reason and seq' },
  },
  required: ['operation', 'reason'],
  additionalProperties: false,
});

const jobJson = ({
  _id,
  operation,
  status,
  runs,
  done,
  failed,
  ...job
}: JobRecord): Record<string, unknown> => ({
  id: _id,
  operation,
  reason: job.reason,
  status,
  of: runs.length,
  done,
  failed,
  startedAt: job.startedAt,
  startedBy: job.startedBy,
  endedAt: job.endedAt ?? null,
});

/** The runs that a filter finds now. */
async function runsOf(
  engine: Engine,
  { status, flow, order }: { readonly status?: RunStatus; readonly flow?: string; readonly order?: string },
): Promise<string[]> {
  const found = await engine.runs({
    ...(status === undefined ? {} : { status }),
    ...(flow === undefined ? {} : { flow }),
    ...(order === undefined ? {} : { subject: { type: 'order', id: order } }),
    limit: runsMax,
  });
  return found.map(({ id }) => id);
}

export function jobRoutes(engine: Engine, jobs: Jobs): Route[] {
  return [
    {
      method: 'post',
      path: '/api/v1/runs/bulk',
      access: { permission: 'runs.operate' },
      summary: 'Do one operation to many runs, in the background.',
      needs: 'idempotency-key',
      body: bulkBody,
      isCostly: true,
      answers: { 202: jobAnswer },
      async handle(request, response, { body }) {
        const { runs, filter, input = {} } = body;
        if ((runs === undefined) === (filter === undefined)) {
          refuse([
            {
              pointer: '/runs',
              code: 'server.invalid-field',
              detail: 'give either runs or a filter',
              expected: 'runs, or filter',
            },
          ]);
        }
        const operation = body['operation'] as Operation;
        const { job, isNew } = await jobs.start({
          operation,
          input: bulkInput(operation, input as object),
          reason: String(body['reason']),
          ...(filter === undefined ? {} : { filter }),
          runs: (runs as string[] | undefined) ?? (await runsOf(engine, filter as object)),
          startedBy: signedIn(response).userName,
          key: idempotencyKey(request),
        });
        if (!isNew) response.setHeader('Idempotency-Replayed', 'true');
        response.setHeader('Location', `/api/v1/jobs/${job._id}`);
        response.status(202).json(jobJson(job));
      },
    },
    {
      method: 'get',
      path: '/api/v1/jobs/:job',
      access: { permission: 'runs.read' },
      summary: 'How far a job has come, and which runs refused.',
      answers: { 200: jobAnswer },
      async handle(request, response) {
        response.json(jobJson(await jobs.get(String(request.params['job']))));
      },
    },
    {
      method: 'post',
      path: '/api/v1/jobs/:job/stop',
      access: { permission: 'runs.operate' },
      summary: 'Let a job end after the runs it is at; what was done stays done.',
      answers: { 200: jobAnswer },
      async handle(request, response) {
        response.json(jobJson(await jobs.stop(String(request.params['job']))));
      },
    },
  ];
}
