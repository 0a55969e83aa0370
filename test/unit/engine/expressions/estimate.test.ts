// The static cost of rules: never less than what their evaluation takes, exact where all is known. Goal S1 of reliability.md, F3.
import assert from 'node:assert/strict';
import { RecourseError } from '../../../../engine/errors/recourse-error.js';
import {
  checkExpression,
  compileExpression,
  type Extent,
  expressionLimits,
  listExtent,
  numberExtent,
  objectExtent,
  type Operator,
  OperatorRegistry,
  type Scope,
  standardOperators,
} from '../../../../engine/expressions/index.js';
import { SeededRandom } from '../../../simulation/seeded-random.js';
import { operatorsIn, RandomRules } from './random-rules.js';
import { readCases } from './source-path.js';

const ruleCount = 10_000;
const { assumed, fuelStepsMax, staticStepsMax, textCharsMax } = expressionLimits;

interface Tally {
  readonly answered: number;
  readonly exhausted: number;
  readonly failed: number;
  /** Answered, and within a tenth of the estimate. */
  readonly tight: number;
  readonly seen: ReadonlySet<string>;
  readonly under: readonly string[];
}

/** Estimates random rules, evaluates them over random data, and lists those that took more than their estimate. */
function compared(operators: OperatorRegistry, count: number): Tally {
  const known = new Map([...operators].map((operator) => [operator.name, operator]));
  const tally = { answered: 0, exhausted: 0, failed: 0, tight: 0 };
  const seen = new Set<string>();
  const under: string[] = [];
  for (let seed = 1; seed <= count; seed += 1) {
    const rules = new RandomRules(new SeededRandom(seed));
    const rule = rules.rule();
    const { expression } = checkExpression(rule, { operators });
    if (expression === undefined) continue;
    const { steps } = expression.estimate();
    for (let round = 0; round < 2; round += 1) {
      let fuel: number;
      try {
        fuel = expression.evaluate(rules.scope()).fuel;
      } catch (error) {
        if (!(error instanceof RecourseError)) throw error;
        if (error.code !== 'expression.fuel-exhausted') {
          tally.failed += 1;
          continue;
        }
        tally.exhausted += 1;
        fuel = fuelStepsMax + 1;
      }
      if (fuel <= fuelStepsMax) {
        tally.answered += 1;
        operatorsIn(rule, known, seen);
        if (fuel > 1 && fuel * 1.1 >= steps) tally.tight += 1;
      }
      if (fuel > steps) under.push(`seed ${seed}: ${fuel} > ${steps} ${JSON.stringify(rule).slice(0, 400)}`);
    }
  }
  return { ...tally, seen, under };
}

/** A registry in which one operator's estimate is wrong. */
function planted(name: string, change: (operator: Operator) => Operator): OperatorRegistry {
  return new OperatorRegistry(
    [...standardOperators].map((operator) => (operator.name === name ? change(operator) : operator)),
  );
}

const stepsOf = (rule: unknown, scope?: Extent): number => compileExpression(rule).estimate(scope).steps;

describe('the static cost of a rule', () => {
  it(`is never less than what an evaluation takes (${ruleCount} random rules)`, function () {
    this.timeout(240_000);
    const { under, seen, ...tally } = compared(standardOperators, ruleCount);
    assert.deepEqual(under.slice(0, 5), []);
    // The comparison means something: most evaluations end, many take nearly all that was estimated, some run out.
    assert.ok(tally.answered > ruleCount && tally.exhausted > 20, JSON.stringify(tally));
    assert.ok(tally.tight > ruleCount / 4, JSON.stringify(tally));
    assert.deepEqual(
      [...standardOperators.names()].filter((name) => !seen.has(name)),
      [],
    );
  });

  it('is found to be too low if an operator says too little (negative control)', function () {
    this.timeout(240_000);
    // Few rules are enough for most of them.
    const counts = [200, 600, 3_000];
    const wrong: Readonly<Record<string, OperatorRegistry>> = {
      'the work of cat': planted('cat', ({ estimate: _, ...rest }) => rest),
      'the items of merge': planted('merge', (merge) => ({
        ...merge,
        estimate: (operands, at) => operands[0] ?? at.data,
      })),
      'the body of map': planted('map', (map) => ({
        ...map,
        estimateLazy: ([list], at) => at.evaluate(list),
      })),
      'how reduce goes on': planted('reduce', (reduce) => ({
        ...reduce,
        estimateLazy: ([list, body, initial], at) =>
          at.fold(listExtent(1, at.evaluate(list)), body, at.evaluate(initial)),
      })),
    };
    for (const [what, operators] of Object.entries(wrong)) {
      assert.ok(
        counts.some((count) => compared(operators, count).under.length > 0),
        what,
      );
    }
  });

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
