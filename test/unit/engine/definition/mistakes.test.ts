// The mistakes of the tests themselves: three for every code that a flow can be refused or warned with, and what is sound.
import assert from 'node:assert/strict';
import { flowProblems } from '../../../../engine/definition/flow-problems.js';
import { expressionErrors } from '../../../../engine/expressions/index.js';
import { expressionMistakes } from './expression-mistakes.js';
import { type MistakeCase, mistakeCases } from './mistakes.js';
import { standardMistakes } from './standard-mistakes.js';

const cases: readonly (readonly [string, MistakeCase])[] = [
  ...Object.entries(mistakeCases),
  ...Object.entries(standardMistakes),
  ...Object.entries(expressionMistakes),
];

/** What only an evaluation can find, and the error that carries all others. */
const atRunTime = new Set(
  [
    'invalid',
    'variable-unknown',
    'pattern-invalid',
    'division-by-zero',
    'number-range',
    'fuel-exhausted',
    'output-too-large',
    'operator-failed',
  ].map((code) => `expression.${code}`),
);

describe('the mistakes', () => {
  it('are three at least for every code, all different, with something sound beside them', () => {
    const codes = [
      ...Object.keys(flowProblems),
      ...Object.keys(expressionErrors.entries).filter((code) => !atRunTime.has(code)),
    ];
    assert.ok(codes.length > 75, String(codes.length));
    const lacking = codes.filter((code) => {
      const own = cases.filter(([name]) => name === code).map(([, one]) => one);
      const mistakes = new Set(own.flatMap((one) => one.mistakes.map((each) => JSON.stringify(each))));
      return mistakes.size < 3 || own.every(({ nearMiss }) => Object.keys(nearMiss).length === 0);
    });
    assert.deepEqual(lacking, []);
    const known = new Set(codes);
    assert.deepEqual(
      cases.map(([code]) => code).filter((code) => !known.has(code)),
      [],
    );
  });

  it('say what was probably meant, wherever a name is not known', () => {
    const unknown = cases.filter(([code]) => code.endsWith('-unknown'));
    assert.ok(unknown.length >= 17, String(unknown.length));
    const silent = unknown.filter(([, { mistakes }]) =>
      mistakes.every(({ didYouMean }) => didYouMean === undefined),
    );
    assert.deepEqual(
      silent.map(([code]) => code),
      [],
    );
  });
});
