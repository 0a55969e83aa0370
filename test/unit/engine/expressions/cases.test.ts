// The cases that others wrote for JsonLogic: which of them differ here is listed, each with its reason, and nothing else may.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { compileExpression, type Scope } from '../../../../engine/expressions/index.js';
import { projectPath, readCases } from './source-path.js';

interface Case {
  readonly rule: unknown;
  readonly data?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

interface Difference {
  readonly rule: unknown;
  readonly data: unknown;
  readonly theirs: unknown;
  readonly ours: unknown;
  readonly reason: string;
}

/** What we say to a case: its value, or the code of the refusal. */
function answer({ rule, data }: Case): { value: unknown } | { code: string } {
  try {
    return { value: compileExpression(rule).evaluate((data ?? null) as Scope).value };
  } catch (error) {
    const { code, problems } = error as { code: string; problems: { code: string }[] };
    return { code: problems[0]?.code ?? code };
  }
}

/** An error that is expected is met by any refusal: the tables name errors that only their engines have. */
function passes(one: Case): boolean {
  const ours = answer(one);
  return 'error' in one ? 'code' in ours : 'value' in ours && isDeepStrictEqual(ours.value, one.result);
}

function differencesOf(cases: readonly Case[], listed: readonly Difference[]): Difference[] {
  return cases
    .filter((one) => !passes(one))
    .map((one) => {
      const ours = answer(one);
      const found = listed.find(
        ({ rule, data }) => isDeepStrictEqual(rule, one.rule) && isDeepStrictEqual(data, one.data ?? null),
      );
      return {
        rule: one.rule,
        data: one.data ?? null,
        theirs: 'error' in one ? { error: one.error } : one.result,
        ours: 'code' in ours ? { error: ours.code } : ours.value,
        reason: found?.reason ?? '',
      };
    });
}

function officialCases(): Case[] {
  const rows = readCases<(string | [unknown, unknown, unknown])[]>('official.json');
  return rows
    .filter((row) => typeof row !== 'string')
    .map(([rule, data, result]) => ({ rule, data, result }));
}

function compatCases(): Case[] {
  const files = readCases<string[]>('compat-tables/index.json');
  return files
    .flatMap((file) => readCases<(string | Case)[]>(`compat-tables/${file}`))
    .filter((row): row is Case => typeof row !== 'string');
}

/** Run with UPDATE_DOCS=1 to write the lists anew; reasons that are known are kept, new ones have to be filled in. */
function checkList(name: string, cases: readonly Case[]): Difference[] {
  const listed = readCases<Difference[]>(name);
  const found = differencesOf(cases, listed);
  if (process.env['UPDATE_DOCS'] === '1') {
    const lines = found.map((difference) => JSON.stringify(difference)).join(',\n');
    writeFileSync(projectPath('test/unit/engine/expressions/fixtures', name), `[\n${lines}\n]\n`);
  } else {
    assert.deepEqual(found, listed);
  }
  for (const { rule, reason } of found) assert.notEqual(reason, '', `no reason for ${JSON.stringify(rule)}`);
  return found;
}

describe('cases of JsonLogic', () => {
  it('pass in 272 of the 277 official ones; the others are listed with reasons', () => {
    const cases = officialCases();
    assert.equal(cases.length, 277);
    assert.equal(checkList('official-differences.json', cases).length, 277 - 272);
  });

  it('pass in 997 of the 1,138 of compat-tables; the others are listed with reasons', () => {
    const cases = compatCases();
    assert.equal(cases.length, 1_138);
    assert.equal(checkList('compat-differences.json', cases).length, 1_138 - 997);
  });
});
