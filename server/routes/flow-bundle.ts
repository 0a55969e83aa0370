// Flows from one server to another: the active ones as one document, and taking such a document in, all of it or nothing.
import { type FlowDefinition, type Json, validateFlow, versionErrors } from '../../engine/index.js';
import { shownOf } from '../../engine/definition/validate.js';
import { toPointer } from '../../engine/errors/json-pointer.js';
import { flowBundle, importedFlows } from '../answers/flow-answers.js';
import type { ServerEngine } from '../engine/compose-engine.js';
import { InputCheck } from '../input.js';
import type { RequestProblem } from '../request-problem.js';
import { toRunUser } from '../auth/run-user.js';
import { signedIn } from '../request/conditions.js';
import { serverErrors } from '../server-errors.js';
import { answerForSystemMode, isInForce } from './activation.js';
import { activeOf } from './flow-versions.js';
import type { Route } from './route.js';

const bundleFormat = 1;
const flowsMax = 200;
const nameLengthMax = 100;
export const bundleBytesMax = 4 * 1024 * 1024;

const exportQuery = new InputCheck({
  type: 'object',
  properties: {
    flows: {
      type: 'string',
      pattern: '^[a-z0-9-]{1,100}(,[a-z0-9-]{1,100})*$',
      maxLength: 4_000,
      description: 'names with commas between them; all active flows if absent',
    },
  },
  additionalProperties: false,
});
const importBody = new InputCheck({
  type: 'object',
  properties: {
    format: { type: 'integer', const: bundleFormat, description: String(bundleFormat) },
    flows: {
      type: 'object',
      minProperties: 1,
      maxProperties: flowsMax,
      propertyNames: { maxLength: nameLengthMax },
      additionalProperties: { type: 'object' },
      description: `flow definitions by name, of at most ${nameLengthMax} characters, as an export gives them`,
    },
    activate: {
      type: 'boolean',
      description: 'true: they become the active versions; drafts if absent',
    },
  },
  required: ['format', 'flows'],
  additionalProperties: false,
});

export function flowBundleRoutes({ engine, validationContext, changing }: ServerEngine): Route[] {
  const { versions } = engine;
  return [
    {
      method: 'get',
      path: '/api/v1/flow-export',
      access: { permission: 'flows.read' },
      isCostly: true,
      summary: 'Active flows as one document, for another server.',
      query: exportQuery,
      answers: { 200: flowBundle },
      async handle(_request, response, { query }) {
        const active = await versions.listActive();
        const wanted = query['flows'] === undefined ? undefined : String(query['flows']).split(',');
        const missing = wanted?.find((name) => !active.some((flow) => flow.name === name));
        if (missing !== undefined) throw versionErrors.error('unknown', `there is no active flow ${missing}`);
        const taken = active.filter(({ name }) => wanted?.includes(name) ?? true);
        response.json({
          format: bundleFormat,
          flows: Object.fromEntries(taken.map(({ name, definition }) => [name, definition])),
        });
      },
    },
    {
      method: 'post',
      path: '/api/v1/flow-import',
      access: { permission: 'flows.edit' },
      isCostly: true,
      summary: 'Take flows in, all of them or none; the same content again makes no further version.',
      body: importBody,
      bodyBytesMax: bundleBytesMax,
      audited: 'without-body',
      answers: { 200: importedFlows },
      async handle(_request, response, { body }) {
        const { permissions } = signedIn(response);
        const activates = body['activate'] === true;
        if (activates && !permissions.has('flows.activate'))
          throw serverErrors.error('forbidden', 'to activate needs the permission flows.activate');
        await changing(async () => {
          const definitions = await soundFlows(
            body['flows'] as Readonly<Record<string, Json>>,
            validationContext,
          );
          const seen = await Promise.all(
            definitions.map(async (definition) => {
              const known = await versions.list(definition.name);
              const active = activeOf(known);
              // What is at work already is no news, whatever drafts there have been since.
              const isNews = !activates || !isInForce(definition, active);
              return { name: definition.name, definition, known, active, isNews };
            }),
          );
          const news = seen.filter(({ isNews }) => isNews);
          if (activates)
            answerForSystemMode(
              response,
              news.map(({ definition }) => definition),
            );
          const taken = await versions.take(
            news.map(({ definition, known: [newest], active }) => ({
              definition,
              newest,
              ...(activates ? { replaces: active?.version ?? 0 } : {}),
            })),
            toRunUser(signedIn(response)),
          );
          const byName = new Map(taken.map((version) => [version.name, version]));
          const items = seen.map(({ name, known, active }) => {
            const { version, status } = byName.get(name) ?? active!;
            return { name, version, status, isNew: !known.some((each) => each.version === version) };
          });
          response.json({ items });
        });
      },
    },
  ];
}

/** Checks all flows with each other in place. @throws {RecourseError} `server.invalid-request` with every problem */
async function soundFlows(
  given: Readonly<Record<string, Json>>,
  contextWith: ServerEngine['validationContext'],
): Promise<FlowDefinition[]> {
  const entries = Object.entries(given);
  const context = await contextWith(entries.map(([, flow]) => flow as unknown as FlowDefinition));
  const checked = entries.map(([name, flow]) => ({
    name,
    ...validateFlow(JSON.stringify(flow, undefined, 2), context),
  }));
  const problems = checked.flatMap(({ name, problems: found, definition }) => [
    ...found
      .filter(({ severity }) => severity === 'error')
      .map(({ code, pointer, detail, expected }) => ({
        pointer: toPointer(['flows', name]) + pointer,
        code,
        detail: `${name}: ${detail}`,
        expected,
      })),
    ...(definition !== undefined && definition.name !== name
      ? [
          {
            pointer: toPointer(['flows', name, 'name']),
            code: 'server.invalid-field',
            detail: `the flow calls itself ${definition.name}`,
            expected: name,
          },
        ]
      : []),
  ]);
  if (problems.length > 0) {
    throw serverErrors.error('invalid-request', `problems in the flows: ${problems.length}`, {
      problems: shownOf<RequestProblem>(problems, (told) => ({ pointer: '/flows', ...told })),
    });
  }
  return checked.flatMap(({ definition }) => definition ?? []);
}
