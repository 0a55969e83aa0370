// Flows as they are changed: checked, saved as drafts, made active, retired.
import {
  type Engine,
  type FlowDefinition,
  type FlowProblem,
  toCanonicalText,
  validateFlow,
  versionErrors,
} from '../../engine/index.js';
import type { FlowVersion } from '../../engine/ports/engine-store.js';
import { activatedFlow, activeFlow, flowCheck, savedFlow } from '../answers/flow-answers.js';
import { toRunUser } from '../auth/run-user.js';
import type { ServerEngine } from '../engine/compose-engine.js';
import { InputCheck } from '../input.js';
import { ifMatch, requireSeen, signedIn } from '../request/conditions.js';
import { activateBody } from '../request/inputs.js';
import { serverErrors } from '../server-errors.js';
import { answerForSystemMode, isInForce } from './activation.js';
import { activeOf, knownVersions, nameOf, versionJson, versionsOf } from './flow-versions.js';
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

export function flowChangeRoutes({ engine, validationContext, changing }: ServerEngine): Route[] {
  const { versions } = engine;
  return [
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
        const [newest] = await knownVersions(versions, name);
        if (seen !== String(newest?.version ?? 0)) throw editedMeanwhile(name, seen, newest);
        const { definition, warnings } = soundFlow(String(text), name, await validationContext());
        const saved = await versions.saveAfter(newest, definition, signedIn(response).userName);
        if (saved === undefined) throw editedMeanwhile(name, seen, (await versions.list(name))[0]);
        response.setHeader('ETag', `"${saved.version}"`);
        response.status(saved === newest ? 200 : 201).json({ name, ...versionJson(saved), warnings });
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
        await changing(async () => {
          const all = await versionsOf(versions, name);
          const wanted = all.find((each) => each.version === version);
          if (wanted === undefined)
            throw versionErrors.error('unknown', `${name} has no version ${String(version)}`);
          requireSeenFlow(seen, all);
          const active = activeOf(all);
          const { warnings } = soundFlow(toCanonicalText(wanted.definition), name, await validationContext());
          if (active !== wanted || !isInForce(wanted.definition, active)) {
            answerForSystemMode(response, [wanted.definition]);
            await versions.activate(
              name,
              wanted.version,
              active?.version ?? 0,
              toRunUser(signedIn(response)),
              { validated: true },
            );
          }
          response.json({ name, active: wanted.version, warnings });
        });
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
        await changing(async () => {
          const all = await versionsOf(versions, name);
          requireSeenFlow(seen, all);
          await requireUncalled(versions, name);
          const active = activeOf(all);
          if (active !== undefined) await versions.retire(active);
        });
        response.json({ name, active: null });
      },
    },
  ];
}

/** The ETag of a flow is its newest version; whoever has seen the active one may say that, too. */
function requireSeenFlow(seen: string, all: readonly FlowVersion[]): void {
  const { name, version: newest } = all[0]!;
  const active = activeOf(all)?.version ?? 0;
  requireSeen(seen, [newest, active], `the newest version of ${name} is ${newest}`, { newest, active });
}

/** Tells whoever has seen another version what the newest one is. */
function editedMeanwhile(name: string, seen: string, theirs: FlowVersion | undefined) {
  const newest = theirs?.version ?? 0;
  return serverErrors.error('edited-meanwhile', `the newest version of ${name} is ${newest}, not ${seen}`, {
    data: {
      newest,
      ...(theirs === undefined ? {} : { text: toCanonicalText(theirs.definition) }),
    },
  });
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
