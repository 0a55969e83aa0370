// Flows: their versions, drafts, checks and the active one; what a draft would change, and what flows are made of.
import type { Request } from 'express';
import {
  type Engine,
  type FlowDefinition,
  type FlowProblem,
  systemReasonOf,
  toCanonicalText,
  toFlowSchema,
  validateFlow,
  versionErrors,
} from '../../engine/index.js';
import { diffFlows } from '../../engine/definition/diff-flows.js';
import type { FlowVersion } from '../../engine/ports/engine-store.js';
import { items } from '../answers/answer.js';
import {
  activatedFlow,
  activeFlow,
  flowCatalogue,
  flowCheck,
  flowDiff,
  flowVersion,
  listedFlow,
  savedFlow,
  wholeFlow,
  wholeFlowVersion,
} from '../answers/flow-answers.js';
import { startedAnswer } from '../answers/run-answers.js';
import { toRunUser } from '../auth/run-user.js';
import type { ServerEngine } from '../engine/compose-engine.js';
import { InputCheck } from '../input.js';
import { ifMatch, requireSeen, signedIn } from '../request/conditions.js';
import { activateBody } from '../request/inputs.js';
import { serverErrors } from '../server-errors.js';
import { answerForSystemMode, isInForce } from './activation.js';
import { answerStart, inputSchemaOf } from './order-actions.js';
import type { Route } from './route.js';

const textBody = new InputCheck({
  type: 'object',
  properties: {
    text: {
      type: 'string',
      minLength: 2,
      description: 'the flow file as text; places of problems are in it',
    },
  },
  required: ['text'],
  additionalProperties: false,
});
const diffQuery = new InputCheck({
  type: 'object',
  properties: {
    from: { type: 'integer', minimum: 1, description: 'a version; the active one if absent' },
    to: { type: 'integer', minimum: 1, description: 'a version; the newest if absent' },
  },
  additionalProperties: false,
});
const startBody = new InputCheck({
  type: 'object',
  properties: { input: { type: 'object', description: 'the inputs of the flow by name' } },
  additionalProperties: false,
});
const flowName = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

const versionJson = ({
  version,
  status,
  hash,
  savedAt,
  savedBy,
  source,
  activated,
  definition,
}: FlowVersion) => ({
  version,
  status,
  hash,
  savedAt,
  savedBy,
  isFromFile: source !== undefined,
  activatedBy: activated?.by ?? null,
  activatedAt: activated?.at ?? null,
  systemMode: systemReasonOf(definition) ?? null,
});

const activeOf = (versions: readonly FlowVersion[]): FlowVersion | undefined =>
  versions.find(({ status }) => status === 'active');

const nameOf = (request: Request): string => String(request.params['flow']);

export function flowRoutes(flows: ServerEngine): Route[] {
  const { engine, validationContext } = flows;
  const { versions } = engine;
  const versionsOf = async (name: string): Promise<readonly FlowVersion[]> => {
    const found = flowName.test(name) && name.length <= 100 ? await versions.list(name) : [];
    if (found.length === 0)
      throw versionErrors.error('unknown', `there is no flow ${JSON.stringify(name.slice(0, 100))}`);
    return found;
  };
  return [
    {
      method: 'get',
      path: '/api/v1/flows',
      access: { permission: 'flows.read' },
      summary: 'Flows, and which version is active.',
      answers: { 200: items(listedFlow) },
      async handle(_request, response) {
        const byName = new Map<string, FlowVersion[]>();
        for (const version of await versions.list()) {
          byName.set(version.name, [...(byName.get(version.name) ?? []), version]);
        }
        response.json({
          items: [...byName].map(([name, all]) => {
            const active = activeOf(all);
            const shown = (active ?? all[0]!).definition;
            return {
              name,
              label: shown.label,
              description: shown.description ?? null,
              trigger: shown.start.trigger,
              active: active?.version ?? null,
              newest: all[0]!.version,
              systemMode: systemReasonOf(shown) ?? null,
            };
          }),
        });
      },
    },
    {
      method: 'get',
      path: '/api/v1/flows/:flow',
      access: { permission: 'flows.read' },
      summary: 'The active version of a flow, or the newest.',
      answers: { 200: wholeFlow },
      async handle(request, response) {
        const all = await versionsOf(nameOf(request));
        const active = activeOf(all);
        const shown = active ?? all[0]!;
        response.setHeader('ETag', `"${all[0]!.version}"`);
        response.json({
          name: shown.name,
          active: active?.version ?? null,
          newest: all[0]!.version,
          version: shown.version,
          definition: shown.definition,
          text: toCanonicalText(shown.definition),
          input: inputSchemaOf(shown.definition),
        });
      },
    },
    {
      method: 'get',
      path: '/api/v1/flows/:flow/versions',
      access: { permission: 'flows.read' },
      summary: 'The versions of a flow.',
      answers: { 200: items(flowVersion) },
      async handle(request, response) {
        response.json({ items: (await versionsOf(nameOf(request))).map(versionJson) });
      },
    },
    {
      method: 'get',
      path: '/api/v1/flows/:flow/versions/:version',
      access: { permission: 'flows.read' },
      summary: 'One version of a flow.',
      answers: { 200: wholeFlowVersion },
      async handle(request, response) {
        const wanted = String(request.params['version']);
        const all = await versionsOf(nameOf(request));
        const found = all.find(({ version }) => String(version) === wanted);
        if (found === undefined)
          throw versionErrors.error('unknown', `${nameOf(request)} has no version ${wanted.slice(0, 20)}`);
        response.json({
          ...versionJson(found),
          name: found.name,
          definition: found.definition,
          text: toCanonicalText(found.definition),
        });
      },
    },
    {
      method: 'get',
      path: '/api/v1/flows/:flow/diff',
      access: { permission: 'flows.read' },
      isCostly: true,
      summary: 'What differs between two versions.',
      query: diffQuery,
      answers: { 200: flowDiff },
      async handle(request, response, { query }) {
        const { from, to } = query;
        const all = await versionsOf(nameOf(request));
        const pick = (wanted: unknown, otherwise: FlowVersion | undefined): FlowVersion => {
          const found = wanted === undefined ? otherwise : all.find(({ version }) => version === wanted);
          if (found === undefined)
            throw versionErrors.error('unknown', `${nameOf(request)} has no such version`);
          return found;
        };
        const before = pick(from, activeOf(all) ?? all.at(-1));
        const after = pick(to, all[0]);
        response.json({
          from: before.version,
          to: after.version,
          changes: diffFlows(before.definition, after.definition),
        });
      },
    },
    {
      method: 'post',
      path: '/api/v1/flows/validate',
      access: { permission: 'flows.read' },
      isCostly: true,
      summary: 'Every problem of a flow, with its place.',
      body: textBody,
      answers: { 200: flowCheck },
      async handle(_request, response, { body }) {
        const { text } = body;
        const { problems, definition } = validateFlow(String(text), await validationContext());
        response.json({ valid: definition !== undefined, problems });
      },
    },
    {
      method: 'put',
      path: '/api/v1/flows/:flow/draft',
      access: { permission: 'flows.edit' },
      summary: 'Save a new version as a draft.',
      needs: 'if-match',
      body: textBody,
      audited: 'without-body',
      answers: { 200: savedFlow, 201: savedFlow },
      async handle(request, response, { body }) {
        const seen = ifMatch(request);
        const { text } = body;
        const name = nameOf(request);
        const known = flowName.test(name) ? await versions.list(name) : [];
        const newest = known[0]?.version ?? 0;
        requireSeen(seen, [newest], `the newest version of ${name} is ${newest}, not ${seen}`, {
          newest,
          ...(known[0] === undefined ? {} : { text: toCanonicalText(known[0].definition) }),
        });
        const { definition, warnings } = soundFlow(String(text), name, await validationContext());
        const saved = await versions.save(definition, signedIn(response).userName);
        response.setHeader('ETag', `"${saved.version}"`);
        response.status(saved.version === newest ? 200 : 201).json({ name, ...versionJson(saved), warnings });
      },
    },
    {
      method: 'post',
      path: '/api/v1/flows/:flow/activate',
      access: { permission: 'flows.activate' },
      summary: 'Make a version the active one.',
      needs: 'if-match',
      body: activateBody,
      audited: 'with-body',
      answers: { 200: activatedFlow },
      async handle(request, response, { body }) {
        const seen = ifMatch(request);
        const { version } = body;
        const name = nameOf(request);
        const all = await versionsOf(name);
        const wanted = all.find((each) => each.version === version);
        if (wanted === undefined)
          throw versionErrors.error('unknown', `${name} has no version ${String(version)}`);
        const activeVersion = activeOf(all);
        const active = activeVersion?.version ?? 0;
        const newest = all[0]!.version;
        // The ETag of a flow is its newest version; whoever has seen the active one may say that, too.
        requireSeen(seen, [newest, active], `the newest version of ${name} is ${newest}`, { newest, active });
        const { warnings } = soundFlow(toCanonicalText(wanted.definition), name, await validationContext());
        if (active !== wanted.version || !isInForce(wanted.definition, activeVersion)) {
          answerForSystemMode(response, [wanted.definition]);
          await versions.activate(name, wanted.version, active, toRunUser(signedIn(response)));
        }
        response.json({ name, active: wanted.version, warnings });
      },
    },
    {
      method: 'post',
      path: '/api/v1/flows/:flow/retire',
      access: { permission: 'flows.activate' },
      summary: 'Offer a flow no more; its runs go on.',
      needs: 'if-match',
      audited: 'with-body',
      answers: { 200: activeFlow },
      async handle(request, response) {
        const seen = ifMatch(request);
        const name = nameOf(request);
        const active = activeOf(await versionsOf(name))?.version ?? 0;
        requireSeen(seen, [active], `the active version of ${name} is ${active}`, { active });
        await requireUncalled(versions, name);
        if (active > 0) await versions.retire(name, active);
        response.json({ name, active: null });
      },
    },
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
    {
      method: 'get',
      path: '/api/v1/flow-catalogue',
      access: { permission: 'flows.read' },
      isCostly: true,
      summary: 'What flows are made of: elements, actions, records, templates, permissions.',
      answers: { 200: flowCatalogue },
      async handle(_request, response) {
        const {
          elements,
          actions,
          records,
          templates = new Map(),
          permissions = new Set(),
        } = await validationContext();
        response.json({
          schema: toFlowSchema(elements),
          elements: [...elements.all()].map(({ type, title, description, schema }) => ({
            type,
            title,
            description,
            schema,
          })),
          actions: [...actions.all()].map(
            ({ name, title, description, effect, repeat, permission, input, output }) => ({
              name,
              title,
              description,
              effect,
              repeat: repeat ?? null,
              permission: permission ?? null,
              input,
              output,
            }),
          ),
          records: [...records.values()].map(({ name, title, schema }) => ({ name, title, schema })),
          templates: [...templates].map(([name, variables]) => ({ name, variables })),
          permissions: [...permissions],
        });
      },
    },
  ];
}

/** @throws {RecourseError} `version.called`: their runs would stop where they call it */
async function requireUncalled(versions: Engine['versions'], name: string): Promise<void> {
  const callers: string[] = [];
  for (const { definition, ...ref } of await versions.listActive()) {
    if (ref.name === name) continue;
    if ((await versions.compiled(ref)).calls.has(name)) callers.push(definition.name);
  }
  if (callers.length > 0) throw versionErrors.error('called', `${name} is called by ${callers.join(', ')}`);
}

/** What is sound has warnings only. @throws {RecourseError} `version.invalid` with every problem and its place */
function soundFlow(
  text: string,
  name: string,
  context: Awaited<ReturnType<ServerEngine['validationContext']>>,
): { readonly definition: FlowDefinition; readonly warnings: readonly FlowProblem[] } {
  const { problems, definition } = validateFlow(text, context);
  if (definition === undefined) throw invalidFlow(name, problems);
  if (definition.name !== name) {
    throw serverErrors.error('invalid-request', 'the flow of the path and of the text differ', {
      problems: [
        {
          pointer: '/name',
          code: 'server.invalid-field',
          detail: `the text is the flow ${definition.name}, the path names ${name}`,
        },
      ],
    });
  }
  return { definition, warnings: problems };
}

const invalidFlow = (name: string, problems: readonly FlowProblem[]) =>
  versionErrors.error('invalid', `${name} has ${problems.length} problems`, {
    problems: problems.map(({ pointer, code, line, column, detail, expected, didYouMean }) => ({
      pointer,
      code,
      detail: `line ${line}, column ${column}: ${detail}; expected ${expected}${didYouMean === undefined ? '' : `; did you mean ${didYouMean}?`}`,
    })),
    data: { flowProblems: problems },
  });
