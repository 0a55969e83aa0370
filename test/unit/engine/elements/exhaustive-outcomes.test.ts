// Outcomes that cover every case need no default path; anything less certain does.
import assert from 'node:assert/strict';
import { areExhaustive } from '../../../../engine/elements/exhaustive-outcomes.js';
import { flow } from '../../../support/flows.js';

const definition = flow(
  'f',
  undefined,
  {},
  {
    variables: {
      kind: { schema: { enum: ['a', 'b', 'c'] }, input: true },
      vip: { schema: { type: 'boolean' }, default: false },
      maybe: { schema: { type: 'boolean' } },
      text: { schema: { type: 'string' }, default: '' },
      order: { schema: { type: 'object', properties: { paid: { type: 'boolean' } } }, default: {} },
    },
  },
);
const is = (path: string, value: unknown) => ({ '==': [{ var: path }, value] });
const check = (...rules: unknown[]) => areExhaustive(rules, definition);

describe('outcomes', () => {
  it('are exhaustive when every value of what they compare is covered', () => {
    assert.ok(check(is('kind', 'a'), is('kind', 'b'), is('kind', 'c')));
    assert.ok(check(is('vip', true), is('vip', false)));
    assert.ok(check({ var: 'vip' }, { '!': [{ var: 'vip' }] }));
    assert.ok(
      check(
        { conditions: [{ left: { var: 'n' }, operator: 'lessThan', right: 5 }] },
        {
          conditions: [{ left: { var: 'n' }, operator: 'greaterThanOrEqualTo', right: 5 }],
        },
      ),
    );
    assert.ok(
      check(is('vip', true), { and: [is('vip', false), is('kind', 'a')] }, { '!=': [{ var: 'kind' }, 'a'] }),
    );
    assert.ok(check(is('text', 'x'), { '!=': [{ var: 'n' }, 1] }, { '==': [{ var: 'n' }, 1] }));
    assert.ok(check(true));
  });

  it('are not when a value is left, or more than comparisons is said', () => {
    assert.ok(!check(is('kind', 'a'), is('kind', 'b')));
    assert.ok(!check(is('maybe', true), is('maybe', false)), 'null before it is set');
    assert.ok(!check(is('order.paid', true), is('order.paid', false)), 'the part may be missing');
    assert.ok(!check({ or: [is('vip', true), is('vip', false)] }));
    assert.ok(!check(is('unknown', true), is('unknown', false)));
    assert.ok(!check(is('vip', true), { and: [is('vip', false), { '>': [{ size: { var: 'text' } }, 1] }] }));
    assert.ok(!check());
    const isNot5 = [
      { '!=': [{ var: 'n' }, '5'] },
      { conditions: [{ left: { var: 'n' }, operator: 'notEqualTo', right: '5' }] },
      { conditions: [{ left: { var: 'n' }, operator: 'notIn', right: ['5'] }] },
    ];
    for (const rule of isNot5) assert.ok(!check(rule), 'the number 5 equals the text "5"');
    assert.ok(!check({ '!=': [{ var: 'kind' }, 1] }), 'a text may equal a number');
  });
});
