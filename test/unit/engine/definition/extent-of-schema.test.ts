// Bounds from schemas: every value that a schema accepts is within them, and so is what the rules of a flow read.
import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { extentOfSchema } from '../../../../engine/definition/extent-of-schema.js';
import type { FlowDefinition, Json, Schema } from '../../../../engine/definition/flow.js';
import { validateFlow } from '../../../../engine/definition/validate.js';
import { type Extent, expressionLimits, extentOfValue } from '../../../../engine/expressions/index.js';
import { SeededRandom } from '../../../simulation/seeded-random.js';
import { edited } from './edit-flow.js';
import { sampleContext, soundFlow } from './sample-elements.js';
import { standardContext } from './sample-flows.js';

const { assumed } = expressionLimits;
const schemaCount = 2_000;

/** A schema with a value at its edge. */
interface Sample {
  readonly schema: Schema;
  readonly value: Json;
}

function sample(random: SeededRandom, depth: number): Sample {
  const kind = random.between(0, depth > 0 ? 9 : 5);
  switch (kind) {
    case 0: {
      const maxLength = random.between(0, 90);
      return { schema: { type: 'string', maxLength }, value: random.pick(['x', '🧀']).repeat(maxLength) };
    }
    case 1:
      return { schema: { type: 'string' }, value: 'x'.repeat(assumed.textChars) };
    case 2:
      return { schema: { type: 'number' }, value: random.pick([1e308, -5e-324, 0.1, 7]) };
    case 3:
      return { schema: { type: ['boolean', 'null'] }, value: random.pick([true, false, null]) };
    case 4:
      return {
        schema: { enum: ['a', 'longer', 7, null, [1, 2]] },
        value: random.pick<Json>(['longer', 7, null, [1, 2]]),
      };
    case 5:
      return { schema: { const: { a: ['b'] } }, value: { a: ['b'] } };
    case 6: {
      const { schema, value } = sample(random, depth - 1);
      const maxItems = random.chance(0.5) ? undefined : random.between(0, 130);
      const length = random.pick([maxItems ?? assumed.listItems, 1, 0]);
      const items = Array.from({ length: Math.min(length, maxItems ?? assumed.listItems) }, () => value);
      return {
        schema: { type: 'array', items: schema, ...(maxItems === undefined ? {} : { maxItems }) },
        value: items,
      };
    }
    case 7: {
      const parts = Object.fromEntries(
        ['a', 'b', 'amount', 'currency'].map((name) => [name, sample(random, depth - 1)]),
      );
      const by = (of: (one: Sample) => unknown) =>
        Object.fromEntries(Object.entries(parts).map(([name, one]) => [name, of(one)]));
      return {
        schema: { type: 'object', additionalProperties: false, properties: by(({ schema }) => schema) },
        value: by(({ value }) => value) as Json,
      };
    }
    case 8: {
      const one = sample(random, depth - 1);
      return {
        schema: { anyOf: [one.schema, { type: 'null' }] },
        value: random.chance(0.8) ? one.value : null,
      };
    }
    default: {
      const open = { a: Array.from({ length: assumed.listItems }, () => 'x'.repeat(assumed.textChars)) };
      return {
        schema: random.pick<Schema>([{}, { type: 'object' }]),
        value: depth === 3 ? open : { a: ['x'] },
      };
    }
  }
}

/** Where a value is larger than its bound; `*` and each name of it are looked at. */
function beyond(value: Json, bound: Extent, at = ''): string[] {
  const { chars, items, length, parts, isText } = extentOfValue(value);
  const found: string[] = [];
  if (chars > bound.chars || items > bound.items || length > bound.length || parts > bound.parts) {
    found.push(`${at}: ${JSON.stringify({ chars, items, length, parts })} > ${JSON.stringify(bound)}`);
  }
  if (isText && !bound.isText) found.push(`${at} is a text`);
  if (bound.part === undefined || typeof value !== 'object' || value === null) return found;
  for (const [name, part] of Object.entries(value)) {
    found.push(...beyond(part, bound.part(name), `${at}/${name}`));
    if (Array.isArray(value)) found.push(...beyond(part, bound.part('*'), `${at}/*`));
  }
  return found;
}

describe('the extent of a schema', () => {
  it(`bounds the values that the schema accepts (${schemaCount} schemas)`, () => {
    const ajv = new Ajv2020({ strict: false });
    for (let seed = 1; seed <= schemaCount; seed += 1) {
      const { schema, value } = sample(new SeededRandom(seed), 3);
      assert.ok(ajv.validate(schema, value), `${seed}: ${ajv.errorsText()}`);
      assert.deepEqual(beyond(value, extentOfSchema(schema)), [], `seed ${seed} ${JSON.stringify(schema)}`);
    }
  });

  it('would not, if it were that of a smaller one (negative control)', () => {
    const smaller = extentOfSchema({ type: 'array', maxItems: 2, items: { type: 'string', maxLength: 3 } });
    assert.equal(beyond(['a', 'b', 'c'], smaller).length, 1);
    assert.ok(beyond(['much longer'], smaller).length > 0);
    assert.deepEqual(beyond(['abc', 'b'], smaller), []);
  });

  it('says which lists have no bound, and where the flow can give them one', () => {
    const told = (rule: unknown, edits: Readonly<Record<string, unknown>>): string => {
      const flow = edited(soundFlow, { '/formulas/costly': { expression: rule }, ...edits });
      const { problems } = validateFlow(flow as FlowDefinition, sampleContext);
      const found = problems.find(({ code }) => code === 'flow.expression-costly');
      return `${found?.detail.replace(/^.*; /, '')}: ${found?.expected}`;
    };
    const text = 'x'.repeat(640);
    const pairs = (list: string, inner: string): object => ({
      some: [{ var: list }, { some: [{ var: inner }, { isBlank: text }] }],
    });
    const shipments = {
      '/variables/shipments': {
        schema: {
          type: ['array', 'null'],
          items: { type: 'object', properties: { parcels: { type: 'array' } } },
        },
      },
    };
    const rest =
      'fewer iterations in one another, a formula for what is the same each time, or a filter or transform element';
    const at = '/variables/shipments/schema';
    assert.equal(
      told(pairs('lines', '$root.shipments'), { ...shipments }),
      `/variables/lines/schema and ${at} have no maxItems, and 100 items are assumed: at most 100,000 steps: a maxItems at /variables/lines/schema, a maxItems at ${at}, ${rest}`,
    );
    assert.equal(
      told(pairs('shipments', 'parcels'), { ...shipments, [`${at}/maxItems`]: 90 }),
      `${at}/items/properties/parcels has no maxItems, and 100 items are assumed: at most 100,000 steps: a maxItems at ${at}/items/properties/parcels, ${rest}`,
    );
    assert.match(
      told({ merge: [{ count: [{ var: 'shipments' }, true] }, pairs('lines', '$root.lines')] }, shipments),
      /^\/variables\/lines\/schema has no maxItems/,
    );
  });

  it('asks for a limit of what is got, and goes by it', () => {
    const text = 'x'.repeat(640);
    const problemsOf = (limit: object): readonly string[] => {
      const flow = {
        format: 1,
        name: 'pairs',
        label: 'Pairs',
        start: { trigger: { type: 'action' }, next: 'all' },
        formulas: {
          pairs: {
            expression: { some: [{ var: 'all' }, { some: [{ var: '$root.all' }, { isBlank: text }] }] },
          },
        },
        elements: { all: { type: 'getRecords', label: 'All', record: 'order', ...limit } },
      };
      const { problems } = validateFlow(flow as unknown as FlowDefinition, standardContext);
      return problems
        .filter(({ code }) => code === 'flow.expression-costly')
        .map(({ detail, expected }) => `${detail}: ${expected}`);
    };
    assert.deepEqual(problemsOf({ limit: 50 }), []);
    const [problem = '', ...more] = problemsOf({});
    assert.deepEqual(more, []);
    assert.match(
      problem,
      /; all has no maxItems, and 100 items are assumed: .*: a limit for all, or a variable with a maxItems for what is needed of it,/,
    );
  });

  it('is what the cost of an expression goes by, wherever its data come from', () => {
    const costOf = (list: string, edits: Readonly<Record<string, unknown>>): number | undefined => {
      const rule = {
        some: [{ var: list }, { some: [{ var: `$root.${list}` }, { isBlank: 'x'.repeat(640) }] }],
      };
      const flow = edited(soundFlow, {
        '/elements/finish/type': 'stop',
        '/formulas/costly': { expression: rule },
        ...edits,
      });
      const found = validateFlow(flow as FlowDefinition, sampleContext).problems.find(
        ({ code }) => code === 'flow.expression-costly',
      );
      return found === undefined
        ? undefined
        : Number(/take ([\d,]+) steps/.exec(found.detail)![1]!.replaceAll(',', ''));
    };
    // One step and two of `isBlank` and its operand, ten for the text.
    const expected = (items: number, list: number) => 1 + list + items * (1 + 2 + items * 12);
    const lines = (maxItems: number) => ({ '/variables/lines/schema/maxItems': maxItems });
    assert.equal(costOf('lines', lines(80)), undefined);
    assert.equal(costOf('lines', lines(200)), expected(200, 2));
    assert.equal(costOf('lines', {}), expected(assumed.listItems, 2));
    const constant = Array.from({ length: 150 }, () => 1);
    assert.equal(costOf('few', { '/constants/few': constant.slice(0, 50) }), undefined);
    assert.equal(costOf('many', { '/constants/many': constant }), expected(150, 2));
    const formula = { '/formulas/many': { expression: { slice: [{ merge: [[1], constant] }, 0] } } };
    assert.equal(costOf('many', formula), expected(151, 2));
  });
});
