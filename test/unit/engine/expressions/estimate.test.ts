// The static cost of rules: enough for examples (for random rules see test/proof/estimates.test.ts), exact where all is known. Goal S1 of reliability.md, F3.
import assert from 'node:assert/strict';
import {
  checkExpression,
  compileExpression,
  type Extent,
  expressionLimits,
  listExtent,
  numberExtent,
  objectExtent,
  type Scope,
  standardOperators,
} from '../../../../engine/expressions/index.js';
import { readCases } from './source-path.js';

const { assumed, staticStepsMax, textCharsMax } = expressionLimits;

const stepsOf = (rule: unknown, scope?: Extent): number => compileExpression(rule).estimate(scope).steps;

describe('the static cost of a rule', () => {
  it('is that of the cases of JsonLogic and of the examples of all operators, at least', () => {
    const official = readCases<(string | [unknown, Scope, unknown])[]>('official.json').flatMap((row) =>
      typeof row === 'string' ? [] : [{ rule: row[0], scope: row[1] }],
    );
    const examples = [...standardOperators].map(({ example: { rule, scope = {} } }) => ({ rule, scope }));
    let count = 0;
    for (const { rule, scope } of [...official, ...examples]) {
      const { expression } = checkExpression(rule);
      let fuel = 0;
      try {
        fuel = expression?.evaluate(scope ?? {}).fuel ?? 0;
      } catch {
        continue;
      }
      count += 1;
      assert.ok(fuel <= (expression?.estimate().steps ?? 0), JSON.stringify(rule));
    }
    assert.ok(count > 370, String(count));
  });

  it('multiplies iterations in one another, of all kinds', () => {
    const list = Array.from({ length: 60 }, (_, index) => index);
    const nest = (operator: string, levels: number): unknown =>
      levels === 0
        ? 1
        : { [operator]: [list, nest(operator, levels - 1), ...(operator === 'reduce' ? [0] : [])] };
    for (const operator of ['map', 'reduce', 'filter', 'all', 'count', 'sum', 'sortBy', 'first']) {
      const { steps, costly } = compileExpression(nest(operator, 4)).estimate();
      assert.ok(steps >= 60 ** 4, `${operator}: ${steps}`);
      assert.equal(costly?.operator, operator);
      // The innermost that is too much by itself: two of them in one another are not.
      assert.ok(costly.pointer.startsWith(`/${operator}/1/${operator}`), costly.pointer);
      assert.ok(stepsOf(nest(operator, 2)) <= staticStepsMax, operator);
    }
  });

  it('is exact where nothing is left to the data', () => {
    for (const rule of [
      7,
      [1, [2, 3]],
      { '+': [1, 2, 0.5] },
      { map: [[1, 2, 3], { '==': [{ var: '' }, 2] }] },
      { reduce: [[1, 2, 3], { merge: [{ var: 'accumulator' }, [{ var: 'current' }]] }, [0]] },
      { cat: ['x'.repeat(1_000), 'y'] },
      { 'date.add': ['2026-03-29', 'P1M'] },
      { and: [{ in: ['c', ['a', 'b', 'c']] }, { '==': [1, 1] }] },
    ]) {
      assert.equal(stepsOf(rule), compileExpression(rule).evaluate({}).fuel, JSON.stringify(rule));
    }
  });

  it('goes by what is known of the data, and by what is assumed where nothing is', () => {
    const rule = { map: [{ var: 'lines' }, { var: '' }] };
    const known = (length: number) => objectExtent({ lines: listExtent(length, numberExtent) });
    assert.equal(stepsOf(rule, known(7)), 3 + 7 * 2);
    assert.equal(stepsOf(rule, known(5_000)), 3 + 5_000 * 2);
    assert.equal(stepsOf(rule), 3 + assumed.listItems * 2);
  });

  it('counts text that grows, and grows no further than evaluation lets it (F3: 26 doublings)', () => {
    const accumulator = { var: 'accumulator' };
    const doubled = (times: number) => ({
      reduce: [Array.from({ length: times }, () => 1), { cat: [accumulator, accumulator] }, 'x'],
    });
    // 16 doublings fit into a text, and cost what was estimated.
    assert.equal(stepsOf(doubled(16)), compileExpression(doubled(16)).evaluate({}).fuel);
    assert.throws(() => compileExpression(doubled(26)).evaluate({}), { code: 'expression.output-too-large' });
    const { steps, extent } = compileExpression(doubled(26)).estimate();
    assert.equal(extent.chars, textCharsMax);
    const copies = 10 * Math.ceil((2 * textCharsMax) / 64);
    assert.ok(steps > copies && steps < staticStepsMax, String(steps));
    assert.ok(stepsOf(doubled(70)) > staticStepsMax);
  });

  it('ends soon for rules that build up more and more', () => {
    const current = { var: 'current' };
    const accumulator = { var: 'accumulator' };
    const list = { var: '$root.many' };
    const scope = objectExtent({ many: listExtent(10_000, numberExtent) });
    const inner = { reduce: [list, { merge: [accumulator, [current]] }, accumulator] };
    const rule = { reduce: [list, { merge: [inner, [current]] }, []] };
    const { steps } = compileExpression(rule).estimate(scope);
    assert.ok(steps > staticStepsMax);
  });

  it('takes only operators that say what they cost, if they are lazy', () => {
    const { estimateLazy: _, ...map } = standardOperators.get('map')!;
    assert.throws(() => standardOperators.with([{ ...map, name: 'mapAgain' }]), TypeError);
  });
});
