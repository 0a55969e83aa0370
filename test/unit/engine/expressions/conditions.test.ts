// Condition lists, their 20 operators, and custom logic strings against a naive evaluator.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type Condition,
  type ConditionOperator,
  checkConditions,
  compileConditions,
  conditionOperatorNames,
  parseConditionLogic,
  type Scope,
} from '../../../../engine/expressions/index.js';

const eur = (amount: string) => ({ amount, currency: 'EUR' });

function holds(left: unknown, operator: ConditionOperator, right?: unknown, scope: Scope = {}): unknown {
  const condition: Condition = right === undefined ? { left, operator } : { left, operator, right };
  return compileConditions({ conditions: [condition] }).evaluate(scope).value;
}

describe('conditions', () => {
  const rows: [unknown, ConditionOperator, unknown, boolean][] = [
    ['open', 'equalTo', 'open', true],
    ['open', 'equalTo', 'Open', false],
    [1, 'equalTo', '1.0', true],
    [null, 'equalTo', null, true],
    [null, 'equalTo', 0, false],
    [false, 'equalTo', 0, false],
    [eur('1.50'), 'equalTo', eur('1.5'), true],
    [eur('1.50'), 'equalTo', { amount: '1.50', currency: 'USD' }, false],
    ['2026-11-22T10:00:00Z', 'equalTo', '2026-11-22T11:00:00+01:00', true],
    // What only looks like a point in time or like money is a text, or an object like others.
    ['2026-02-30T10:00Z', 'equalTo', '2026-11-22T10:00Z', false],
    ['2026-02-30T10:00Z', 'equalTo', '2026-02-30T10:00Z', true],
    ['2026-02-30T10:00Z', 'notEqualTo', '2026-02-31T10:00Z', true],
    [{ amount: '1.5', currency: 'BTC' }, 'equalTo', { amount: '1.5', currency: 'BTC' }, true],
    [{ amount: '1.5', currency: 'BTC' }, 'equalTo', { amount: '1.50', currency: 'BTC' }, false],
    [{ amount: '3 kg', currency: 'EUR' }, 'in', [eur('1.00'), { amount: '3 kg', currency: 'EUR' }], true],
    [{ amount: '3 kg', currency: 'EUR' }, 'in', [eur('1.00')], false],
    ['open', 'notEqualTo', 'closed', true],
    [null, 'notEqualTo', 5, true],
    [0.3, 'greaterThan', 0.1, true],
    [null, 'greaterThan', 5, false],
    [eur('2.00'), 'greaterThan', eur('10.00'), false],
    ['2026-11-22T10:30:00Z', 'greaterThan', '2026-11-22T11:00:00+01:00', true],
    ['b', 'greaterThanOrEqualTo', 'b', true],
    [5, 'lessThan', null, false],
    ['2026-01-31', 'lessThan', '2026-02-01', true],
    [2, 'lessThanOrEqualTo', 1, false],
    ['Springfield', 'contains', 'ring', true],
    [['A', 'B'], 'contains', 'B', true],
    [null, 'contains', 'B', false],
    ['invoice', 'startsWith', 'inv', true],
    [null, 'startsWith', 'inv', false],
    [2026, 'startsWith', 20, true],
    ['invoice', 'endsWith', 'inv', false],
    ['A', 'in', ['A', 'B'], true],
    [null, 'in', ['A', 'B'], false],
    ['A', 'notIn', ['A', 'B'], false],
    ['DE-1', 'matchesAny', ['^AT', '^DE'], true],
    [['x', 'DE-1'], 'matchesAny', ['^DE'], true],
    [null, 'matchesAny', ['^DE'], false],
    [null, 'isNull', true, true],
    ['', 'isNull', true, false],
    ['', 'isNull', false, true],
    [' \t', 'isBlank', true, true],
    [null, 'isBlank', true, true],
    ['a', 'isBlank', true, false],
    [[], 'isEmpty', true, true],
    [null, 'isEmpty', true, true],
    [[0], 'isEmpty', true, false],
    ['damaged', 'wasSelected', 'damaged', true],
    [['late', 'damaged'], 'wasSelected', 'damaged', true],
    [null, 'wasSelected', 'damaged', false],
  ];
  for (const [left, operator, right, expected] of rows) {
    it(`${JSON.stringify(left)} ${operator} ${JSON.stringify(right)} is ${expected}`, () => {
      assert.equal(holds({ var: 'left' }, operator, { var: 'right' }, { left, right }), expected);
    });
  }

  it('ask about the run: changed, set, visited, in error', () => {
    const scope = {
      $record: { status: 'open', total: eur('1.0') },
      $recordPrior: { status: 'new', total: eur('1.00') },
      $flow: { visited: { approve: 1 }, errors: { refund: 'payment.declined' } },
      reason: null,
      note: 'x',
    };
    assert.equal(holds({ var: '$record.status' }, 'isChanged', true, scope), true);
    assert.equal(holds({ var: '$record.total' }, 'isChanged', true, scope), false);
    assert.equal(
      holds({ var: '$record.added' }, 'isChanged', true, { ...scope, $record: { added: 1 } }),
      true,
    );
    assert.equal(
      holds({ var: '$record.status' }, 'isChanged', true, {
        $record: { status: 'open' },
        $recordPrior: null,
      }),
      false,
    );
    assert.equal(holds({ var: 'note' }, 'wasSet', true, scope), true);
    assert.equal(holds({ var: 'reason' }, 'wasSet', true, scope), false);
    assert.equal(holds({ var: 'never' }, 'wasSet', undefined, scope), false);
    assert.equal(holds({ var: 'never.seen' }, 'isNull', undefined, scope), true);
    assert.equal(holds('approve', 'wasVisited', undefined, scope), true);
    assert.equal(holds('reject', 'wasVisited', undefined, scope), false);
    assert.equal(holds('constructor', 'wasVisited', undefined, scope), false);
    assert.equal(holds('refund', 'hasError', undefined, scope), true);
    assert.equal(holds('approve', 'hasError', undefined, scope), false);
    assert.equal(holds('approve', 'hasError', undefined, {}), false);
  });

  it('refuse to order what has no order', () => {
    for (const [left, right] of [
      ['a', 1],
      [true, 1],
      [[], 1],
      [eur('1'), 1],
      [eur('1'), { amount: '1', currency: 'USD' }],
    ]) {
      assert.throws(
        () => holds({ var: 'left' }, 'lessThan', { var: 'right' }, { left, right }),
        /expected|combined/,
      );
    }
  });

  it('cover the twenty operators of conditions', () => {
    assert.equal(conditionOperatorNames.length, 20);
    for (const operator of conditionOperatorNames) {
      const checked = checkConditions({
        conditions: [{ left: { var: '$record.a' }, operator, right: { var: 'b' } }],
      });
      assert.deepEqual(checked.problems, [], operator);
    }
  });

  it('say everything that is wrong at once, and where', () => {
    const { problems } = checkConditions(
      {
        conditions: [
          { left: 1, operator: 'equalsTo' as 'equalTo', right: 1 },
          { left: 1, operator: 'none' },
          { left: { vra: 'a' }, operator: 'equalTo', right: { '+': [{ 'date.add': ['x', 'P1D'] }] } },
          { left: 1, operator: 'lessThan' },
        ],
        logic: '1 AND 5',
      },
      { pointer: '/decision/rules/0' },
    );
    assert.deepEqual(
      problems.map(({ pointer, didYouMean }) => [pointer, didYouMean]),
      [
        ['/decision/rules/0/conditions/0/operator', 'equalTo'],
        ['/decision/rules/0/conditions/1/operator', undefined],
        ['/decision/rules/0/conditions/2/left/vra', 'var'],
        ['/decision/rules/0/conditions/2/right/+/0/date.add/0', undefined],
        ['/decision/rules/0/conditions/3', undefined],
        ['/decision/rules/0/logic', undefined],
      ],
    );
    for (const bad of [null, {}, { conditions: [] }, { conditions: [1] }, { conditions: [{}], logic: 1 }]) {
      assert.notEqual(checkConditions(bad as never).problems.length, 0);
    }
  });

  it('point to the failing side at run time, and list what they read', () => {
    const expression = compileConditions({
      conditions: [
        { left: 1, operator: 'equalTo', right: 1 },
        { left: { '+': [{ var: 'a' }, 1] }, operator: 'equalTo', right: 1 },
      ],
    });
    assert.deepEqual(expression.reads, [
      { path: 'a', pointer: '/conditions/1/left/+/0/var', optional: false },
    ]);
    assert.throws(
      () => expression.evaluate({ a: 'x' }),
      (error: { problems: { pointer: string }[] }) => error.problems[0]?.pointer === '/conditions/1/left/+',
    );
  });

  it('explain themselves in a truth table', () => {
    const { value, truth } = compileConditions({
      conditions: [
        { left: { var: 'status' }, operator: 'equalTo', right: 'open' },
        { left: { var: 'total' }, operator: 'greaterThan', right: 100 },
        { left: { var: 'vip' }, operator: 'equalTo', right: true },
      ],
      logic: '1 AND (2 OR 3)',
    }).evaluateWithTruth({ status: 'open', total: 50, vip: true });
    const variable = (path: string, result: unknown) => ({
      operator: 'var',
      path,
      operands: [{ value: path }],
      result,
    });
    assert.equal(value, true);
    assert.deepEqual(truth, {
      operator: 'and',
      operands: [
        { operator: 'equalTo', operands: [variable('status', 'open'), { value: 'open' }], result: true },
        {
          operator: 'or',
          operands: [
            { operator: 'greaterThan', operands: [variable('total', 50), { value: 100 }], result: false },
            { operator: 'equalTo', operands: [variable('vip', true), { value: true }], result: true },
          ],
          result: true,
        },
      ],
      result: true,
    });
  });
});

/** Rewrites T and F until one is left: parentheses, then NOT, then pairs. */
function naively(text: string): string {
  const rewritten = text
    .replace(/\(\s*([TF])\s*\)/g, '$1')
    .replace(/NOT\s+([TF])/g, (_, truth: string) => (truth === 'T' ? 'F' : 'T'))
    .replace(/(?<!NOT\s+)([TF])\s+AND\s+([TF])(?!\w)/, (_, a: string, b: string) =>
      a + b === 'TT' ? 'T' : 'F',
    )
    .replace(/(?<!NOT\s+)([TF])\s+OR\s+([TF])(?!\w)/, (_, a: string, b: string) =>
      a + b === 'FF' ? 'F' : 'T',
    );
  return rewritten === text ? text.trim() : naively(rewritten);
}

describe('custom logic strings', () => {
  it('say at which character they go wrong', () => {
    const rows: [string, number, RegExp][] = [
      ['', 0, /number of a condition/],
      ['1 AND', 5, /found the end/],
      ['1 2', 2, /AND, OR or the end/],
      ['1 AND 3', 6, /no condition 3/],
      ['0 OR 1', 0, /no condition 0/],
      ['(1 OR 2', 7, /expected AND, OR or \)/],
      ['1 OR 2)', 6, /AND, OR or the end/],
      ['1 XOR 2', 2, /XOR/],
      ['1 AND 2 OR 1', 8, /parentheses/],
      ['1', 1, /condition 2 is not used/],
      ['1 && 2', 2, /"&"/],
      ['1 AND 99999999999999999999', 6, /no condition/],
      [`${'('.repeat(30)}1 OR 2${')'.repeat(30)}`, 21, /levels/],
      [`${'NOT '.repeat(100)}1 OR 2`, 84, /levels/],
      [`1 OR 2${' '.repeat(1_000)}`, 1_000, /1006 characters/],
    ];
    for (const [text, position, detail] of rows) {
      const { fault } = parseConditionLogic(text, 2);
      assert.ok(fault !== undefined, text);
      assert.equal(fault.position, position, text);
      assert.match(fault.detail, detail);
    }
  });

  it('mean what a naive evaluator says they mean', () => {
    const { logic } = fc.letrec<{ logic: string }>((tie) => ({
      logic: fc.oneof(
        { maxDepth: 4 },
        fc.integer({ min: 1, max: 4 }).map(String),
        tie('logic').map((inner) => `NOT (${inner})`),
        fc
          .tuple(fc.constantFrom(' AND ', ' or '), fc.array(tie('logic'), { minLength: 2, maxLength: 3 }))
          .map(([operator, operands]) => operands.map((operand) => `( ${operand} )`).join(operator)),
      ),
    }));
    const values = fc.tuple(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean());
    fc.assert(
      fc.property(logic, values, (inner, truths) => {
        const text = `(${inner}) AND (1 OR NOT 1) AND (2 OR NOT 2) AND (3 OR NOT 3) AND (4 OR NOT 4)`;
        fc.pre(text.length <= 1_000);
        const conditions = truths.map(
          (truth): Condition => ({ left: truth, operator: 'equalTo', right: true }),
        );
        const { expression } = checkConditions({ conditions, logic: text });
        fc.pre(expression !== undefined);
        const written = text.replace(/\d/g, (digit) => (truths[Number(digit) - 1] === true ? 'T' : 'F'));
        assert.equal(expression!.evaluate({}).value, naively(written.toUpperCase()) === 'T');
      }),
      { numRuns: 300 },
    );
  });
});
