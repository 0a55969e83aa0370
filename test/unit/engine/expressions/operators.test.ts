// Every operator does what its example says, and the documents say what the operators do.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { calendarErrors } from '../../../../engine/calendar/calendar-errors.js';
import { assembleCatalogue } from '../../../../engine/errors/catalogue.js';
import {
  compileExpression,
  expressionErrors,
  standardOperators,
  toOperatorsDocument,
} from '../../../../engine/expressions/index.js';
import { currencyDigits } from '../../../../engine/money/currency.js';
import { moneyErrors } from '../../../../engine/money/money-errors.js';
import { projectPath, readCases } from './source-path.js';

const document = projectPath('docs/expressions.md');

/** Sums up a list of differences by their reasons. */
function reasonsOf(name: string): string {
  const tally = new Map<string, number>();
  for (const { reason } of readCases<{ reason: string }[]>(name))
    tally.set(reason, (tally.get(reason) ?? 0) + 1);
  return [...tally].map(([reason, count]) => `| ${reason} | ${count} |`).join('\n');
}

function errorsDocument(): string {
  const rows = [...assembleCatalogue([expressionErrors, moneyErrors, calendarErrors])].map(
    ([code, { title, remedy }]) => `| \`${code}\` | ${title} | ${remedy.replaceAll('|', '\\|')} |`,
  );
  return ['| code | meaning | what to do |', '|---|---|---|', ...rows].join('\n');
}

function currenciesDocument(): string {
  return [0, 2, 3]
    .map((digits) => {
      const codes = [...currencyDigits].filter(([, decimals]) => decimals === digits).map(([code]) => code);
      return `- ${digits} decimals: ${codes.join(' ')}`;
    })
    .join('\n');
}

const sections: Record<string, () => string> = {
  operators: () => toOperatorsDocument(standardOperators),
  errors: errorsDocument,
  currencies: currenciesDocument,
  official: () => `| reason | cases |\n|---|---|\n${reasonsOf('official-differences.json')}`,
  compat: () => `| reason | cases |\n|---|---|\n${reasonsOf('compat-differences.json')}`,
};

/** The document with each generated section made anew. */
function regenerated(text: string): string {
  return Object.entries(sections).reduce((whole, [name, make]) => {
    const [start, end] = [`<!-- ${name}: generated -->`, `<!-- ${name}: end -->`];
    const [before, rest] = whole.split(start);
    const after = rest?.split(end)[1];
    assert.ok(before !== undefined && after !== undefined, `docs/expressions.md has no section ${name}`);
    return `${before}${start}\n${make()}\n${end}${after}`;
  }, text);
}

describe('the standard operators', () => {
  for (const { name, example } of standardOperators) {
    it(`${name} does what its example says`, () => {
      assert.deepEqual(compileExpression(example.rule).evaluate(example.scope ?? {}).value, example.result);
    });
  }

  it('are documented as they are (UPDATE_DOCS=1 writes the sections)', () => {
    const text = readFileSync(document, 'utf8');
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(document, regenerated(text));
    else assert.equal(text, regenerated(text));
  });

  it('exist if the text of the document names them', () => {
    const text = readFileSync(document, 'utf8');
    const written = [...text.matchAll(/`\{"([^"]+)": [[{"]/g)].map(([, name]) => name!);
    const placeholders = new Set(['operator', 'amount']);
    for (const name of written)
      assert.ok(standardOperators.get(name) !== undefined || placeholders.has(name), name);
    assert.ok(written.length > 5);
  });
});
