// Compiling flows: what is reported, with its place, and what the machine is made of.
import assert from 'node:assert/strict';
import {
  type CompileProblem,
  compileFlow,
  createActionRegistry,
  createElementRegistry,
  type FlowDefinition,
  SchemaCompiler,
  toCanonicalText,
  toContentHash,
} from '../../../../engine/index.js';
import { standardOperators } from '../../../../engine/expressions/index.js';
import { Control } from '../../../../engine/compile/machine.js';
import { double, kernelElements } from '../../../support/engine-world.js';
import { flow } from '../../../support/flows.js';

const registries = {
  elements: createElementRegistry(kernelElements),
  actions: createActionRegistry([double]),
  schemas: new SchemaCompiler(),
  operators: standardOperators,
  records: new Map(),
};

function problemsOf(definition: FlowDefinition): CompileProblem[] {
  const problems: CompileProblem[] = [];
  const compiled = compileFlow(definition, registries, (problem) => problems.push(problem));
  assert.equal(compiled === undefined, problems.length > 0);
  return problems;
}

const pause = (next?: string) => ({
  type: 'wait',
  label: 'Pause',
  events: [{ name: 'over', after: 'PT1H', ...(next === undefined ? {} : { next }) }],
});

describe('compileFlow', () => {
  it('reports everything at once, with the place and the nearest name', () => {
    const problems = problemsOf(
      flow('f', 'a', {
        a: { type: 'action', label: 'A', action: 'duble', next: 'bb' },
        b: { type: 'assignment', label: 'B', assignments: [{ target: 'totl', value: 1 }] },
        c: { type: 'loup', label: 'C' },
        d: { type: 'loop', label: 'D', collection: [], item: 'n', more: true },
      }),
    );
    assert.deepEqual(
      problems.map(({ code, pointer, didYouMean }) => `${code} ${pointer} ${didYouMean ?? ''}`.trim()),
      [
        'flow.action-unknown /elements/a/action double',
        'flow.variable-unknown /elements/b/assignments/0/target total',
        'flow.element-type-unknown /elements/c/type loop',
        'flow.property-invalid /elements/d',
        'flow.target-unknown /elements/a/next b',
      ],
    );
  });

  it('refuses an element that two branches reach', () => {
    const [problem] = problemsOf(
      flow('f', 'p', {
        p: {
          type: 'parallel',
          label: 'P',
          branches: [
            { name: 'x', start: 'a' },
            { name: 'y', start: 'b' },
          ],
        },
        a: pause('c'),
        b: pause('c'),
        c: pause(),
      }),
    );
    assert.equal(problem?.code, 'flow.branch-shared');
    assert.equal(problem?.pointer, '/elements/c');
  });

  it('refuses formulas that read each other in a circle', () => {
    const formulas = { a: { expression: { var: 'b' } }, b: { expression: { var: 'a' } } };
    assert.deepEqual(
      problemsOf(flow('f', undefined, {}, { formulas })).map(({ code }) => code),
      ['flow.formula-circle'],
    );
  });

  it('makes branches regions of a parallel state, and leaves them together', () => {
    const compiled = compileFlow(
      flow('f', 'p', {
        p: {
          type: 'parallel',
          label: 'P',
          branches: [{ name: 'x', start: 'a' }, { name: 'y' }],
          next: 'z',
        },
        a: pause('b'),
        b: pause(),
        z: pause(),
      }),
      registries,
      () => {},
    );
    const control = new Control(compiled!.machine, undefined);
    assert.deepEqual(control.value, { p: { x: 'a', y: '$done' } });
    control.send('a.over');
    assert.deepEqual(control.value, { p: { x: 'b', y: '$done' } });
    control.send('b.over');
    assert.deepEqual(control.value, { p: { x: '$done', y: '$done' } });
    control.send('p.next');
    assert.equal(control.value, 'z');
    control.send('z.over');
    assert.equal(control.hasEnded, true);
  });

  it('checks patterns in linear time', () => {
    const check = registries.schemas.compile({ type: 'string', pattern: '^(a+)+$' });
    assert.equal(check(`${'a'.repeat(5_000)}!`).length, 1);
    assert.deepEqual(check('aaa'), []);
  });
});

describe('the content hash', () => {
  it('does not depend on formatting or the order of keys', () => {
    const definition = flow('f', 'a', { a: pause() });
    const reordered = JSON.parse(toCanonicalText(definition)) as FlowDefinition;
    const { elements, ...rest } = reordered;
    assert.equal(toContentHash({ elements, ...rest }), toContentHash(definition));
    assert.notEqual(toContentHash({ ...definition, label: 'Other' }), toContentHash(definition));
  });

  it('is that of a canonical text that does not change when it is written again', () => {
    const text = toCanonicalText(flow('f', 'a', { a: pause() }));
    assert.equal(toCanonicalText(JSON.parse(text) as FlowDefinition), text);
    assert.ok(text.indexOf('"format"') < text.indexOf('"elements"'));
  });
});
