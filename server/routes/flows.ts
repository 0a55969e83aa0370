// Flows as they are read: their versions, the active one, and what differs between two.
import { systemReasonOf, toCanonicalText, versionErrors } from '../../engine/index.js';
import { diffFlows } from '../../engine/definition/diff-flows.js';
import type { FlowVersion } from '../../engine/ports/engine-store.js';
import { items } from '../answers/answer.js';
import { flowDiff, flowVersion, listedFlow, wholeFlow, wholeFlowVersion } from '../answers/flow-answers.js';
import type { ServerEngine } from '../engine/compose-engine.js';
import { InputCheck } from '../input.js';
import { activeOf, nameOf, versionJson, versionsOf } from './flow-versions.js';
import { inputSchemaOf } from './order-actions.js';
import type { Route } from './route.js';

const diffQuery = new InputCheck({
  type: 'object',
  properties: {
    from: { type: 'integer', minimum: 1, description: 'a version; the active one if absent' },
    to: { type: 'integer', minimum: 1, description: 'a version; the newest if absent' },
  },
  additionalProperties: false,
});

export function flowRoutes({ engine }: ServerEngine): Route[] {
  const { versions } = engine;
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
        const all = await versionsOf(versions, nameOf(request));
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
        response.json({ items: (await versionsOf(versions, nameOf(request))).map(versionJson) });
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
        const all = await versionsOf(versions, nameOf(request));
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
        const all = await versionsOf(versions, nameOf(request));
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
  ];
}
