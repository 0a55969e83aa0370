// What is said of gaps and overlaps of decision tables is true: the values that are named are looked up in the table, by code that
// knows nothing of the analysis.
import assert from 'node:assert/strict';
import type { FlowDefinition, Json } from '../../../../engine/definition/flow.js';
import { validateFlow } from '../../../../engine/definition/validate.js';
import { SeededRandom } from '../../../simulation/seeded-random.js';
import { edited } from './edit-flow.js';
import { sampleFlows, standardContext } from './sample-flows.js';

type Cell = number | string | Readonly<Record<string, number | string>>;
type Rule = Readonly<Partial<Record<'due' | 'status', Cell>>>;
type Inputs = Readonly<Record<string, Json>>;

const tableCount = 200;
const refund = sampleFlows.find(({ name }) => name === 'refund-order')!;
const dues = [0, 50, 99.99, 100, 100.01, 1_000];
const statuses = ['', 'open', 'paid', 'shut', 'zzz'];

function holds(cell: Cell | undefined, value: Json): boolean {
  if (cell === undefined) return true;
  if (typeof cell !== 'object') return cell === value;
  return Object.entries(cell).every(([operator, other]) => {
    if (operator === 'notEqualTo') return value !== other;
    if (operator === 'lessThan') return value! < other;
    return value! >= other;
  });
}

const holding = (rules: readonly Rule[], inputs: Inputs): number[] =>
  rules.flatMap((rule, index) =>
    holds(rule.due, inputs['due']!) && holds(rule.status, inputs['status']!) ? [index + 1] : [],
  );

/** Values that a message names: `due = 100, status = "open"`. */
const namedIn = (detail: string): Inputs =>
  Object.fromEntries(
    [...detail.matchAll(/(\w+) = ("[^"]*"|[-\d.]+)/g)].map(([, name, value]) => [name!, JSON.parse(value!)]),
  );

function randomTable(random: SeededRandom): Rule[] {
  const due = (): Cell =>
    random.pick<Cell>([
      { lessThan: random.pick([50, 100]) },
      { greaterThanOrEqualTo: random.pick([50, 100]) },
      { greaterThanOrEqualTo: 50, lessThan: 100 },
      100,
    ]);
  const status = (): Cell => random.pick<Cell>(['open', 'paid', { notEqualTo: 'open' }]);
  return Array.from({ length: random.between(1, 4) }, () => ({
    ...(random.chance(0.7) ? { due: due() } : {}),
    ...(random.chance(0.6) ? { status: status() } : {}),
  }));
}

describe('counter-examples of decision tables', () => {
  it(`are what they are said to be, and are missing where there is none (${tableCount} tables)`, () => {
    const counts = { gap: 0, overlap: 0, sound: 0 };
    for (let seed = 1; seed <= tableCount; seed += 1) {
      const rules = randomTable(new SeededRandom(seed));
      const flow = edited(refund, {
        '/elements/judge/rules': rules.map((when) => ({ when, output: 'x', next: 'set' })),
        '/elements/judge/hitPolicy': 'unique',
      }) as FlowDefinition;
      const { problems } = validateFlow(flow, standardContext);
      const detailsOf = (code: string) =>
        problems.filter((one) => one.code === code).map(({ detail }) => detail);
      for (const detail of detailsOf('flow.table-gap')) {
        counts.gap += 1;
        assert.deepEqual(holding(rules, namedIn(detail)), [], `${seed}: ${detail}`);
      }
      for (const detail of detailsOf('flow.table-overlap')) {
        counts.overlap += 1;
        const [first, second] = /rules (\d+) and (\d+)/.exec(detail)!.slice(1).map(Number);
        const found = holding(rules, namedIn(detail));
        assert.ok(found.includes(first!) && found.includes(second!), `${seed}: ${detail}`);
      }
      const numbers = dues.flatMap((due) => statuses.map((status) => holding(rules, { due, status }).length));
      const told = [detailsOf('flow.table-gap').length > 0, detailsOf('flow.table-overlap').length > 0];
      assert.deepEqual(told, [numbers.includes(0), numbers.some((number) => number > 1)], String(seed));
      if (!told.includes(true)) counts.sound += 1;
    }
    assert.ok(counts.gap > 50 && counts.overlap > 50 && counts.sound > 2, JSON.stringify(counts));
  });
});
