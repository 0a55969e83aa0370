// Expressions from people who mean harm: nothing escapes, everything stops. F1–F3 and F12 of reliability.md, goal S1.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { RecourseError } from '../../../../engine/errors/recourse-error.js';
import {
  checkExpression,
  compileConditions,
  compileExpression,
  compileText,
  expressionLimits,
  OperatorRegistry,
  type Scope,
  standardOperators,
  type TruthNode,
} from '../../../../engine/expressions/index.js';

const inherited = [
  ...new Set([
    ...Object.getOwnPropertyNames(Object.prototype),
    ...Object.getOwnPropertyNames(Function.prototype),
    ...Object.getOwnPropertyNames(Array.prototype),
    ...Object.getOwnPropertyNames(String.prototype),
    'prototype',
    'process',
    'globalThis',
    'require',
    'method',
    'log',
  ]),
];
const standard = new Set(standardOperators.names());
const list60 = Array.from({ length: 60 }, (_, index) => index);

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof RecourseError, `not an error of ours: ${String(error)}`);
    assert.notEqual(error.code, 'expression.operator-failed', String(error.cause));
    return error.problems[0]?.code ?? error.code;
  }
  return 'none';
}

/** Rule values that are equal as JSON but have code in them. */
function withGetter(name: string, value: unknown): object {
  return Object.defineProperty({}, name, {
    enumerable: true,
    get: () => {
      escaped += 1;
      return value;
    },
  });
}

let escaped = 0;

describe('hostile expressions', () => {
  beforeEach(() => {
    escaped = 0;
  });

  describe('F1: inherited names are no operators and no variables', () => {
    it('refuses every inherited name as an operator, through every door', () => {
      for (const name of inherited.filter((one) => !standard.has(one))) {
        for (const operands of [[], ['x', 1], 'x', [[]]]) {
          const rule = JSON.parse(`{${JSON.stringify(name)}: ${JSON.stringify(operands)}}`);
          const codes = [
            'expression.operator-unknown',
            'expression.operator-refused',
            'expression.data-invalid',
          ];
          assert.ok(codes.includes(codeOf(() => compileExpression(rule))), name);
          assert.notEqual(
            codeOf(() => compileExpression({ if: [false, rule, 1] })),
            'none',
            name,
          );
          assert.notEqual(
            codeOf(() => compileExpression({ map: [[1], rule] })),
            'none',
            name,
          );
          const condition = { left: rule, operator: 'isNull' } as const;
          assert.notEqual(
            codeOf(() => compileConditions({ conditions: [condition] })),
            'none',
            name,
          );
          const named = { left: 1, operator: name as 'equalTo', right: 1 };
          if (!['in', 'contains', 'startsWith', 'endsWith'].includes(name)) {
            assert.notEqual(
              codeOf(() => compileConditions({ conditions: [named] })),
              'none',
              name,
            );
          }
        }
      }
    });

    it('resolves no inherited name as a variable, through every door', () => {
      const scope = { customer: { name: 'Ada' }, list: [1], text: 'abc' };
      for (const name of inherited) {
        for (const path of [name, `customer.${name}`, `text.${name}`, `list.${name}`, `$root.${name}`]) {
          if (path.includes('.') && path.split('.').at(-1) === 'name') continue;
          assert.notEqual(
            codeOf(() => compileExpression({ var: path }).evaluate(scope)),
            'none',
            path,
          );
          const dynamic = { var: { cat: [path, ''] } };
          assert.equal(
            codeOf(() => compileExpression(dynamic).evaluate(scope)),
            'expression.variable-unknown',
            path,
          );
          assert.notEqual(
            codeOf(() => compileExpression({ val: path.split('.') }).evaluate(scope)),
            'none',
            path,
          );
          const exists =
            checkExpression({ exists: path.split('.') }).expression?.evaluate(scope).value ?? false;
          assert.equal(exists, false, path);
          assert.notEqual(
            codeOf(() => compileText(`{{${path}}}`).evaluate(scope)),
            'none',
            path,
          );
        }
      }
    });

    it('never resolves __proto__, constructor and prototype, not even as own properties', () => {
      const scope = JSON.parse('{"a": {"__proto__": 1, "constructor": 2, "prototype": 3}}') as Scope;
      for (const name of ['__proto__', 'constructor', 'prototype']) {
        assert.equal(
          codeOf(() => compileExpression({ var: `a.${name}` })),
          'expression.variable-invalid',
        );
        assert.equal(
          codeOf(() => compileExpression({ var: { cat: ['a.', name] } }).evaluate(scope)),
          'expression.variable-unknown',
        );
      }
      assert.equal(
        codeOf(() => compileExpression({ object: ['__proto__', 1] }).evaluate({})),
        'expression.operand-invalid',
      );
    });

    it('is not reached by operators that others add to json-logic-js, nor they by ours', () => {
      const shared = createRequire(import.meta.url)('json-logic-js') as {
        add_operation(name: string, code: unknown): void;
        rm_operation(name: string): void;
        apply(rule: unknown): unknown;
      };
      shared.add_operation('evil', () => {
        escaped += 1;
      });
      shared.add_operation('+', () => 'evil');
      try {
        assert.equal(
          codeOf(() => compileExpression({ evil: [] })),
          'expression.operator-unknown',
        );
        assert.equal(compileExpression({ '+': [1, 2] }).evaluate({}).value, 3);
        assert.throws(() => shared.apply({ lower: ['A'] }), /Unrecognized operation/);
        assert.equal(shared.apply({ '+': [1, 2] }), 'evil');
      } finally {
        shared.rm_operation('evil');
        shared.rm_operation('+');
      }
      assert.equal(escaped, 0);
    });

    it('refuses operators by inherited or malformed names when they are registered', () => {
      const [first] = standardOperators;
      for (const name of ['constructor', 'toString', '__proto__', 'a b', 'a.b.c', '', 'var']) {
        assert.throws(() => standardOperators.with([{ ...first!, name }]), TypeError, name);
      }
      assert.equal(new OperatorRegistry([]).get('var'), undefined);
    });
  });

  describe('F2: no NaN, no Infinity, no silent conversion', () => {
    const cases: [unknown, string][] = [
      [{ '/': [1, 0] }, 'expression.division-by-zero'],
      [{ '/': [0, 0] }, 'expression.division-by-zero'],
      [{ '%': [1, 0] }, 'expression.division-by-zero'],
      [{ '+': [{ var: 'text' }, 1] }, 'expression.operand-invalid'],
      [{ '<': [{ var: 'text' }, 5] }, 'expression.operand-invalid'],
      [{ '<': [{ var: 'nothing' }, 5] }, 'expression.operand-invalid'],
      [{ '+': [{ var: 'nothing' }, 1] }, 'expression.operand-invalid'],
      [{ '+': [{ var: 'gone' }, 1] }, 'expression.variable-unknown'],
      [{ '*': [1e308, 10] }, 'expression.number-range'],
      [{ '+': ['1e999', 1] }, 'expression.operand-invalid'],
      [{ '+': ['0x10', 1] }, 'expression.operand-invalid'],
      [{ '+': ['Infinity', 1] }, 'expression.operand-invalid'],
      [{ '-': [{ var: 'infinite' }] }, 'expression.data-invalid'],
      [{ '-': [true] }, 'expression.operand-invalid'],
    ];
    for (const [rule, code] of cases) {
      it(`${JSON.stringify(rule)} is ${code}`, () => {
        const scope = { text: 'abc', nothing: null, infinite: Number.POSITIVE_INFINITY };
        assert.equal(
          codeOf(() => compileExpression(rule).evaluate(scope)),
          code,
        );
      });
    }

    it('adds as people do', () => {
      assert.equal(compileExpression({ '+': [0.1, 0.2] }).evaluate({}).value, 0.3);
    });
  });

  describe('F3: fuel and size stop what does not end', () => {
    const nest = (levels: number, operator: 'map' | 'reduce' | 'filter' | 'some'): unknown => {
      if (levels === 0) return operator === 'some' ? false : 1;
      const body = nest(levels - 1, operator);
      return { [operator]: [{ var: '$root.list' }, body, ...(operator === 'reduce' ? [0] : [])] };
    };
    for (const operator of ['map', 'reduce', 'filter', 'some'] as const) {
      it(`60⁴ of ${operator}`, () => {
        const expression = compileExpression(nest(4, operator));
        assert.equal(
          codeOf(() => expression.evaluate({ list: list60 })),
          'expression.fuel-exhausted',
        );
        assert.equal(
          codeOf(() => expression.evaluateWithTruth({ list: list60 })),
          'expression.fuel-exhausted',
        );
      });
    }

    const double = (body: unknown, initial: unknown) => ({ reduce: [{ var: 'list' }, body, initial] });
    const accumulator = { var: 'accumulator' };
    const bombs: Record<string, unknown> = {
      'text that doubles': double({ cat: [accumulator, accumulator] }, 'x'),
      'text that doubles by join': double({ join: [[accumulator, accumulator], ''] }, 'x'),
      'text that doubles by replace': double({ replace: [accumulator, 'x', 'xx'] }, 'x'),
      'a list that doubles': double({ merge: [accumulator, accumulator] }, [1]),
      'a list of itself twice': double([accumulator, accumulator], 'x'),
      'an object of itself twice': double({ object: ['a', accumulator, 'b', accumulator] }, 'x'),
      'lists of themselves compared': {
        '==': [double([accumulator, accumulator], 'x'), double([accumulator, accumulator], 'x')],
      },
    };
    for (const [name, rule] of Object.entries(bombs)) {
      it(name, () => {
        const codes = ['expression.fuel-exhausted', 'expression.output-too-large'];
        assert.ok(codes.includes(codeOf(() => compileExpression(rule).evaluate({ list: list60 }))));
      });
    }

    it('counts fuel the same each time, and gives it back', () => {
      const expression = compileExpression({ map: [{ var: 'list' }, { '*': [{ var: '' }, 2] }] });
      const { fuel } = expression.evaluate({ list: list60 });
      assert.ok(fuel > 60 && fuel < 1_000);
      assert.equal(expression.evaluate({ list: list60 }).fuel, fuel);
      assert.equal(expression.evaluateWithTruth({ list: list60 }).fuel, fuel);
    });

    it('long texts that are looked for in long texts', () => {
      const scope = { text: 'a'.repeat(65_536), part: `${'a'.repeat(16_384)}b${'a'.repeat(16_384)}` };
      const [text, part] = [{ var: 'text' }, { var: 'part' }];
      const rules = [
        { in: [part, text] },
        { contains: [text, part] },
        { replace: [text, part, 'c'] },
        { split: [text, part] },
      ];
      for (const rule of rules) {
        const expression = compileExpression(rule);
        assert.equal(
          codeOf(() => expression.evaluate(scope)),
          'expression.fuel-exhausted',
          JSON.stringify(rule),
        );
        // What is short, or leaves few places where it may be, is found soon.
        for (const short of ['b', 'a'.repeat(64), `${'a'.repeat(65_535)}b`]) {
          const { fuel } = expression.evaluate({ text: `${'a'.repeat(65_535)}c`, part: short });
          assert.ok(fuel < 4_000, String(fuel));
        }
      }
    });

    it('calendars with many stretches a day', () => {
      const hours = (count: number) =>
        Array.from({ length: count }, (_, index) => [`${10 + index}:00`, `${10 + index}:30`]);
      const scope = (count: number) => ({
        $calendar: {
          shop: {
            zone: 'Europe/Berlin',
            weekly: { monday: hours(count), tuesday: hours(count), friday: hours(count) },
          },
        },
      });
      const between = (to: string) =>
        compileExpression({ 'business.between': ['2026-01-01T00:00Z', to, 'hours', 'shop'] });
      const { fuel } = between('2026-06-01T00:00Z').evaluate(scope(1));
      assert.ok(between('2026-06-01T00:00Z').evaluate(scope(12)).fuel > 4 * fuel, String(fuel));
      assert.equal(
        codeOf(() => between('2035-12-31T00:00Z').evaluate(scope(12))),
        'expression.fuel-exhausted',
      );
    });

    it('large objects that are compared again and again', () => {
      const withKeys = (count: number) =>
        Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));
      const scope = { list: list60, a: withKeys(1_000), b: withKeys(1_001), many: [withKeys(1_001)] };
      const equal = compileExpression({ '==': [{ var: 'a' }, { var: 'b' }] }).evaluate(scope);
      assert.equal(equal.value, false);
      assert.ok(equal.fuel > 2_000 / 16, String(equal.fuel));
      const long = Array.from({ length: 1_000 }, () => 1);
      for (const operator of ['==', '===', '!=', '!==', 'equalTo', 'notEqualTo', 'in']) {
        const [left, right] = [{ var: '$root.a' }, { var: operator === 'in' ? '$root.many' : '$root.b' }];
        const rule = { map: [{ var: 'list' }, { [operator]: [left, right] }] };
        assert.equal(
          codeOf(() => compileExpression(rule).evaluate({ ...scope, list: long })),
          'expression.fuel-exhausted',
          operator,
        );
      }
    });

    it('values that are deeper than any result', () => {
      const deep = (levels: number, inner: unknown, wrap: (value: unknown) => unknown) => {
        let value = inner;
        for (let level = 0; level < levels; level += 1) value = wrap(value);
        return value;
      };
      const equal = compileExpression({ '==': [{ var: 'a' }, { var: 'b' }] });
      for (const wrap of [(value: unknown) => [value], (value: unknown) => ({ a: value })]) {
        const pair = (levels: number) => ({ a: deep(levels, 1, wrap), b: deep(levels, 1, wrap) });
        assert.equal(equal.evaluate(pair(expressionLimits.outputDepthMax)).value, true);
        assert.equal(
          codeOf(() => equal.evaluate(pair(5_000))),
          'expression.too-deep',
        );
      }
    });

    it('bounds the truth table, and keeps what comes after a long iteration', () => {
      const long = { some: [{ var: 'list' }, { '<': [{ var: '' }, 0] }] };
      const { truth } = compileExpression({ or: [long, { '==': [1, 1] }] }).evaluateWithTruth({
        list: Array.from({ length: 5_000 }, (_, index) => index),
      });
      assert.ok('operands' in truth);
      const [some, equal] = truth.operands as [TruthNode, TruthNode];
      assert.equal(some.omitted, 5_000 - expressionLimits.truthIterationsMax);
      assert.deepEqual(equal, { operator: '==', operands: [{ value: 1 }, { value: 1 }], result: true });
      const wide = compileExpression({ '+': Array.from({ length: 400 }, () => 1) }).evaluateWithTruth(
        {},
      ).truth;
      assert.ok('operands' in wide);
      assert.equal(wide.operands.length + wide.omitted!, 400);
      assert.equal(wide.operands.length, expressionLimits.truthNodesMax - 1);
      assert.equal(wide.result, 400);
    });

    it('keeps the truth table of an evaluation that fails', () => {
      const expression = compileExpression({ and: [{ '==': [1, 1] }, { '/': [1, { var: 'zero' }] }] });
      assert.throws(
        () => expression.evaluateWithTruth({ zero: 0 }),
        (error: { data: { truth: TruthNode } }) => {
          const [equal, divided] = error.data.truth.operands as [TruthNode, TruthNode];
          assert.equal(equal.result, true);
          assert.equal(divided.failed, true);
          assert.deepEqual(divided.operands[1], {
            operator: 'var',
            path: 'zero',
            operands: [{ value: 'zero' }],
            result: 0,
          });
          return error.data.truth.failed === true;
        },
      );
    });

    it('shortens long values in it', () => {
      const scope = { text: 'x'.repeat(1_000), list: list60, deep: { a: { b: { c: { d: 1 } } } } };
      const { truth } = compileExpression({
        and: [{ var: 'text' }, { var: 'list' }, { var: 'deep' }],
      }).evaluateWithTruth(scope);
      const [text, list, deep] = (truth as TruthNode).operands as TruthNode[];
      assert.equal((text!.result as string).length, expressionLimits.truthValueCharsMax + 1);
      assert.deepEqual(list!.result, [...list60.slice(0, 10), '…']);
      assert.deepEqual(deep!.result, { a: { b: { c: '…' } } });
    });
  });

  describe('F12: patterns', () => {
    it('matches in linear time', () => {
      const expression = compileExpression({ matches: [{ var: 'text' }, '^(a+)+$'] });
      assert.equal(expression.evaluate({ text: `${'a'.repeat(5_000)}!` }).value, false);
      assert.equal(
        codeOf(() =>
          compileExpression({ matches: [{ var: 'text' }, '(.{0,30}){1,30}y'] }).evaluate({
            text: 'x'.repeat(60_000),
          }),
        ),
        'expression.fuel-exhausted',
      );
    });

    it('refuses what RE2 does not do, and what repeats too much', () => {
      for (const pattern of [
        '(?=a)',
        '(a)\\1',
        '(',
        'a{1001}',
        '((a{1,100}){1,100}){1,100}',
        'a'.repeat(501),
        '[a-z]{1000}'.repeat(5),
      ]) {
        assert.equal(
          codeOf(() => compileExpression({ matches: ['a', pattern] })),
          'expression.operand-invalid',
          pattern,
        );
        const late = compileExpression({ matches: ['a', { var: 'pattern' }] });
        assert.equal(
          codeOf(() => late.evaluate({ pattern })),
          'expression.pattern-invalid',
          pattern,
        );
      }
    });
  });

  describe('data that is not data', () => {
    it('runs no getter of a rule', () => {
      const rules = [
        withGetter('var', 'x'),
        { and: [withGetter('==', [1, 1]), true] },
        { preserve: withGetter('a', 1) },
        Object.assign([1], { 0: withGetter('var', 'x') }),
        { if: Object.defineProperty([true, 1, 2], 1, { get: () => (escaped += 1) }) },
      ];
      for (const rule of rules)
        assert.equal(
          codeOf(() => compileExpression(rule)),
          'expression.data-invalid',
        );
      assert.equal(escaped, 0);
    });

    it('runs no getter, function or method of the scope', () => {
      const steal = () => {
        escaped += 1;
        return 'stolen';
      };
      const scope = {
        getter: withGetter('a', 1),
        call: steal,
        object: { toString: steal, valueOf: steal, toJSON: steal, [Symbol.toPrimitive]: steal },
        date: new Date(0),
        map: new Map([['a', 1]]),
        big: 1n,
      };
      const paths = [
        'getter.a',
        'call',
        'call.name',
        'object.toString',
        'date',
        'date.getTime',
        'map.size',
        'big',
        'getter',
        'object',
      ];
      for (const path of paths) {
        for (const rule of [
          { var: path },
          { cat: ['', { var: path }] },
          { '+': [{ var: path }, 1] },
          { '<': [{ var: path }, 1] },
        ]) {
          assert.notEqual(
            codeOf(() => compileExpression(rule).evaluate(scope)),
            'none',
            path,
          );
        }
      }
      assert.equal(escaped, 0);
    });

    it('does not change with the rule it was made from', () => {
      const rule = { '+': [1, 2] };
      const expression = compileExpression(rule);
      rule['+'][0] = 40;
      assert.equal(expression.evaluate({}).value, 3);
    });

    it('evaluates no logic that comes with the data', () => {
      const scope = { rule: { '+': [1, 2] }, paths: [{ cat: ['a'] }], a: 1 };
      assert.deepEqual(compileExpression({ var: 'rule' }).evaluate(scope).value, { '+': [1, 2] });
      assert.deepEqual(compileExpression({ map: [[1], { var: '$root.rule' }] }).evaluate(scope).value, [
        { '+': [1, 2] },
      ]);
      assert.equal(
        codeOf(() => compileExpression({ missing: [{ var: 'paths' }] }).evaluate(scope)),
        'expression.variable-invalid',
      );
      assert.equal(
        codeOf(() => compileExpression({ missing_some: [1, { var: 'paths' }] }).evaluate(scope)),
        'expression.variable-invalid',
      );
    });

    it('refuses rules that are too long, too deep, cyclic, sparse or no JSON', () => {
      const deep = (levels: number): unknown => (levels === 0 ? 1 : { '!': [deep(levels - 1)] });
      assert.equal(
        codeOf(() => compileExpression(deep(20)).evaluate({})),
        'none',
      );
      assert.equal(
        codeOf(() => compileExpression(deep(21))),
        'expression.too-deep',
      );
      assert.equal(
        codeOf(() => compileExpression(deep(2_000))),
        'expression.too-deep',
      );
      assert.equal(
        codeOf(() => compileExpression({ '+': Array.from({ length: 499 }, () => 1) }).evaluate({})),
        'none',
      );
      assert.equal(
        codeOf(() => compileExpression({ '+': Array.from({ length: 500 }, () => 1) })),
        'expression.too-many-nodes',
      );
      assert.equal(
        codeOf(() => compileExpression({ '+': new Array(4_000_000_000) })),
        'expression.data-invalid',
      );
      const cyclic: Record<string, unknown> = {};
      cyclic['!'] = [cyclic];
      assert.equal(
        codeOf(() => compileExpression(cyclic)),
        'expression.too-deep',
      );
      assert.equal(
        codeOf(() => compileExpression('x'.repeat(4_097))),
        'expression.text-too-long',
      );
      for (const value of [
        undefined,
        () => 1,
        1n,
        Symbol('a'),
        Number.NaN,
        new Date(0),
        /a/,
        new Map(),
        new Proxy(class {}, {}),
      ]) {
        assert.equal(
          codeOf(() => compileExpression(value)),
          'expression.data-invalid',
        );
        assert.equal(
          codeOf(() => compileExpression({ '!': [value] })),
          'expression.data-invalid',
        );
      }
    });
  });

  describe('S1: 5,000 generated expressions', function () {
    this.timeout(240_000);
    const secret = 'canary-of-the-environment-5f1c';
    const canary = { reached: 0 };

    before(() => {
      process.env['EXPRESSION_CANARY'] = secret;
      Object.defineProperty(globalThis, 'expressionCanary', {
        configurable: true,
        get: () => {
          canary.reached += 1;
          return canary.reached;
        },
      });
    });
    after(() => {
      delete process.env['EXPRESSION_CANARY'];
      Reflect.deleteProperty(globalThis, 'expressionCanary');
    });

    it('do not escape, and each is answered within its bounds or refused with a code of ours', () => {
      canary.reached = 0;
      const { refused, answered, stopped, escapes } = attack(standardOperators, 5_000);
      assert.deepEqual(escapes, []);
      assert.equal(refused + answered + stopped, 5_000);
      for (const count of [refused, answered, stopped])
        assert.ok(count >= 100, JSON.stringify({ refused, answered, stopped }));
    });

    // Negative controls: each way out that is left open on purpose is found.
    const leaks: Record<string, (name: string) => unknown> = {
      'the globals of the process': (name) => Reflect.get(globalThis, name),
      'the environment of the process': (name) =>
        name === 'process' ? process.env['EXPRESSION_CANARY'] : name,
      'what all objects inherit': (name) => Reflect.set(Object.prototype, 'escaped', name),
      'time without end': () => null,
    };
    for (const [what, leak] of Object.entries(leaks)) {
      it(`are found to escape if ${what} can be reached`, () => {
        canary.reached = 0;
        const operators = new OperatorRegistry(
          [...standardOperators].map((operator) =>
            operator.name === 'var'
              ? {
                  ...operator,
                  evaluate: (operands, call) => {
                    if (what === 'time without end') call.spend(-1_000);
                    return leak(String(operands[0])) ?? operator.evaluate?.(operands, call);
                  },
                }
              : operator,
          ),
        );
        try {
          assert.ok(attack(operators, 5_000).escapes.length > 0);
        } finally {
          Reflect.deleteProperty(Object.prototype, 'escaped');
        }
      });
    }

    it('are found to escape if code in a rule is run', () => {
      const looking = (rule: unknown) => checkExpression(typeof rule === 'object' ? { ...rule } : rule);
      assert.ok(attack(standardOperators, 5_000, looking).escapes.length > 0);
    });

    /** Evaluates hostile rules, and says of each that did what it must not do what that was. */
    function attack(
      operators: OperatorRegistry,
      count: number,
      check = (rule: unknown) => checkExpression(rule, { operators }),
    ) {
      const tally = { refused: 0, answered: 0, stopped: 0 };
      const escapes: string[] = [];
      const prototypes = [Object.prototype, Array.prototype, Function.prototype, String.prototype];
      const namesOf = () => prototypes.map((one) => Reflect.ownKeys(one).map(String).join()).join();
      const [environment, inheritedNames] = [JSON.stringify(process.env), namesOf()];
      const note = (what: string) => escapes.length < 20 && escapes.push(what);
      const outcomeOf = (checked: ReturnType<typeof check>): string => {
        if (checked.expression === undefined) {
          tally.refused += 1;
          if (checked.problems.length === 0) note('refused without a reason');
          return JSON.stringify(checked.problems);
        }
        const { expression } = checked;
        try {
          const { steps } = expression.estimate();
          const { value, fuel } = expression.evaluate(scope);
          if (fuel < 1 || fuel > Math.min(steps, expressionLimits.fuelStepsMax))
            note(`${fuel} of ${steps} steps`);
          const text = JSON.stringify(value);
          if (text.length > 4 * expressionLimits.outputCharsMax) note('too large an answer');
          codeOf(() => expression.evaluateWithTruth(scope));
          tally.answered += 1;
          return text;
        } catch (error) {
          tally.stopped += 1;
          const isOurs = error instanceof RecourseError && error.code !== 'expression.operator-failed';
          if (!isOurs) note(`an error that is not ours: ${String(error)}`);
          return JSON.stringify(error instanceof RecourseError ? [error.message, error.data] : null);
        }
      };
      for (const rule of fc.sample(hostileRules(operators), { numRuns: count, seed: 20_261_129 })) {
        if (outcomeOf(check(rule)).includes(secret)) note('the environment was read');
        if (canary.reached > 0) note('a global was reached');
        if (escaped > 0) note('code in a rule was run');
        [canary.reached, escaped] = [0, 0];
      }
      if (JSON.stringify(process.env) !== environment) note('the environment was changed');
      if (namesOf() !== inheritedNames) note('a prototype was changed');
      return { ...tally, escapes };
    }
  });
});

const scope = {
  list: list60,
  order: { total: { amount: '10.00', currency: 'EUR' }, lines: [{ sku: 'A' }] },
  text: 'x'.repeat(1_000),
  when: '2026-03-29T01:30:00Z',
  rule: { method: [{ var: 'list' }, 'constructor'] },
  $record: null,
};

/** Rules of all operators over all inherited names, with code and with what is no JSON in them. */
function hostileRules(operators: OperatorRegistry): fc.Arbitrary<unknown> {
  const names = [
    ...inherited,
    'list',
    'order',
    'order.total',
    'text',
    '$root',
    '$record',
    '',
    'current',
    'accumulator',
    'expressionCanary',
    'process.env.EXPRESSION_CANARY',
  ];
  const { rule } = fc.letrec((tie) => ({
    leaf: fc.oneof(
      fc.constantFrom<unknown>(
        null,
        true,
        0,
        -1,
        1e308,
        0.1,
        '',
        'x',
        '1e5',
        '2026-03-29',
        'P1D',
        'Europe/Berlin',
      ),
      fc.constantFrom<unknown>('constructor', '__proto__', 'process', 'expressionCanary'),
      fc.constantFrom(...names).map((path) => ({ var: path })),
      fc.constantFrom(...names).map((path) => ({ var: [path, 1] })),
      fc.constantFrom(...names).map((name) => ({ var: { cat: ['order.', name] } })),
      fc.constantFrom(...inherited).map((name) => JSON.parse(`{${JSON.stringify(name)}: []}`)),
      fc
        .constantFrom(...inherited)
        .map((name) => JSON.parse(`{"a": 1, ${JSON.stringify(name)}: {"var": "x"}}`)),
      fc.constantFrom(...inherited).map((name) => withGetter(name, 1)),
      fc.constantFrom<unknown>(undefined, () => (escaped += 1), 1n, new Date(0), [[]], {}),
    ),
    rule: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      { weight: 2, arbitrary: tie('leaf') },
      {
        weight: 5,
        arbitrary: fc
          .tuple(fc.constantFrom(...operators.names()), fc.array(tie('rule'), { minLength: 1, maxLength: 4 }))
          .map(([operator, operands]) => ({ [operator]: operands })),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.constantFrom(...operators.names()), fc.constantFrom(...names))
          .map(([operator, name]) => ({ [operator]: [name] })),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(
            fc.constantFrom('map', 'filter', 'reduce', 'sum', 'sortBy', 'count', 'distinct'),
            tie('rule'),
          )
          .map(([operator, body]) => ({
            [operator]:
              operator === 'reduce' ? [{ var: '$root.list' }, body, 'x'] : [{ var: '$root.list' }, body],
          })),
      },
    ),
  }));
  return rule;
}
