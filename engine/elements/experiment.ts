// Splits runs among paths by percentages. A hash chooses and no chance does, so that whatever is run again goes the same way.
import { createHash } from 'node:crypto';
import { add, numberText } from '../expressions/decimal.js';
import type { Json } from '../definition/flow.js';
import type { ElementType } from './element.js';
import { nameSchema, ruleSchema, targetSchema } from './rule-schema.js';
import { checkUniqueNames } from './unique-names.js';
import { valueKey } from './value-key.js';

interface ExperimentProperties {
  readonly paths: readonly {
    readonly name: string;
    readonly label?: string;
    readonly percent: number;
    readonly next?: string;
  }[];
  readonly by?: unknown;
}

export const experimentElement: ElementType<ExperimentProperties> = {
  type: 'experiment',
  title: 'Path Experiment',
  description:
    'Splits runs among paths by percentages. Each visit of a run has one answer, also when it is run again; with `by`, each value has one. Output: the name of the path.',
  schema: {
    type: 'object',
    properties: {
      paths: {
        type: 'array',
        minItems: 2,
        maxItems: 20,
        description: 'The paths; their percentages come to 100.',
        examples: [
          [
            { name: 'voucher', label: 'Offer a voucher', percent: 20, next: 'offer' },
            { name: 'asBefore', percent: 80, next: 'refund' },
          ],
        ],
        items: {
          type: 'object',
          properties: {
            name: nameSchema('Name of the path, unique in the element.', 'voucher'),
            label: {
              type: 'string',
              description: 'What the line on the canvas says.',
              examples: ['Offer a voucher'],
            },
            percent: {
              type: 'number',
              minimum: 0,
              maximum: 100,
              description: 'How many of a hundred take it; 0 closes it.',
              examples: [12.5],
            },
            next: targetSchema('The element after this path; absent: the flow or the branch ends.'),
          },
          required: ['name', 'percent'],
          additionalProperties: false,
        },
      },
      by: ruleSchema(
        'Whatever has the same value here takes the same path, in every run and version of the flow while the paths and percentages stay; without a value the run decides, as if this were left out.',
        { var: '$record.customer.number' },
      ),
    },
    required: ['paths'],
    additionalProperties: false,
  },
  outlets: ({ paths }) =>
    paths.map(({ name, label, percent, next }, index) => ({
      name,
      target: next,
      label: `${label ?? name} (${numberText(percent)} %)`,
      pointer: `/paths/${index}/next`,
    })),
  output: ({ paths }) => ({
    type: 'object',
    properties: { path: { enum: paths.map(({ name }) => name) } },
    required: ['path'],
    additionalProperties: false,
  }),
  summary: ({ paths }) =>
    paths.map(({ name, label, percent }) => `${numberText(percent)} % ${label ?? name}`).join(', '),
  compile({ paths, by, ...rest }, at) {
    checkUniqueNames('paths', paths, '/paths', at);
    let end = 0;
    const shares = paths.map(({ name, percent }) => {
      end = add(end, percent);
      return { name, end };
    });
    if (end !== 100) {
      at.report({
        code: 'flow.percents-sum',
        pointer: '/paths',
        detail: `the percentages come to ${numberText(end)}`,
        expected: 'percentages that come to 100',
      });
    }
    if ('next' in rest) at.useless?.('/next', 'one of the paths is always taken');
    const value = by === undefined ? undefined : at.expression(by, '/by');
    return {
      enter(visit) {
        const given = value === undefined ? null : visit.evaluate(value);
        const point = toPercent(
          given === null ? visit.key : experimentKey(at.flow.name, visit.element, given),
        );
        const path = shares.find((share) => point < share.end)!.name;
        visit.output({ path });
        return { kind: 'go', outlet: path };
      },
    };
  },
};

/** Experiments are independent of one another: who is among the few in one is not so in all. */
const experimentKey = (flow: string, element: string, value: Json): string =>
  `${flow}:${element}:${valueKey(value)}`;

/** A point from 0 to below 100 that is fixed for a text, and spread evenly over texts. */
function toPercent(key: string): number {
  const hash = createHash('sha256').update(key).digest();
  return (hash.readUIntBE(0, 6) / 2 ** 48) * 100;
}
