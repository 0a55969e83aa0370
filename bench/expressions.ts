// What our door around json-logic-js costs: one rule of four clauses, bare, behind the door, and with its truth table;
// and checking it. Not measured: large lists, dates, patterns.
import { createRequire } from 'node:module';
import { compileExpression } from '../engine/expressions/index.js';
import { measureInTurn, printRows } from './harness.js';

const operations = 50_000;
const rounds = 7;

const rule = {
  and: [
    { '==': [{ var: '$record.status' }, 'open'] },
    { '>': [{ var: '$record.total' }, 100] },
    { in: [{ var: '$record.country' }, ['DE', 'AT', 'CH']] },
    { '<=': [{ var: '$record.age' }, 30] },
  ],
};
const scope = { $record: { status: 'open', total: 250.5, country: 'AT', age: 12 } };

function repeat(work: () => unknown): () => void {
  return () => {
    for (let n = 0; n < operations; n += 1) work();
  };
}

export async function run(): Promise<void> {
  const bare = createRequire(import.meta.url)('json-logic-js') as {
    apply(rule: unknown, data: unknown): unknown;
  };
  const expression = compileExpression(rule);
  const works = {
    'json-logic-js, bare': () => bare.apply(rule, scope),
    evaluate: () => expression.evaluate(scope),
    'evaluate with its truth table': () => expression.evaluateWithTruth(scope),
    check: () => compileExpression(rule),
  };
  const rows = await measureInTurn(
    Object.entries(works).map(([name, work]) => ({ name, operations, work: repeat(work) })),
    rounds,
  );
  printRows('a rule of four clauses', rows);
}
