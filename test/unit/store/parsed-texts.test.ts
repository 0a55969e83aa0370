// JSON that is parsed once: the same object for the same text, which nobody can change.
import assert from 'node:assert/strict';
import { ParsedTexts } from '../../../store/parsed-texts.js';

describe('parsed texts', () => {
  it('are parsed once, and frozen to their depth', () => {
    const texts = new ParsedTexts<{ a: { b: number[] } }>();
    const text = '{"a":{"b":[1]}}';
    const parsed = texts.parse(text);
    assert.deepEqual(parsed, { a: { b: [1] } });
    assert.equal(texts.parse(`${text.slice(0, 5)}${text.slice(5)}`), parsed);
    assert.throws(() => parsed.a.b.push(2), TypeError);
    assert.throws(() => texts.parse('{'), SyntaxError);
  });

  it('are let go of, the oldest first', () => {
    const texts = new ParsedTexts<object>();
    const [first, second] = [texts.parse('[0]'), texts.parse('[1]')];
    for (let n = 2; n <= 200; n += 1) texts.parse(`[${n}]`);
    assert.equal(texts.parse('[1]'), second);
    assert.notEqual(texts.parse('[0]'), first);
  });
});
