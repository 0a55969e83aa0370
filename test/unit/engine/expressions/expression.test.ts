// Checking rules: all problems at once with place and advice, what is read, types; and evaluating them strictly.
import assert from 'node:assert/strict';
import {
  checkExpression,
  compileExpression,
  type ExpressionType,
  expressionErrors,
  type Scope,
  standardOperators,
} from '../../../../engine/expressions/index.js';

const evaluate = (rule: unknown, scope: Scope = {}) => compileExpression(rule).evaluate(scope).value;

describe('checking an expression', () => {
  it('finds every problem at once, with pointer, code, what was expected and the nearest name', () => {
    const { problems } = checkExpression(
      {
        and: [
          { '>': [{ vra: 'total' }, 1] },
          { log: 'x' },
          { '/': [1] },
          { '+': [1, 'two'] },
          { 'date.diff': ['2026-02-30', '2026-01-01', 'fortnights'] },
          { a: 1, b: { var: 'x' } },
        ],
      },
      { pointer: '/elements/check/condition' },
    );
    assert.deepEqual(
      problems.map(({ pointer, code }) => `${pointer.slice('/elements/check/condition/and'.length)} ${code}`),
      [
        '/0/>/0/vra expression.operator-unknown',
        '/1/log expression.operator-refused',
        '/2/~1 expression.operand-count',
        '/3/+/1 expression.operand-invalid',
        '/4/date.diff/0 expression.operand-invalid',
        '/4/date.diff/2 expression.operand-invalid',
        '/5/b expression.logic-in-literal',
      ],
    );
    assert.equal(problems[0]!.didYouMean, 'var');
    assert.equal(problems[2]!.expected, 'a list of at least 2 operands');
    assert.match(problems[5]!.expected!, /seconds, minutes, hours, days/);
    for (const { code } of problems) assert.ok(Object.hasOwn(expressionErrors.entries, code), code);
  });

  it('throws them as one error', () => {
    assert.throws(
      () => compileExpression({ '+': [{ a: [] }, { b: [] }] }),
      (error: { code: string; message: string; problems: unknown[] }) =>
        error.code === 'expression.invalid' &&
        error.problems.length === 2 &&
        /and 1 more/.test(error.message),
    );
  });

  const mistakes: [string, unknown][] = [
    ['operator-unknown', { equals: [1, 1] }],
    ['operator-refused', { method: ['a', 'b'] }],
    ['operator-refused', { try: [1, 2] }],
    ['operand-count', { '!': [1, 2] }],
    ['operand-count', { if: true }],
    ['operand-count', { map: [[1]] }],
    ['operand-count', { reduce: [[1], 1] }],
    ['operand-count', { and: [] }],
    ['operand-invalid', { '*': [true, 1] }],
    ['operand-invalid', { size: ['abc'] }],
    ['operand-invalid', { lower: [[]] }],
    ['operand-invalid', { 'money.add': [1, 2] }],
    ['operand-invalid', { 'money.negate': [{ amount: '1.234', currency: 'EUR' }] }],
    ['operand-invalid', { 'money.negate': [{ amount: '1', currency: 'XXX' }] }],
    ['operand-invalid', { 'date.add': ['2026-11-22', 'three days'] }],
    ['operand-invalid', { 'date.of': ['2026-11-22T10:00:00Z', 'Europe/Berlino'] }],
    ['operand-invalid', { sortBy: [[1], { var: '' }, 'upwards'] }],
    ['variable-invalid', { var: 'a.__proto__' }],
  ];
  for (const [code, rule] of mistakes) {
    it(`${JSON.stringify(rule)} is ${code}`, () => {
      assert.equal(checkExpression(rule).problems[0]?.code, `expression.${code}`);
    });
  }

  const sound: unknown[] = [
    { '+': ['1', 2] },
    { size: [{ var: 'list' }] },
    { lower: 'ABC' },
    { 'money.negate': [{ amount: '1.2', currency: 'EUR' }] },
    { and: [true] },
    { preserve: { a: { var: 'x' } } },
    { a: 1, b: { c: 2 } },
    { var: 'prototypes.constructors' },
  ];
  for (const rule of sound) {
    it(`${JSON.stringify(rule)} is sound`, () => {
      assert.deepEqual(checkExpression(rule).problems, []);
    });
  }

  it('lists what is read, from the scope, iterations included', () => {
    const { reads, readsMore } = compileExpression({
      and: [
        { var: ['note', ''] },
        { some: [{ var: 'order.lines' }, { '>': [{ var: 'price' }, { var: '$root.limit' }] }] },
        { reduce: [{ var: 'order.lines' }, { '+': [{ var: 'accumulator' }, { var: 'current.price' }] }, 0] },
        { map: [{ filter: [{ var: 'a' }, true] }, { var: 'unknowable' }] },
        { isNull: { var: '$record.status' } },
        { missing: ['x', 'y.z'] },
      ],
    });
    assert.deepEqual(
      reads.map(({ path, optional }) => (optional ? `${path}?` : path)),
      [
        'note?',
        'order.lines',
        'order.lines.*.price',
        'limit',
        'order.lines',
        'order.lines.*.price',
        'a',
        '$record.status?',
        'x?',
        'y.z?',
      ],
    );
    assert.equal(reads[2]!.pointer, '/and/1/some/1/>/0/var');
    assert.equal(readsMore, false);
    assert.equal(compileExpression({ var: { cat: ['a', 'b'] } }).readsMore, true);
  });

  it('infers types, with those of variables if they are declared', () => {
    const types: Record<string, ExpressionType> = {
      total: 'money',
      name: 'string',
      'lines.*.quantity': 'number',
    };
    const typeOf = (path: string) => types[path];
    const rows: [unknown, ExpressionType][] = [
      [1, 'number'],
      [[1], 'list'],
      [{ '==': [1, 1] }, 'boolean'],
      [{ '+': [{ var: 'total' }, { var: 'total' }] }, 'money'],
      [{ if: [true, 'a', { cat: ['b', 1] }] }, 'string'],
      [{ if: [true, 'a', 1] }, 'unknown'],
      [{ var: 'name' }, 'string'],
      [{ var: 'other' }, 'unknown'],
      [{ amount: '1.00', currency: 'EUR' }, 'money'],
      [{ 'date.of': ['2026-11-22T10:00:00Z', 'UTC'] }, 'date'],
    ];
    for (const [rule, type] of rows)
      assert.equal(compileExpression(rule, { typeOf }).type, type, JSON.stringify(rule));
    for (const operator of ['*', '/', '+', '<']) {
      const [problem] = checkExpression({ [operator]: [{ var: 'total' }, 2] }, { typeOf }).problems;
      assert.equal(problem?.code, 'expression.operand-invalid', operator);
    }
    assert.equal(checkExpression({ size: [{ var: 'name' }] }, { typeOf }).problems.length, 1);
  });
});

describe('evaluating an expression', () => {
  it('is strict about variables, and null is a value', () => {
    const scope = { a: null, order: { total: 5 }, list: [1, 2] };
    assert.equal(evaluate({ var: 'a' }, scope), null);
    assert.equal(evaluate({ var: 'a.b.c' }, scope), null);
    assert.equal(evaluate({ var: ['a', 1] }, scope), null);
    assert.equal(evaluate({ var: ['a.b', 1] }, scope), 1);
    assert.equal(evaluate({ var: ['gone', 1] }, scope), 1);
    assert.equal(evaluate({ var: 'list.1' }, scope), 2);
    assert.equal(evaluate({ '??': [{ var: 'gone' }, { var: 'a' }, 7] }, scope), 7);
    assert.throws(() => evaluate({ var: 'order.totl' }, scope), {
      code: 'expression.variable-unknown',
      message: /did you mean "order.total"/,
    });
    for (const path of ['gone', 'list.2', 'list.-1', 'list.length', 'order.total.x']) {
      assert.throws(() => evaluate({ var: path }, scope), { code: 'expression.variable-unknown' }, path);
    }
    assert.throws(() => evaluate({ '??': [{ '+': [{ var: 'gone' }, 1] }, 7] }, scope), {
      code: 'expression.variable-unknown',
    });
  });

  it('gives no minus zero', () => {
    for (const rule of [{ '*': ['-0'] }, { '*': [-0] }, { max: ['-0'] }, { min: [-0] }, { '-': ['0'] }]) {
      assert.ok(Object.is(evaluate(rule), 0), JSON.stringify(rule));
    }
  });

  it('gives the default for a field of a global that is null, inside iterations as outside', () => {
    const read = { var: ['$record.d', 'default'] };
    for (const name of ['$record', '$root']) {
      const rule = { var: [name, 'default'] };
      const scope = { $record: null };
      assert.deepEqual(evaluate({ map: [[1], rule] }, scope), [evaluate(rule, scope)], name);
    }
    assert.deepEqual(evaluate({ map: [[1], read] }, { $record: null }), [evaluate(read, { $record: null })]);
    assert.equal(evaluate(read, { $record: null }), 'default');
  });

  it('sorts in a direction that is computed', () => {
    const rule = { sortBy: [{ var: 'list' }, { var: '' }, { var: 'dir' }] };
    const list = [3, 1, 2];
    assert.deepEqual(evaluate(rule, { list, dir: 'desc' }), [3, 2, 1]);
    assert.deepEqual(evaluate(rule, { list, dir: 'asc' }), [1, 2, 3]);
    assert.deepEqual(evaluate(rule, { list, dir: null }), [1, 2, 3]);
    assert.throws(() => evaluate(rule, { list, dir: 'up' }), { code: 'expression.operand-invalid' });
  });

  it('finds globals and the scope from inside iterations', () => {
    const scope = {
      limit: 2,
      $record: { factor: 10 },
      list: [1, 2, 3],
      rows: [{ cells: [1, 2] }, { cells: [3] }],
    };
    assert.deepEqual(
      evaluate({ filter: [{ var: 'list' }, { '>': [{ var: '' }, { var: '$root.limit' }] }] }, scope),
      [3],
    );
    assert.deepEqual(
      evaluate({ map: [{ var: 'list' }, { '*': [{ var: '' }, { var: '$record.factor' }] }] }, scope),
      [10, 20, 30],
    );
    assert.deepEqual(
      evaluate({ map: [{ var: 'rows' }, { map: [{ var: 'cells' }, { val: [[3], 'index'] }] }] }, scope),
      [[0, 0], [1]],
    );
    assert.deepEqual(
      evaluate(
        {
          map: [{ var: 'list' }, { count: [{ var: '$root.list' }, { '<': [{ var: '' }, { val: [[2]] }] }] }],
        },
        scope,
      ),
      [0, 1, 2],
    );
    assert.throws(() => evaluate({ val: [[2], 'x'] }, scope), { code: 'expression.operand-invalid' });
  });

  it('says where it failed', () => {
    const expression = compileExpression(
      { if: [true, { map: [[1, 0], { '/': [1, { var: '' }] }] }, 1] },
      { pointer: '/x' },
    );
    assert.throws(
      () => expression.evaluate({}),
      (error: { code: string; problems: { pointer: string }[]; data: { operator: string } }) =>
        error.code === 'expression.division-by-zero' &&
        error.problems[0]!.pointer === '/x/if/1/map/1/~1' &&
        error.data.operator === '/',
    );
  });

  it('does not evaluate what is not needed', () => {
    assert.equal(evaluate({ and: [false, { '/': [1, 0] }] }), false);
    assert.equal(evaluate({ or: [1, { '/': [1, 0] }] }), 1);
    assert.equal(evaluate({ if: [false, { '/': [1, 0] }, 2] }), 2);
    assert.equal(evaluate({ first: [[1, 0], { '/': [1, { var: '' }] }] }), 1);
  });

  it('knows the operators that a room adds, beside the standard ones and without changing them', () => {
    const operators = standardOperators.with([
      {
        name: 'availableToCancel',
        group: 'Orders',
        summary: 'Lines that can be cancelled.',
        operands: [{ name: 'line', kind: 'object' }],
        result: 'number',
        evaluate: ([line], call) => {
          call.spend(10);
          return compileExpression({ '-': [{ var: 'ordered' }, { var: 'shipped' }] }).evaluate(line as Scope)
            .value;
        },
        example: { rule: { availableToCancel: { a: 1, b: 2 } }, result: 0 },
      },
      {
        name: 'broken',
        group: 'Orders',
        summary: 'Throws.',
        operands: [],
        result: 'unknown',
        evaluate: () => {
          throw new Error('a secret');
        },
        example: { rule: { broken: [] }, result: null },
      },
    ]);
    const rule = { '+': [1, { availableToCancel: { var: 'line' } }] };
    // It has not said what it looks up by itself: whoever makes its scope has to make all of it.
    assert.equal(compileExpression(rule, { operators }).seesAll, true);
    assert.equal(compileExpression({ '+': [1, { var: 'line' }] }, { operators }).seesAll, false);
    const scope = { line: { ordered: 5, shipped: 2 } };
    assert.equal(compileExpression(rule, { operators }).evaluate(scope).value, 4);
    assert.equal(checkExpression(rule).problems[0]?.code, 'expression.operator-unknown');
    assert.throws(() => compileExpression({ broken: [] }, { operators }).evaluate({}), {
      code: 'expression.operator-failed',
      message: 'broken failed',
      status: 500,
    });
    assert.equal(compileExpression(rule, { operators }).evaluate(scope).value, 4);
  });

  it('compares by value, and never across kinds', () => {
    assert.equal(evaluate({ '==': [{ preserve: [1, { a: 2 }] }, { preserve: [1, { a: 2 }] }] }), true);
    assert.equal(evaluate({ '===': [{ preserve: { a: 1, b: 2 } }, { preserve: { b: 2, a: 1 } }] }), true);
    assert.equal(evaluate({ '==': [{ preserve: { a: 1 } }, { preserve: { a: 1, b: 2 } }] }), false);
    assert.equal(evaluate({ '==': [0, ''] }), false);
    assert.equal(evaluate({ '==': [null, 0] }), false);
    assert.equal(evaluate({ '==': [false, 0] }), false);
    assert.equal(evaluate({ '!=': [1, '1.0'] }), false);
    assert.equal(
      evaluate({
        in: [
          { preserve: { a: 1 } },
          [
            { a: 1, b: 2 },
            { a: 2, b: 3 },
          ],
        ],
      }),
      false,
    );
  });

  it('keeps money exact and in one currency', () => {
    const eur = (amount: string) => ({ amount, currency: 'EUR' });
    assert.deepEqual(evaluate({ '+': [eur('0.10'), eur('0.2')] }), eur('0.30'));
    assert.deepEqual(evaluate({ '-': [eur('0.10'), eur('0.2'), eur('1')] }), eur('-1.10'));
    assert.deepEqual(evaluate({ '-': [eur('0.10')] }), eur('-0.10'));
    assert.deepEqual(evaluate({ max: [eur('9'), eur('10')] }), eur('10'));
    assert.deepEqual(
      evaluate(
        { sum: [{ var: 'lines' }, { var: 'total' }] },
        { lines: [{ total: eur('1') }, { total: eur('2.5') }] },
      ),
      eur('3.50'),
    );
    assert.deepEqual(evaluate({ 'money.allocate': [eur('10.00'), [eur('1'), eur('2')]] }), [
      eur('3.33'),
      eur('6.67'),
    ]);
    assert.deepEqual(evaluate({ 'money.allocate': [eur('1.00'), ['0.5', 1]] }), [eur('0.33'), eur('0.67')]);
    const refused: [unknown, string][] = [
      [{ '+': [{ var: 'a' }, 1] }, 'expression.operand-invalid'],
      [{ '*': [{ var: 'a' }, 2] }, 'expression.operand-invalid'],
      [{ '<': [{ var: 'a' }, 2] }, 'expression.operand-invalid'],
      [{ '+': [{ var: 'a' }, { var: 'b' }] }, 'money.currency-mixed'],
      [{ '<': [{ var: 'a' }, { var: 'b' }] }, 'money.currency-mixed'],
      [{ 'money.allocate': [{ var: 'a' }, []] }, 'money.weights-invalid'],
      [{ 'money.sum': [[]] }, 'money.invalid'],
    ];
    const scope = { a: eur('1'), b: { amount: '1', currency: 'USD' } };
    for (const [rule, code] of refused)
      assert.throws(() => evaluate(rule, scope), { code }, JSON.stringify(rule));
  });
});
