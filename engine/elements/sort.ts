// Sorts a list by fields of its items.
import { momentOf } from '../calendar/instant.js';
import type { Json, Rule } from '../definition/flow.js';
import { compileList, fieldOf, toItems } from './collections.js';
import type { ElementType } from './element.js';
import { isMoney, moneyKey, toMinor } from '../money/money.js';
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
    const list = compileList(collection, '/collection', at);
    return {
      enter(visit) {
        const items = toItems(visit.evaluate(list), 'sort');
        // Once for each item and not in each comparison, as points in time have to be read.
        const keyed = items.map((item) => ({
          item,
          keys: by.map(({ field }) => toKey(field === undefined ? item : fieldOf(item, field))),
        }));
        keyed.sort((left, right) => {
          for (const [index, { descending = false, blanksFirst = false }] of by.entries()) {
            const order = compare(left.keys[index], right.keys[index], descending, blanksFirst);
            if (order !== 0) return order;
          }
          return 0;
        });
        const sorted = keyed.map(({ item }) => item);
        visit.output(limit === undefined ? sorted : sorted.slice(0, limit));
        return { kind: 'go', outlet: 'next' };
      },
    };
  },
};

/** What a value is ordered by: kinds that can't be compared stand apart by their rank. */
interface Key {
  readonly rank: number;
  readonly text: string;
  readonly size: number | bigint;
}

/** Undefined of blanks, which stand at one end whatever the direction. */
function compare(
  left: Key | undefined,
  right: Key | undefined,
  descending: boolean,
  blanksFirst: boolean,
): number {
  if (left === undefined || right === undefined) {
    const order = Number(left === undefined) - Number(right === undefined);
    return blanksFirst ? -order : order;
  }
  const order = left.rank - right.rank || signOf(left.text, right.text) || signOf(left.size, right.size);
  return descending ? -order : order;
}

const signOf = <Value extends string | number | bigint>(left: Value, right: Value): number =>
  left === right ? 0 : left < right ? -1 : 1;

const instantShape = /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)(?:\[.*\])?$/;

function toKey(value: Json): Key | undefined {
  if (value === null || value === '') return undefined;
  if (typeof value === 'boolean') return { rank: 0, text: '', size: Number(value) };
  if (typeof value === 'number') return { rank: 1, text: '', size: value };
  if (typeof value === 'string') return keyOfText(value);
  // What only looks like money has no order, as other objects.
  return isMoney(value) && moneyKey(value) !== undefined
    ? { rank: 2, text: value.currency, size: toMinor(value) }
    : { rank: 5, text: '', size: 0 };
}

function keyOfText(text: string): Key {
  const moment = instantShape.test(text) ? momentOf(text) : undefined;
  return moment === undefined ? { rank: 4, text, size: 0 } : { rank: 3, text: '', size: moment };
}
