// Sorts a list by fields of its items.
import { toInstant } from '../calendar/instant.js';
import type { Json, Rule } from '../definition/flow.js';
import { fieldOf, toItems } from './collections.js';
import type { ElementType } from './element.js';
import { compareMoney, isMoney } from '../money/money.js';
import { ruleSchema } from './rule-schema.js';

interface SortProperties {
  readonly collection: Rule;
  readonly by: readonly {
    readonly field?: string;
    readonly descending?: boolean;
    readonly blanksFirst?: boolean;
  }[];
  readonly limit?: number;
}

export const sortElement: ElementType<SortProperties> = {
  type: 'sort',
  title: 'Collection Sort',
  description:
    'Sorts a list: numbers, amounts and points in time by size, texts by their characters, and blanks last. Its output is the sorted list.',
  schema: {
    type: 'object',
    properties: {
      collection: ruleSchema('The list; it is not changed.', { var: 'order.lines' }),
      by: {
        type: 'array',
        minItems: 1,
        maxItems: 10,
        description: 'What it is sorted by, most important first.',
        examples: [[{ field: 'price', descending: true }]],
        items: {
          type: 'object',
          properties: {
            field: {
              type: 'string',
              minLength: 1,
              description: 'Field of the items, or path to one; the item itself if left out.',
              examples: ['price'],
            },
            descending: { type: 'boolean', description: 'Greatest first.', examples: [true] },
            blanksFirst: {
              type: 'boolean',
              description: 'Null and empty text before the others.',
              examples: [true],
            },
          },
          additionalProperties: false,
        },
      },
      limit: {
        type: 'integer',
        minimum: 1,
        maximum: 20_000,
        description: 'Only the first so many.',
        examples: [10],
      },
    },
    required: ['collection', 'by'],
    additionalProperties: false,
  },
  outlets: ({ next }) => [{ name: 'next', target: next, pointer: '/next' }],
  output: () => ({ type: 'array' }),
  summary: ({ by, limit }) =>
    `Sorts by ${by.map(({ field }) => field ?? 'value').join(', ')}${limit === undefined ? '' : `, first ${limit}`}`,
  compile({ collection, by, limit }, at) {
    const list = at.expression(collection, '/collection');
    return {
      enter(visit) {
        const items = toItems(visit.evaluate(list), 'sort');
        const sorted = items.toSorted((left, right) => {
          for (const { field, descending = false, blanksFirst = false } of by) {
            const of = (item: Json): Json => (field === undefined ? item : fieldOf(item, field));
            const order = compare(of(left), of(right), descending, blanksFirst);
            if (order !== 0) return order;
          }
          return 0;
        });
        visit.output(limit === undefined ? sorted : sorted.slice(0, limit));
        return { kind: 'go', outlet: 'next' };
      },
    };
  },
};

const isBlank = (value: Json): boolean => value === null || value === '';

function compare(left: Json, right: Json, descending: boolean, blanksFirst: boolean): number {
  if (isBlank(left) || isBlank(right)) {
    const order = Number(isBlank(left)) - Number(isBlank(right));
    return blanksFirst ? -order : order;
  }
  const order = orderOf(left, right);
  return descending ? -order : order;
}

function orderOf(left: Json, right: Json): number {
  if (isMoney(left) && isMoney(right) && left.currency === right.currency) return compareMoney(left, right);
  const [a, b] = [toKey(left), toKey(right)];
  return a.rank - b.rank || (a.text === b.text ? 0 : a.text < b.text ? -1 : 1) || Math.sign(a.size - b.size);
}

const instantShape = /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)(?:\[.*\])?$/;

/** What a value is ordered by; kinds that can't be compared stand apart. */
function toKey(value: Json): { readonly rank: number; readonly text: string; readonly size: number } {
  if (typeof value === 'boolean') return { rank: 0, text: '', size: Number(value) };
  if (typeof value === 'number') return { rank: 1, text: '', size: value };
  if (isMoney(value)) return { rank: 2, text: value.currency, size: 0 };
  if (typeof value !== 'string') return { rank: 5, text: '', size: 0 };
  if (!instantShape.test(value)) return { rank: 4, text: value, size: 0 };
  try {
    return { rank: 3, text: '', size: toInstant(value).epochMilliseconds };
  } catch {
    return { rank: 4, text: value, size: 0 };
  }
}
