// Files that are made to stop the validator: it answers, and says what is wrong.
import assert from 'node:assert/strict';
import type { FlowInterface } from '../../../../engine/definition/flow-interface.js';
import { type FlowProblem, validateFlow } from '../../../../engine/definition/validate.js';
import { standardContext } from './sample-flows.js';
import { assign, E, type Parts, problemsOf, textOf } from './small-flows.js';

const codesOf = (problems: readonly FlowProblem[]): string[] => problems.map(({ code }) => code);
/** An object of so many entries, each made from its number. */
const many = (count: number, entry: (index: number) => readonly [string, unknown]): Parts =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => entry(index)));
const withVariable = (variable: unknown) => ({ variables: { n: variable } });
const schemaProblems = (schema: unknown, value: unknown = 1): string[] =>
  codesOf(problemsOf(E, 'e', withVariable({ schema, default: value })));
describe('the validation of hostile files', () => {
  describe('with schemas', () => {
    it('refuses those that would be checked later', () => {
      const late = { $async: true, type: 'integer' };
      assert.deepEqual(schemaProblems(late, 'abc'), ['flow.schema-invalid']);
      assert.deepEqual(schemaProblems({ type: 'integer', $ref: '#/$defs/a', $defs: { a: late } }, 'abc'), [
        'flow.schema-invalid',
      ]);
      assert.deepEqual(
        schemaProblems({ type: 'object', properties: { $async: { type: 'number' } } }, {}),
        [],
      );
    });

    it('refuses a list of no types', () => {
      assert.ok(schemaProblems({ type: [] }).includes('flow.schema-invalid'));
    });

    const doubling = (levels: number): Parts =>
      many(levels + 1, (index) => [
        `d${index}`,
        index === levels
          ? { type: 'number' }
          : { allOf: [{ $ref: `#/$defs/d${index + 1}` }, { $ref: `#/$defs/d${index + 1}` }] },
      ]);

    it('refuses those that grow with every reference', () => {
      const schema = { type: 'number', $ref: '#/$defs/d0' };
      assert.deepEqual(schemaProblems({ ...schema, $defs: doubling(200) }), ['flow.schema-invalid']);
      assert.deepEqual(schemaProblems({ ...schema, $defs: doubling(8) }), []);
      const named = { $id: 'flow:all', ...schema, $ref: 'flow:all#/$defs/d0', $defs: doubling(200) };
      assert.deepEqual(schemaProblems(named), ['flow.schema-invalid']);
      const inner = { type: 'array', items: named };
      assert.deepEqual(schemaProblems(inner, [1]), ['flow.schema-invalid']);
      assert.deepEqual(schemaProblems({ ...inner, items: { ...named, $defs: doubling(8) } }, [1]), []);
      const far = { type: 'number', $ref: 'flow:all#/$defs/d0', $defs: { far: named } };
      assert.deepEqual(schemaProblems(far), ['flow.schema-invalid']);
    });

    it('refuses those that lead back to themselves for one and the same value', () => {
      assert.deepEqual(schemaProblems({ type: 'number', allOf: [{ $ref: '#' }] }), ['flow.schema-invalid']);
      const circle = { a: { $ref: '#/$defs/b' }, b: { not: { $ref: '#/$defs/a' } } };
      assert.deepEqual(schemaProblems({ type: 'number', $ref: '#/$defs/a', $defs: circle }), [
        'flow.schema-invalid',
      ]);
    });

    it('refuses those that lead back to themselves in a part of a value', () => {
      const circle = { a: { allOf: [{ $ref: '#/$defs/a' }] } };
      const schema = { type: 'object', properties: { x: { $ref: '#/$defs/a' } }, $defs: circle };
      assert.deepEqual(schemaProblems(schema, { x: 1 }), ['flow.schema-invalid']);
    });

    const ofNodes = (node: Parts) => ({ type: 'object', $ref: '#/$defs/t', $defs: { t: node } });
    const again = { $ref: '#/$defs/t' };

    it('refuses those that check a part of a value several times with what leads back to it', () => {
      const nodes: readonly Parts[] = [
        { type: 'object', properties: { a: { allOf: [again, again] } } },
        { type: 'object', properties: { a: again }, allOf: [{ properties: { a: again } }] },
        { oneOf: ['x', 'y'].map((kind) => ({ properties: { kind: { const: kind }, next: again } })) },
        { type: 'array', items: again, contains: again },
        {
          type: 'array',
          items: { items: again, unevaluatedItems: { not: again } },
          contains: { not: { items: again } },
        },
        { properties: { a: again }, patternProperties: { '^a$': again } },
        {
          properties: {
            a: { properties: { b: again }, allOf: [{ $ref: '#/$defs/t/properties/c' }] },
            c: { properties: { b: again } },
          },
        },
      ];
      for (const node of nodes) {
        const problems = problemsOf(E, 'e', withVariable({ schema: ofNodes(node), default: {} }));
        assert.deepEqual(codesOf(problems), ['flow.schema-invalid'], JSON.stringify(node));
        assert.match(problems[0]!.detail, /several times for the same/);
      }
    });

    it('takes those that lead back to themselves once for each part', () => {
      const nodes: readonly Parts[] = [
        { properties: { a: again, b: { anyOf: [again, { type: 'null' }] } }, additionalProperties: again },
        { patternProperties: { '^x': again }, additionalProperties: again },
        { oneOf: ['and', 'or'].map((name) => ({ properties: { [name]: { type: 'array', items: again } } })) },
        { type: 'array', prefixItems: [again, again], minItems: 2, items: false },
        {
          allOf: [
            { properties: { a: { allOf: [{ type: 'object' }, { type: 'object' }] } } },
            { properties: { b: again } },
          ],
        },
      ];
      for (const node of nodes)
        assert.deepEqual(
          schemaProblems(ofNodes(node), {}).filter((code) => code !== 'flow.default-invalid'),
          [],
          JSON.stringify(node),
        );
    });

    it('refuses long chains of references', () => {
      const chain = many(20_000, (index) => [`d${index}`, { $ref: `#/$defs/d${index + 1}` }]);
      const $defs = { ...chain, d20000: { type: 'number' } };
      assert.deepEqual(schemaProblems({ type: 'number', $ref: '#/$defs/d0', $defs }), [
        'flow.schema-invalid',
      ]);
    });

    it('takes trees', () => {
      const branch = { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] };
      const node = {
        type: 'object',
        additionalProperties: false,
        required: ['value'],
        properties: {
          value: { type: 'number' },
          left: branch,
          right: branch,
          list: { items: { $ref: '#/$defs/node' } },
        },
      };
      const schema = { type: 'object', $ref: '#/$defs/node', $defs: { node } };
      assert.deepEqual(schemaProblems(schema, { value: 1, left: { value: 2, right: null } }), []);
      const wrong = { value: 1, left: { value: 'x' } };
      assert.ok(schemaProblems(schema, wrong).every((code) => code === 'flow.default-invalid'));
      assert.notDeepEqual(schemaProblems(schema, wrong), []);
    });
  });

  it('counts the problems of shape that it does not show', () => {
    const decision = { type: 'decision', label: 'd', outcomes: 5 };
    const junk = many(1_100, (index) => [`junk${index}`, 1]);
    const problems = problemsOf({ d: decision }, 'd', junk);
    assert.equal(problems.length, 1_001);
    assert.equal(problems.at(-1)!.code, 'flow.too-many-problems');
  });

  describe('with formulas', () => {
    const links = 12_000;
    const chain = (last: unknown) => ({
      formulas: many(links, (index) => [
        `f${index}`,
        { expression: index === links - 1 ? last : { '+': [{ var: `f${index + 1}` }, 1] } },
      ]),
    });

    it('follows those that read each other however long', () => {
      assert.deepEqual(
        problemsOf({ ...E, a: assign('n', { var: 'f0' }, { next: 'e' }) }, 'a', {
          ...withVariable({ schema: { type: 'number' } }),
          ...chain(1),
        }),
        [],
      );
    });

    it('follows those that read each other twice, of whose value a part is read', () => {
      const formulas = many(40, (index) => {
        const next = { var: `f${index + 1}` };
        return [`f${index}`, { expression: index === 39 ? { var: 'n' } : { if: [true, next, next] } }];
      });
      const elements = { ...E, a: assign('n', { var: ['f0.x', null] }, { next: 'e' }) };
      const variable = { schema: { type: 'object', properties: { x: { type: 'object' } } }, default: {} };
      assert.deepEqual(problemsOf(elements, 'a', { ...withVariable(variable), formulas }), []);
    });

    it('finds what the last of them reads too early', () => {
      const elements = {
        a: assign('n', { var: 'f0' }, { next: 'd' }),
        d: { type: 'decision', label: 'd', outcomes: [{ name: 'x', when: true, next: 'e' }], next: 'e' },
        ...E,
      };
      const problems = problemsOf(elements, 'a', {
        ...withVariable({ schema: { type: 'number' } }),
        ...chain({ size: [{ var: 'd.outcome' }] }),
      });
      const [unset] = problems.filter(({ code }) => code === 'flow.output-unset');
      assert.ok(unset!.detail.length < 1_000, String(unset!.detail.length));
    });

    it('finds a long circle', () => {
      const problems = problemsOf(E, 'e', chain({ var: 'f0' }));
      assert.deepEqual(codesOf(problems), ['flow.formula-circle']);
      assert.ok(problems[0]!.detail.length < 1_000);
    });
  });

  it('knows what is under way beside branches in branches, however deep', () => {
    const depth = 200;
    const elements = {
      ...many(depth, (index) => [
        `p${index}`,
        {
          type: 'parallel',
          label: 'p',
          branches: [
            { name: 'a', start: index === depth - 1 ? 'last' : `p${index + 1}` },
            { name: 'b', start: `x${index}` },
          ],
          ...(index === 0 ? { next: 'e' } : {}),
        },
      ]),
      ...many(depth, (index) => [
        `x${index}`,
        { type: 'decision', label: 'x', outcomes: [{ name: 'y', when: true }] },
      ]),
      last: assign('n', { size: { var: 'x0.outcome' } }),
      ...E,
    };
    const problems = problemsOf(elements, 'p0', withVariable({ schema: { type: 'number' } }));
    assert.deepEqual(codesOf(problems), ['flow.output-maybe-unset']);
  });

  it('says what was meant of so many names only', () => {
    const written = (index: number, outcome: number) => `element${index}to${outcome}`;
    const elements = {
      ...many(400, (index) => [
        `element${index}`,
        {
          type: 'decision',
          label: 'd',
          outcomes: [0, 1, 2, 3].map((outcome) => ({
            name: `o${outcome}`,
            when: false,
            next: written(index, outcome),
          })),
        },
      ]),
    };
    const problems = problemsOf(elements, 'element0');
    const unknown = problems.filter(({ code }) => code === 'flow.target-unknown');
    const suggested = unknown.filter(({ didYouMean }) => didYouMean !== undefined);
    assert.ok(unknown.length > 100 && suggested.length > 0);
    assert.ok(suggested.length <= 100, String(suggested.length));
  });

  it('says what was meant of so many parts, inputs and signals only', () => {
    const count = 500;
    const named = (index: number) => `anExtraordinarilyLongNameOfAThing${index}`;
    const properties = many(count, (index) => [named(index), { type: 'string' }]);
    const elements = {
      ...many(count, (index) => [
        `a${index}`,
        assign('s', { var: `o.x${named(index)}` }, { next: index === count - 1 ? 'call' : `a${index + 1}` }),
      ]),
      call: {
        type: 'subflow',
        label: 'c',
        flow: 'called',
        input: many(count, (index) => [`x${named(index)}`, 1]),
        next: 'w0',
      },
      ...many(count, (index) => [
        `w${index}`,
        {
          type: 'wait',
          label: 'w',
          events: [{ name: 's', signal: `x${named(index)}`, next: 'e' }],
          next: index === count - 1 ? 'e' : `w${index + 1}`,
        },
      ]),
      ...E,
    };
    const called: FlowInterface = {
      active: true,
      inputs: { type: 'object', properties },
      outputs: {},
      calls: [],
    };
    const text = textOf(elements, 'a0', {
      variables: { o: { schema: { type: 'object', properties } }, s: { schema: { type: 'string' } } },
      signals: many(count, (index) => [named(index), { schema: { type: 'object' } }]),
    });
    const { problems } = validateFlow(text, { ...standardContext, flows: new Map([['called', called]]) });
    for (const code of ['flow.path-unknown', 'flow.input-unknown', 'flow.signal-unknown']) {
      const suggested = problems.filter((one) => one.code === code && one.didYouMean !== undefined);
      assert.ok(suggested.length <= 100, `${code} ${suggested.length}`);
    }
    assert.ok(problems.filter(({ didYouMean }) => didYouMean !== undefined).length > 100);
  });
});
