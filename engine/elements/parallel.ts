// Runs branches side by side; goes on when all, any, or a number of them have ended. The others are dropped then.
import type { ElementType } from './element.js';
import { nameSchema, targetSchema } from './rule-schema.js';
import { checkUniqueNames } from './unique-names.js';

interface ParallelProperties {
  readonly branches: readonly { readonly name: string; readonly label?: string; readonly start?: string }[];
  /** `all` if left out. */
  readonly join?: 'all' | 'any' | number;
}

export const parallelElement: ElementType<ParallelProperties> = {
  type: 'parallel',
  title: 'Parallel',
  description:
    'Runs its branches side by side, and goes on when enough of them have ended. The others are dropped; a call that is under way in one of them is finished, and undone if its action can be undone.',
  schema: {
    type: 'object',
    properties: {
      branches: {
        type: 'array',
        minItems: 1,
        maxItems: 20,
        description: 'The branches; each ends at an element that leads nowhere.',
        examples: [
          [
            { name: 'mail', start: 'sendMail' },
            { name: 'refund', start: 'refund' },
          ],
        ],
        items: {
          type: 'object',
          properties: {
            name: nameSchema('Name of the branch, unique in the element.', 'refund'),
            label: { type: 'string', description: 'What the canvas says.', examples: ['Refund'] },
            start: targetSchema('First element of the branch.'),
          },
          required: ['name'],
          additionalProperties: false,
        },
      },
      join: {
        oneOf: [{ enum: ['all', 'any'] }, { type: 'integer', minimum: 1, maximum: 20 }],
        description: 'How many branches must have ended; all if left out.',
        examples: ['any'],
      },
    },
    required: ['branches'],
    additionalProperties: false,
  },
  outlets: ({ next }) => [{ name: 'next', target: next, pointer: '/next' }],
  branches: ({ branches, join = 'all' }) =>
    branches.map(({ name, start }, index) => ({
      name,
      start,
      pointer: `/branches/${index}/start`,
      awaited: join === 'all' || join === branches.length,
    })),
  output: () => ({
    type: 'object',
    properties: { ended: { type: 'integer' }, last: { type: 'string' } },
    additionalProperties: false,
  }),
  summary: ({ branches, join = 'all' }) =>
    `${branches.map(({ label, name }) => label ?? name).join(' and ')}, until ${join} of them have ended`,
  compile({ branches, join = 'all' }, at) {
    checkUniqueNames('branches', branches, '/branches', at);
    const wanted = join === 'all' ? branches.length : join === 'any' ? 1 : join;
    if (wanted > branches.length) {
      at.report({
        code: 'flow.join-impossible',
        pointer: '/join',
        detail: `${wanted} of ${branches.length} branches can't end`,
        expected: `at most ${branches.length}`,
      });
    }
    return {
      enter: () => ({ kind: 'fork' }),
      resume(visit, event) {
        if (event.kind !== 'branchEnded' || event.ended < wanted) return { kind: 'stay' };
        visit.output({ ended: event.ended, last: event.branch });
        return { kind: 'go', outlet: 'next' };
      },
    };
  },
};
