// Text templates: merge fields by the rules of variables, and nothing else.
import assert from 'node:assert/strict';
import { checkText, compileText } from '../../../../engine/expressions/index.js';

describe('text templates', () => {
  it('merge scalars, money and null', () => {
    const scope = {
      customer: { name: 'Ada', nick: null },
      total: { amount: '12.30', currency: 'EUR' },
      n: 0.1,
      ok: true,
    };
    const text = 'Dear {{ customer.name }}{{customer.nick}}, {{total}} × {{n}} = {{ok}}.';
    const template = compileText(text);
    assert.equal(template.type, 'string');
    assert.equal(template.evaluate(scope).value, 'Dear Ada, 12.30 EUR × 0.1 = true.');
    assert.deepEqual(
      template.reads.map(({ path }) => path),
      ['customer.name', 'customer.nick', 'total', 'n', 'ok'],
    );
  });

  it('take text without fields, brackets and what looks like logic as they stand', () => {
    for (const text of ['', 'plain', '{ "var": "a" }', '{"var": "a"}', '}} {', '$&']) {
      assert.equal(compileText(text).evaluate({}).value, text);
    }
    assert.equal(compileText('{{a}}').evaluate({ a: '{{b}} $& {"var":"b"}' }).value, '{{b}} $& {"var":"b"}');
  });

  it('are strict about variables', () => {
    assert.throws(() => compileText('{{custmer}}').evaluate({ customer: 1 }), {
      code: 'expression.variable-unknown',
      message: /did you mean "customer"/,
    });
    assert.throws(() => compileText('{{list}}').evaluate({ list: [1] }), {
      code: 'expression.operand-invalid',
    });
  });

  it('say what is wrong, all at once, with the character', () => {
    const details = (text: unknown) =>
      checkText(text as string, { pointer: '/t' }).problems.map(({ detail }) => detail);
    assert.match(details('ab {{name')[0]!, /character 4: .*not closed/);
    assert.equal(details('{{#if a}} {{a b}} {{}} {{{a}}} {{a..b}}').length, 5);
    assert.match(details(null)[0]!, /text/);
    assert.match(details('x'.repeat(65_537))[0]!, /text/);
    assert.match(details('{{a}}'.repeat(301))[0]!, /too many/);
    assert.equal(checkText('{{a', { pointer: '/t' }).problems[0]!.pointer, '/t');
  });

  it('stay within the size of a text', () => {
    assert.equal((compileText('{{a}}'.repeat(300)).evaluate({ a: 'x' }).value as string).length, 300);
    assert.throws(() => compileText('{{a}}'.repeat(300)).evaluate({ a: 'x'.repeat(1_000) }), {
      code: 'expression.output-too-large',
    });
  });
});
