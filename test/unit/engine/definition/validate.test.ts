// Validation: each code with its mistakes at their places, and what looks like a mistake and is none; all problems at once.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type FlowProblemCode, flowProblems } from '../../../../engine/definition/flow-problems.js';
import { type FlowProblem, validateFlow } from '../../../../engine/definition/validate.js';
import { edited, placeOf, textOf } from './edit-flow.js';
import { expressionMistakes } from './expression-mistakes.js';
import { mistakeCases } from './mistakes.js';
import { sampleContext, soundFlow } from './sample-elements.js';
import { sampleFlows, standardContext } from './sample-flows.js';
import { standardMistakes } from './standard-mistakes.js';

const shown = (problems: readonly FlowProblem[]): string =>
  problems
    .slice(0, 20)
    .map((one) => `${one.code} ${one.pointer} ${one.line}:${one.column} ${one.detail}`)
    .join('\n') || 'no problems';

describe('the validation of flows', () => {
  it('finds nothing wrong with a sound flow, and gives it back', () => {
    const { problems, definition } = validateFlow(textOf(soundFlow, {}), sampleContext);
    assert.deepEqual(problems, []);
    assert.deepEqual(definition, soundFlow);
  });

  it('takes a definition as well as a text, and points into its canonical text', () => {
    const wrong = edited(soundFlow, { '/start/next': 'chek' });
    assert.deepEqual(
      validateFlow(wrong, sampleContext).problems,
      validateFlow(textOf(soundFlow, { '/start/next': 'chek' }), sampleContext).problems,
    );
  });

  it('says which field of a schedule is wrong', () => {
    for (const [cron, detail] of [
      ['61 * * * *', '"61" is not a minute'],
      ['0 0 0 * *', '"0" is not a day of the month'],
      ['every day', '"every day" has not five fields'],
    ] as const) {
      const text = textOf(soundFlow, { '/start/trigger': { type: 'schedule', cron } });
      const found = validateFlow(text, sampleContext).problems.find(
        ({ code }) => code === 'flow.cron-invalid',
      );
      assert.equal(found?.detail, detail);
    }
  });

  const cases = [
    ...Object.entries(mistakeCases).map(([code, one]) => ({
      code,
      ...one,
      flow: soundFlow,
      context: sampleContext,
    })),
    ...Object.entries(standardMistakes).map(([code, one]) => ({ code, ...one, context: standardContext })),
    ...Object.entries(expressionMistakes).map(([code, one]) => ({
      code,
      ...one,
      flow: soundFlow,
      context: sampleContext,
    })),
  ];
  for (const { code, mistakes, nearMiss, flow, context } of cases) {
    describe(code, () => {
      for (const [index, mistake] of mistakes.entries()) {
        it(`is found with its place (${index + 1})`, () => {
          const text = mistake.text ?? textOf(flow, mistake.edits ?? {});
          const { problems, definition } = validateFlow(text, context);
          const found = problems.find((one) => one.code === code && one.pointer === mistake.pointer);
          assert.ok(found, `not found at ${mistake.pointer}:\n${shown(problems)}`);
          const { line, column } = placeOf(text, mistake.at);
          assert.deepEqual({ line: found.line, column: found.column }, { line, column });
          assert.equal(found.didYouMean, mistake.didYouMean);
          const severity = flowProblems[code as FlowProblemCode]?.severity ?? 'error';
          assert.equal(found.severity, severity);
          assert.ok(found.detail.length > 0 && found.expected.length > 0);
          assert.notEqual(found.expected, flowProblems[code as FlowProblemCode]?.explanation);
          assert.equal(
            definition === undefined,
            problems.some((one) => one.severity === 'error'),
          );
        });
      }

      it('is not found where all is well', () => {
        const text = nearMiss.text ?? textOf(flow, nearMiss.edits ?? {});
        const { problems, definition } = validateFlow(text, context);
        assert.deepEqual(
          problems.filter((one) => one.code === code || one.severity === 'error'),
          [],
          shown(problems),
        );
        assert.ok(definition);
      });
    });
  }

  it('finds everything at once, each once, in the order of the file', () => {
    const text = textOf(soundFlow, {
      '/start/next': 'chek',
      '/lable': 'x',
      '/variables/count/default': 'none',
      '/elements/treat/target': 'limit',
      '/elements/hold/signal': 'scaned',
      '/elements/refund/inputs': { amount: 'much', extra: { var: 'nothing' } },
      '/elements/mail/type': 'leter',
      '/elements/tell/flow': 'old',
      '/elements/tell/inputs': {},
    });
    const { problems } = validateFlow(text, sampleContext);
    const codes = problems.map(({ code }) => code);
    for (const code of [
      'flow.target-unknown',
      'flow.property-unknown',
      'flow.default-invalid',
      'flow.assignment-to-constant',
      'flow.signal-unknown',
      'flow.input-type',
      'flow.input-unknown',
      'flow.variable-unknown',
      'flow.element-type-unknown',
      'flow.subflow-inactive',
    ]) {
      assert.equal(codes.filter((one) => one === code).length, 1, `${code}:\n${shown(problems)}`);
    }
    const places = problems.map(({ line, column }) => line * 10_000 + column);
    assert.deepEqual(
      places,
      places.toSorted((left, right) => left - right),
    );
  });

  it('says nothing that merely follows from a misspelt name', () => {
    const { problems } = validateFlow(
      textOf(soundFlow, { '/elements/check/yes': 'laod', '/elements/mail/type': 'leter' }),
      sampleContext,
    );
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['flow.target-unknown', 'flow.element-type-unknown'],
      shown(problems),
    );
  });

  it('counts lines by any line end, and columns in UTF-16 code units', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const text = textOf(soundFlow, { '/label': 'Käse 🧀', '/start/next': 'chek' }).replaceAll('\n', end);
      const { line, column } = validateFlow(text, sampleContext).problems[0]!;
      const plain = placeOf(text.replaceAll(end, '\n'), ['"chek"']);
      assert.deepEqual({ line, column }, plain);
    }
  });

  it('refuses what is not an object', () => {
    for (const text of ['', ' ', 'null', '[]', '"flow"', '7']) {
      const { problems, definition } = validateFlow(text, sampleContext);
      assert.equal(definition, undefined);
      assert.ok(problems.length > 0, text);
    }
  });

  it('answers for any text whatsoever, and points into it', () => {
    const text = textOf(soundFlow, {});
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      ',',
      ':',
      '/*',
      '\\u12',
      '1e',
      'null',
      '"__proto__":',
      '\u0000',
      '\ud800',
    );
    fc.assert(
      fc.property(
        fc.nat(text.length),
        fc.nat(40),
        fc.array(pieces, { maxLength: 3 }),
        (at, length, inserted) => {
          const broken = text.slice(0, at) + inserted.join('') + text.slice(at + length);
          const lines = broken.split(/\r\n|\n|\r/);
          for (const { line, column, pointer, expected } of validateFlow(broken, sampleContext).problems) {
            assert.ok(line >= 1 && line <= lines.length && column >= 1);
            assert.ok(column <= lines[line - 1]!.length + 1 && expected.length > 0);
            assert.ok(pointer === '' || pointer.startsWith('/'));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('says of elements that are no objects what they are', () => {
    for (const element of [null, 5, 'end', []]) {
      const { problems } = validateFlow(JSON.stringify({ elements: { one: element } }), sampleContext);
      const own = problems.filter(({ pointer }) => pointer.startsWith('/elements/one'));
      assert.ok(own.length > 0, JSON.stringify(element));
    }
  });

  it('warns of no race for a called flow that does nothing outside, or that is called after the race', () => {
    const parcel = sampleFlows.find(({ name }) => name === 'return-parcel')!;
    const edits = {
      '/elements/both/join': 'any',
      '/elements/report': { type: 'subflow', label: 'Call', flow: 'remind' },
    };
    const { problems } = validateFlow(textOf(parcel, edits), standardContext);
    assert.deepEqual(
      problems.filter(({ code }) => code === 'flow.late-effect'),
      [],
    );
  });

  it('knows what a flow that starts by itself may do, by its mode and by whom it acts for', () => {
    const tidy = sampleFlows.find(({ name }) => name === 'tidy-orders')!;
    const [type] = [...standardContext.records.values()];
    const missing = (edits: Readonly<Record<string, unknown>>, held: readonly string[] = []) =>
      validateFlow(textOf(tidy, { '/start/trigger': { type: 'event', event: 'x' }, ...edits }), {
        ...standardContext,
        triggerPermissions: new Set(held),
      })
        .problems.filter(({ code }) => code === 'flow.right-missing')
        .map(({ pointer }) => pointer.split('/')[2]);
    assert.deepEqual(missing({}), ['read', 'write', 'touch', 'forget']);
    assert.deepEqual(missing({ '/mode': { system: { reason: 'nobody is signed in' } } }), []);
    assert.deepEqual(missing({}, [type!.permissions.read, type!.permissions.delete]), ['write', 'touch']);
  });

  it('leaves unchecked what it is told nothing about', () => {
    const { flows: _flows, templates: _templates, permissions: _permissions, ...rest } = sampleContext;
    const { problems } = validateFlow(
      textOf(soundFlow, {
        '/start/trigger/permission': 'any',
        '/elements/mail/template': 'any',
        '/elements/tell/flow': 'any',
      }),
      rest,
    );
    assert.deepEqual(problems, []);
  });
});
