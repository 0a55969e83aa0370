// The static cost of random rules is never less than what their evaluation takes. Goal S1 of reliability.md, F3.
import assert from 'node:assert/strict';
import { RecourseError } from '../../engine/errors/recourse-error.js';
import {
  checkExpression,
  expressionLimits,
  listExtent,
  type Operator,
  OperatorRegistry,
  standardOperators,
} from '../../engine/expressions/index.js';
import { SeededRandom } from '../simulation/seeded-random.js';
import { operatorsIn, RandomRules } from '../unit/engine/expressions/random-rules.js';

const ruleCount = 10_000;
const { fuelStepsMax } = expressionLimits;

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

describe('the static cost of random rules', () => {
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
});
