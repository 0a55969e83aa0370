// Gaps and overlaps of decision tables, against a naive look at many inputs.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  analyseTable,
  holds,
  type TableExample,
  type TableInput,
  type TableRule,
  type TableTest,
} from '../../../../engine/definition/decision-table-analysis.js';

const amount: TableInput = {
  name: 'amount',
  domain: { kind: 'number', integer: true, minimum: 0, maximum: 6 },
};
const vip: TableInput = { name: 'vip', domain: { kind: 'boolean' } };
const country: TableInput = {
  name: 'country',
  domain: { kind: 'enum', values: ['DE', 'AT', 'CH'] },
  nullable: true,
};
const inputs = [amount, vip, country];

const matches = (rule: TableRule, values: TableExample): boolean =>
  Object.entries(rule).every(([name, cell]) => cell.every((test) => holds(test, values[name]!)));

const everything: TableExample[] = [0, 1, 2, 3, 4, 5, 6].flatMap((one) =>
  [false, true].flatMap((two) =>
    ['DE', 'AT', 'CH', null].map((three) => ({ amount: one, vip: two, country: three })),
  ),
);

const numberTest = fc.record({
  operator: fc.constantFrom(
    'equalTo',
    'notEqualTo',
    'lessThan',
    'lessThanOrEqualTo',
    'greaterThan',
    'greaterThanOrEqualTo',
  ),
  value: fc.integer({ min: -1, max: 7 }),
}) as fc.Arbitrary<TableTest>;
const countryTest = fc.record({
  operator: fc.constantFrom('in', 'notIn'),
  value: fc.subarray(['DE', 'AT', 'CH', null]),
}) as fc.Arbitrary<TableTest>;
const vipTest = fc.record({
  operator: fc.constant('equalTo'),
  value: fc.boolean(),
}) as fc.Arbitrary<TableTest>;
const rule: fc.Arbitrary<TableRule> = fc.record(
  {
    amount: fc.array(numberTest, { minLength: 1, maxLength: 2 }),
    vip: fc.array(vipTest, { minLength: 1, maxLength: 1 }),
    country: fc.array(countryTest, { minLength: 1, maxLength: 1 }),
  },
  { requiredKeys: [] },
);

describe('the analysis of decision tables', () => {
  it('agrees with a look at every input', () => {
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 5 }), (rules) => {
        const { gap, overlaps, shadowed, empty, complete } = analyseTable(inputs, rules);
        assert.ok(complete);
        const open = everything.filter((values) => !rules.some((one) => matches(one, values)));
        assert.equal(gap === undefined, open.length === 0);
        if (gap !== undefined) assert.ok(!rules.some((one) => matches(one, gap)), JSON.stringify(gap));
        for (const [second, one] of rules.entries()) {
          const hit = everything.filter((values) => matches(one, values));
          assert.equal(
            hit.length === 0,
            empty.some((cell) => cell.rule === second),
          );
          const isShadowed =
            second > 0 &&
            hit.length > 0 &&
            hit.every((values) => rules.slice(0, second).some((other) => matches(other, values)));
          assert.equal(shadowed.includes(second), isShadowed);
          for (const [first, other] of rules.slice(0, second).entries()) {
            const found = overlaps.find((overlap) => overlap.first === first && overlap.second === second);
            assert.equal(
              found !== undefined,
              hit.some((values) => matches(other, values)),
            );
            if (found !== undefined) assert.ok(matches(one, found.example) && matches(other, found.example));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('finds the point between two bounds, and the day between two dates', () => {
    const number: TableInput = { name: 'x', domain: { kind: 'number' } };
    const less: TableTest = { operator: 'lessThan', value: 100 };
    const more: TableTest = { operator: 'greaterThan', value: 100 };
    assert.deepEqual(analyseTable([number], [{ x: [less] }, { x: [more] }]).gap, { x: 100 });
    const day: TableInput = { name: 'day', domain: { kind: 'date' } };
    const before: TableTest = { operator: 'lessThan', value: '2026-12-24' };
    const after: TableTest = { operator: 'greaterThan', value: '2026-12-25' };
    assert.deepEqual(analyseTable([day], [{ day: [before] }, { day: [after] }]).gap, { day: '2026-12-24' });
    const from: TableTest = { operator: 'greaterThanOrEqualTo', value: '2026-12-24' };
    assert.equal(analyseTable([day], [{ day: [before] }, { day: [from] }]).gap, undefined);
  });

  it('knows that whole numbers have nothing in between', () => {
    const upTo: TableTest = { operator: 'lessThanOrEqualTo', value: 1 };
    const from: TableTest = { operator: 'greaterThanOrEqualTo', value: 2 };
    const rules = [{ x: [upTo] }, { x: [from] }];
    assert.equal(
      analyseTable([{ name: 'x', domain: { kind: 'number', integer: true } }], rules).gap,
      undefined,
    );
    assert.deepEqual(analyseTable([{ name: 'x', domain: { kind: 'number' } }], rules).gap, { x: 1.5 });
  });

  it('finds numbers beyond the largest that can be counted', () => {
    const number: TableInput = { name: 'x', domain: { kind: 'number' } };
    const whole: TableInput = { name: 'x', domain: { kind: 'number', integer: true } };
    for (const input of [number, whole]) {
      const most: TableRule = { x: [{ operator: 'lessThanOrEqualTo', value: 1e16 }] };
      const { gap } = analyseTable([input], [most]);
      assert.ok(typeof gap?.['x'] === 'number' && gap['x'] > 1e16);
      const least: TableRule = { x: [{ operator: 'greaterThanOrEqualTo', value: -1e16 }] };
      const { gap: below } = analyseTable([input], [least]);
      assert.ok(typeof below?.['x'] === 'number' && below['x'] < -1e16);
    }
    const all: TableRule = { x: [{ operator: 'lessThanOrEqualTo', value: Number.MAX_VALUE }] };
    assert.equal(analyseTable([number], [all]).gap, undefined);
  });

  it('names no dates that can not be written', () => {
    const day: TableInput = { name: 'day', domain: { kind: 'date' } };
    const rules: TableRule[] = [
      { day: [{ operator: 'greaterThanOrEqualTo', value: '0000-01-01' }] },
      { day: [{ operator: 'lessThanOrEqualTo', value: '9999-12-31' }] },
    ];
    for (const one of rules) assert.equal(analyseTable([day], [one]).gap, undefined);
  });

  it('looks through tables as large as they can be', () => {
    const number: TableInput = { name: 'x', domain: { kind: 'number' } };
    const intervals = Array.from(
      { length: 500 },
      (_, index): TableRule => ({
        x: [
          { operator: 'greaterThanOrEqualTo', value: index },
          { operator: 'lessThan', value: index + 1 },
        ],
      }),
    );
    assert.deepEqual(analyseTable([number], intervals).overlaps, []);
    assert.deepEqual(
      analyseTable([number], [...intervals, { x: [{ operator: 'equalTo', value: 7.5 }] }]).overlaps,
      [{ first: 7, second: 500, example: { x: 7.5 } }],
    );
    const listed = (operator: 'in' | 'notIn') =>
      Array.from(
        { length: 500 },
        (_, index): TableRule => ({
          x: [{ operator, value: Array.from({ length: 100 }, (_value, at) => index * 100 + at) }],
        }),
      );
    assert.deepEqual(analyseTable([number], listed('in')).overlaps, []);
    assert.equal(analyseTable([number], listed('notIn')).gap, undefined);
  });

  it('treats texts by equality and order', () => {
    const text: TableInput = { name: 't', domain: { kind: 'string' } };
    const rules: TableRule[] = [
      { t: [{ operator: 'in', value: ['a', 'b'] }] },
      { t: [{ operator: 'notIn', value: ['a'] }] },
    ];
    const { gap, overlaps } = analyseTable([text], rules);
    assert.equal(gap, undefined);
    assert.deepEqual(
      overlaps.map(({ example }) => example),
      [{ t: 'b' }],
    );
  });

  it('gives up rather than take long, and says so', () => {
    const many = Array.from(
      { length: 12 },
      (_, index): TableInput => ({ name: `i${index}`, domain: { kind: 'number' } }),
    );
    const rules = Array.from(
      { length: 200 },
      (_, index): TableRule =>
        Object.fromEntries(
          many.map(({ name }, at) => [name, [{ operator: 'notEqualTo', value: (index * 7 + at * 13) % 29 }]]),
        ),
    );
    const { complete, gap } = analyseTable(many, rules);
    assert.ok(!complete || gap !== undefined);
  });
});
