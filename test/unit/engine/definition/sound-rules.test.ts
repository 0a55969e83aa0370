// Rules that look odd and are sound: nothing may be said of them.
import assert from 'node:assert/strict';
import { E, problemsOf } from './small-flows.js';

const variable = (path: string) => ({ var: path });
const francs = (amount: string) => ({ amount, currency: 'CHF' });
const money = {
  type: 'object',
  properties: { amount: { type: 'string' }, currency: { type: 'string' } },
  required: ['amount', 'currency'],
  additionalProperties: false,
};
const card = { type: 'object', properties: { kind: { const: 'card' } } };
const schemas: Readonly<Record<string, object>> = {
  text: { type: ['string', 'null'] },
  digits: { type: 'string', pattern: '^\\d+$' },
  kind: { type: 'string', enum: ['card', 'bank'] },
  only: { const: true },
  mixed: { enum: [1, '2', null] },
  way: { oneOf: [{ enum: ['none'] }, { type: 'integer' }, card] },
  both: { allOf: [{ type: 'string' }, { enum: ['x', 'y'] }] },
  named: { $ref: '#/$defs/x', $defs: { x: { enum: ['x'] } } },
  object: { type: 'object' },
  list: { type: 'array', items: { enum: ['a', 'b'] } },
  maybeList: { type: ['array', 'null'] },
  number: { type: 'number' },
  count: { type: 'integer' },
  price: money,
};
const [text, kind, mixed, way, number, count, price] = (
  ['text', 'kind', 'mixed', 'way', 'number', 'count', 'price'] as const
).map(variable);

const rules: Readonly<Record<string, readonly unknown[]>> = {
  'compare with what there may be': [
    { '==': [text, ''] },
    { '==': [text, 5] },
    { '!=': [variable('only'), null] },
    { in: [kind, ['card', null]] },
    { notIn: [kind, []] },
    { in: [mixed, ['1', 2]] },
    { '==': [way, 'none'] },
    { '==': [way, 3] },
    { '==': [way, { kind: 'card', last4: '4242' }] },
    { '==': [variable('way.kind'), 'transfer'] },
    { '==': [variable('both'), 'x'] },
    { '==': [variable('named'), 'x'] },
    { '==': [variable('object'), {}] },
    { '==': [variable('list'), []] },
    { conditions: [{ left: number, operator: 'in', right: [1, '2', 2.5] }] },
  ],
  'compare with what is not known, or a part of it': [
    { '==': [kind, text] },
    { '==': [{ var: ['kind', 'none'] }, 'none'] },
    { in: [kind, 'card,bank'] },
    { in: ['a', variable('list')] },
    { wasSelected: [variable('list'), 'a'] },
    { wasSelected: [variable('maybeList'), 'a'] },
  ],
  'put numbers beside numbers, and amounts beside amounts': [
    { '>': [{ round: [number, count] }, 0] },
    { '<': [count, number, 100] },
    { '>': [{ '/': [number, count] }, { '+': [variable('digits'), 1] }] },
    { contains: [[1, 2], count] },
    { conditions: [{ left: number, operator: 'greaterThan', right: variable('digits') }] },
    { '>': [price, { 'money.multiply': [price, number] }] },
    { '>': [price, { 'money.of': [number, 'CHF'] }] },
    { '>': [{ 'money.add': [price, francs('1.00')] }, francs('0.50')] },
    { '>': [{ size: { 'money.allocate': [price, [number, 2]] } }, 1] },
    { '>': [{ 'money.round': [price, '0.05'] }, price] },
  ],
};

describe('sound rules', () => {
  const variables = Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, { schema, input: true }]),
  );
  for (const [title, all] of Object.entries(rules)) {
    it(title, () => {
      for (const when of all) {
        const outcomes = [{ name: 'yes', when, next: 'e' }];
        const elements = { d: { type: 'decision', label: 'd', outcomes, next: 'e' }, ...E };
        assert.deepEqual(problemsOf(elements, 'd', { variables }), [], JSON.stringify(when));
      }
    });
  }
});
