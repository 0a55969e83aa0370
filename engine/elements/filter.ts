// Keeps the items of a list for which a condition holds.
import type { Json, Rule } from '../definition/flow.js';
import { compileList, toItems } from './collections.js';
import { eachItem, itemSchema } from './each-item.js';
import { isTruthy } from '../expressions/compare.js';
import type { ElementType } from './element.js';
import { ruleSchema } from './rule-schema.js';

interface FilterProperties {
  readonly collection: Rule;
  readonly item: string;
  readonly when: Rule;
}

export const filterElement: ElementType<FilterProperties> = {
  type: 'filter',
  title: 'Collection Filter',
  description: 'Keeps the items for which a condition holds. Its output is the list of them.',
  schema: {
    type: 'object',
    properties: {
      collection: ruleSchema('The list; it is not changed.', { var: 'order.lines' }),
      item: itemSchema('Variable that the condition finds the item in.'),
      when: ruleSchema('Condition list or rule.', { '>': [{ var: 'line.quantity' }, 0] }),
    },
    required: ['collection', 'item', 'when'],
    additionalProperties: false,
  },
  outlets: ({ next }) => [{ name: 'next', target: next, pointer: '/next' }],
  output: () => ({ type: 'array' }),
  summary: ({ item }) => `Keeps each ${item} for which the condition holds`,
  compile({ collection, item, when }, at) {
    const list = compileList(collection, '/collection', at);
    at.target(item, '/item');
    const condition = at.condition(when, '/when');
    return {
      enter(visit) {
        const kept: Json[] = [];
        eachItem(visit, item, toItems(visit.evaluate(list), 'filter'), (one) => {
          if (isTruthy(visit.evaluate(condition))) kept.push(one);
        });
        visit.output(kept);
        return { kind: 'go', outlet: 'next' };
      },
    };
  },
};
