// Decision tables in flows: what is said of their cells, gaps and paths is true, and said once.
import assert from 'node:assert/strict';
import { assign, E, type Parts, problemsOf } from './small-flows.js';

const table = (schema: unknown, cells: readonly unknown[], more: Parts = {}) => ({
  type: 'decisionTable',
  label: 'j',
  inputs: [{ name: 'x', value: { var: '$user.x' }, schema }],
  rules: cells.map((x) => ({ when: { x }, next: 'e' })),
  ...more,
});
/** The problems of a table of one input. */
const found = (schema: unknown, cells: readonly unknown[], more?: Parts): string[] =>
  problemsOf({ j: table(schema, cells, more), ...E }, 'j').map(({ code, detail }) => `${code} ${detail}`);
const gap = (value: string): string => `flow.table-gap no rule holds for x = ${value}`;
const odd = (value: string, why: string): string =>
  `flow.table-cell-invalid ${value} is no value of x: it ${why}`;

describe('the validation of decision tables in flows', () => {
  it('finds cells that look like dates and times and are none, at each of them', () => {
    const date = { type: 'string', format: 'date' };
    const wrong = odd('"2026-02-30"', 'must match format "date"');
    assert.deepEqual(found(date, [{ lessThan: '2026-02-30' }, { greaterThanOrEqualTo: '2026-02-30' }]), [
      wrong,
      wrong,
    ]);
    assert.deepEqual(found(date, [{ lessThan: '2024-02-29' }, { greaterThanOrEqualTo: '2024-02-29' }]), []);
    const time = { type: 'string', format: 'date-time' };
    assert.deepEqual(found(time, [{ notEqualTo: '2026-02-01' }, '2026-11-22T25:00:00Z']), [
      odd('"2026-02-01"', 'must match format "date-time"'),
      odd('"2026-11-22T25:00:00Z"', 'must match format "date-time"'),
    ]);
    assert.deepEqual(found({ type: ['string', 'null'], format: 'date' }, [null, { notEqualTo: null }]), []);
  });

  it('names as examples only values that the schema accepts', () => {
    const code = { type: 'string', pattern: '^[A-Z]{2}$' };
    assert.deepEqual(found(code, ['DE', { notEqualTo: 'DE' }]), []);
    assert.deepEqual(found(code, ['DE', 'AT']), [gap('"XX"')]);
    assert.deepEqual(found({ ...code, pattern: '^(DE|AT)$' }, ['DE', 'AT']), []);
    assert.deepEqual(found({ type: 'string', maxLength: 2 }, ['DE', { notIn: ['DE', ''] }]), [gap('""')]);
    const notFive = { type: 'integer', not: { const: 5 } };
    assert.deepEqual(found(notFive, [{ lessThan: 5 }, { greaterThan: 5 }]), []);
    assert.deepEqual(found(notFive, [{ lessThan: 6 }, { greaterThan: 6 }]), [gap('6')]);
    const unique = { hitPolicy: 'unique' };
    assert.deepEqual(found(notFive, [{ lessThanOrEqualTo: 5 }, { greaterThanOrEqualTo: 5 }], unique), []);
  });

  it('finds values that the schema never accepts', () => {
    assert.deepEqual(found({ type: 'string', maxLength: 2 }, [{ in: ['DE', 'AUT'] }], { next: 'e' }), [
      odd('"AUT"', 'must NOT have more than 2 characters'),
    ]);
    assert.deepEqual(found({ type: 'number', minimum: 0 }, [-1], { next: 'e' }), [odd('-1', 'must be >= 0')]);
    assert.deepEqual(found({ type: 'number', minimum: 0 }, [{ greaterThan: -1 }]), []);
  });

  it('says once that an input is misspelt, and which one was meant', () => {
    const rules = [1, 2, 3].map((y) => ({ when: { amuont: y }, next: 'e' }));
    const inputs = [{ name: 'amount', value: 1, schema: { type: 'number' } }];
    const problems = problemsOf({ j: table({}, [], { inputs, rules }), ...E }, 'j');
    assert.deepEqual(
      problems.map(({ pointer, didYouMean }) => [pointer, didYouMean]),
      [['/elements/j/rules/0/when/amuont', 'amount']],
    );
  });

  it('refuses two inputs, outcomes, fields, events or branches of one name where the second stands', () => {
    const x = { name: 'x', value: 1, schema: { type: 'number' } };
    const next = { name: 'x', next: 'e' };
    const lists: readonly (readonly [string, Parts])[] = [
      [
        'inputs',
        { ...table({}, []), inputs: [x, x], rules: [{ when: { x: { lessThan: 1 } }, next: 'e' }], next: 'e' },
      ],
      [
        'outcomes',
        {
          type: 'decision',
          outcomes: [
            { ...next, when: { wasVisited: 'e' } },
            { ...next, when: { wasVisited: 'j' } },
          ],
          next: 'e',
        },
      ],
      [
        'fields',
        {
          type: 'screen',
          fields: [
            { name: 'x', label: 'x', schema: {} },
            { name: 'x', label: 'y', schema: {} },
          ],
          next: 'e',
        },
      ],
      [
        'events',
        {
          type: 'wait',
          events: [
            { ...next, after: 'P1D' },
            { ...next, after: 'P2D' },
          ],
          next: 'e',
        },
      ],
      [
        'branches',
        {
          type: 'parallel',
          branches: [
            { name: 'x', start: 'a' },
            { name: 'x', start: 'b' },
          ],
          next: 'e',
        },
      ],
    ];
    const variables = { n: { schema: { type: 'number' } }, m: { schema: { type: 'number' } } };
    for (const [list, element] of lists) {
      const branches = list === 'branches' ? { a: assign('n', 1), b: assign('m', 1) } : {};
      const elements = { j: { label: 'j', ...element }, ...branches, ...E };
      assert.deepEqual(
        problemsOf(elements, 'j', { variables }).map(({ code, pointer }) => `${code} ${pointer}`),
        [`flow.name-taken /elements/j/${list}/1/name`],
      );
    }
  });

  it('does not follow the default path of a table without one, nor that of one whose rules take everything', () => {
    const rules = [true, false].map((x) => ({ when: { x }, next: 'each' }));
    const inputs = [{ name: 'x', value: { var: 'b' }, schema: { type: 'boolean' } }];
    const variables = {
      b: { schema: { type: 'boolean' }, default: true },
      one: { schema: { type: 'null' } },
    };
    const looping = (more: Parts) => ({
      each: { type: 'loop', label: 'each', collection: [1], item: 'one', body: 'j', next: 'e' },
      j: table({}, [], { inputs, rules, ...more }),
      ...E,
    });
    const codes = (more: Parts) => problemsOf(looping(more), 'each', { variables }).map(({ code }) => code);
    assert.deepEqual(codes({}), []);
    assert.deepEqual(codes({ rules: rules.slice(0, 1) }), ['flow.table-gap']);
    assert.deepEqual(codes({ rules: [{ when: {} }, ...rules] }).slice(0, 1), ['flow.loop-body-ends']);
    assert.deepEqual(codes({ hitPolicy: 'collect', rules: [{ when: {} }], next: 'each' }), []);
  });
});
