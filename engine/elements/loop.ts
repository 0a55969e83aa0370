// Goes through a collection: the body comes back to the loop, which gives it the next item.
import type { Json, Rule } from '../definition/flow.js';
import { defineErrors } from '../errors/catalogue.js';
import { compileList } from './collections.js';
import type { ElementType } from './element.js';
import { ruleSchema, targetSchema } from './rule-schema.js';

export const loopErrors = defineErrors('loop', {
  'collection-invalid': {
    status: 422,
    title: 'Not a collection',
    who: 'caller',
    retryable: false,
    remedy: 'Give the loop a list.',
  },
});

interface LoopProperties {
  readonly collection: Rule;
  readonly item: string;
  readonly descending?: boolean;
  readonly body?: string;
}

/** What a loop keeps from one item to the next: the items as they were when it began. */
interface LoopMemory {
  readonly items: readonly Json[];
  readonly at: number;
}

export const loopElement: ElementType<LoopProperties> = {
  type: 'loop',
  title: 'Loop',
  description:
    'Runs its body for each item of a collection; the last element of the body leads back to the loop. Loops in its body begin anew for each item.',
  schema: {
    type: 'object',
    properties: {
      collection: ruleSchema('The list, as it is when the loop begins.', { var: 'order.lines' }),
      item: { type: 'string', minLength: 1, description: 'Variable that gets the item.', examples: ['line'] },
      descending: { type: 'boolean', description: 'From the last item to the first.', examples: [false] },
      body: targetSchema('First element of the body.'),
    },
    required: ['collection', 'item'],
    additionalProperties: false,
  },
  outlets: ({ body, next }) => [
    { name: 'body', target: body, label: 'For each', pointer: '/body', body: true },
    { name: 'next', target: next, label: 'After the last', pointer: '/next' },
  ],
  output: () => ({
    type: 'object',
    properties: { index: { type: 'integer' }, count: { type: 'integer' } },
    additionalProperties: false,
  }),
  summary: ({ item, descending }) => `For each ${item}${descending === true ? ', from the last' : ''}`,
  compile({ collection, item, descending }, at) {
    const list = compileList(collection, '/collection', at);
    at.target(item, '/item');
    return {
      enter(visit) {
        const memory = visit.memory.get() as LoopMemory | undefined;
        const items = memory?.items ?? toItems(visit.evaluate(list), descending === true);
        const index = memory?.at ?? 0;
        if (index >= items.length) {
          visit.memory.set(undefined);
          visit.output({ count: items.length });
          return { kind: 'go', outlet: 'next' };
        }
        visit.memory.set({ items, at: index + 1 });
        visit.output({ index });
        visit.assign(item, items[index] ?? null);
        return { kind: 'go', outlet: 'body' };
      },
    };
  },
};

function toItems(value: Json, descending: boolean): readonly Json[] {
  if (value === null) return [];
  if (!Array.isArray(value))
    throw loopErrors.error('collection-invalid', `a loop goes through a list, not a ${typeof value}`);
  return descending ? value.toReversed() : value;
}
