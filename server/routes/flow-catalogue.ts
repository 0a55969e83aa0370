// What flows are made of.
import { toFlowSchema } from '../../engine/index.js';
import { flowCatalogue } from '../answers/flow-answers.js';
import type { ServerEngine } from '../engine/compose-engine.js';
import type { Route } from './route.js';

export function flowCatalogueRoutes({ validationContext }: ServerEngine): Route[] {
  return [
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
