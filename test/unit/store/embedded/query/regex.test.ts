// User patterns on RE2: same answers as PCRE where both know the syntax, refusal where only PCRE does, linear time.
import assert from 'node:assert/strict';
import { BSONRegExp } from 'bson';
import fc from 'fast-check';
import { compileRegex, literalPrefix } from '../../../../../store/embedded/query/regex.js';
import { filterRefused, finds, refuses } from './match-table.js';

function check(pattern: string, options: string, hits: readonly string[], misses: readonly string[]): void {
  const test = compileRegex(pattern, options);
  for (const text of hits) assert.ok(test(text), `/${pattern}/${options} on ${JSON.stringify(text)}`);
  for (const text of misses) assert.ok(!test(text), `/${pattern}/${options} on ${JSON.stringify(text)}`);
}

describe('compileRegex', () => {
  it('searches anywhere, with each option', () => {
    check('b', '', ['abc'], ['ABC']);
    check('b', 'i', ['aBc'], ['ac']);
    check('^b', '', ['bc'], ['a\nb']);
    check('^b', 'm', ['a\nb'], ['ab']);
    check('a.b', '', ['axb'], ['a\nb']);
    check('a.b', 's', ['a\nb'], ['ab']);
    check('é', 'i', ['É'], ['e']);
    check('a.b', 'u', ['a😀b'], []);
  });

  it('ignores blanks and comments with x, except in classes and escapes', () => {
    check('a b # c\n d', 'x', ['abd'], ['a b', 'abc']);
    check('a\\ b[ #]', 'x', ['a b ', 'a b#'], ['ab#']);
    check('a +', 'x', ['aaa'], ['']);
  });

  it('lets $ hold before a final newline, unless m makes it the end of any line', () => {
    check('c$', '', ['abc', 'abc\n'], ['abc\n\n', 'c\nd']);
    check('c$', 'm', ['c\nd', 'abc'], ['cd']);
    check('(?m)c$', '', ['c\nd'], ['cd']);
    check('c\\Z', '', ['abc\n'], ['c\nd']);
    check('c\\z', '', ['abc'], ['abc\n']);
    check('[$]\\$', '', ['$$'], ['$']);
    check('a$|b', '', ['a', 'bc'], ['ac']);
  });

  it('reads classes, quotes and escapes', () => {
    check('[]a]x', '', [']x', 'ax'], ['bx']);
    check('[^]a]x', '', ['bx'], [']x']);
    check('[[:digit:]$]x', '', ['5x', '$x'], ['ax']);
    check('\\Qa.$\\E+', '', ['a.$', 'a.$$'], ['ab$']);
    check('a\\sb', '', ['a b', 'a\vb', 'a\tb'], ['ab']);
    check('a\\Sb', '', ['axb'], ['a\vb', 'a b']);
    check('a[\\s]b', '', ['a\vb'], ['axb']);
    check('a\\vb', '', ['a\nb', 'a\vb', 'a\u2028b'], ['avb', 'a b']);
    check('\\/\\-\\.', '', ['/-.'], ['/-x']);
    check('\\d{2,3}\\b', '', ['12', '123'], ['1', '12a']);
    check('\\w+@\\w+', '', ['a@b'], ['@b', 'é@é']);
  });

  it('refuses by name what needs backtracking, and broken patterns', () => {
    for (const pattern of ['(?=a)', '(?!a)', '(?<=a)b', '(?<!a)b', '(a)\\1', '(?>a)', 'a++', '(?R)']) {
      refuses(() => compileRegex(pattern, ''), 'BadValue', /look-around, backreferences/);
    }
    for (const pattern of ['(', '[', 'a{2,1}', '*', '\\', 'a{1001}']) {
      refuses(() => compileRegex(pattern, ''), 'BadValue', 'invalid or not supported');
    }
    for (const sequence of ['\\h', '\\R', '\\K', '\\X', '\\G', '\\N', '\\u0041', '\\cA']) {
      refuses(() => compileRegex(sequence, ''), 'BadValue', 'not supported');
    }
    refuses(() => compileRegex('a(?m)b', ''), 'BadValue', '(?m)');
    refuses(() => compileRegex('a(?m:b$)', ''), 'BadValue', '(?m)');
    refuses(() => compileRegex('a', 'g'), 'BadValue', 'invalid flag in regex options: g');
    refuses(() => compileRegex('a\0b', ''), 'BadValue', 'null byte');
    refuses(() => compileRegex('a'.repeat(32_765), ''), 'BadValue', 'too long');
  });

  it('takes patterns that are exponential elsewhere', () => {
    check('^(a+)+$', '', ['a'.repeat(1000)], [`${'a'.repeat(20_000)}!`]);
    check('(x+x+)+y', '', [], ['x'.repeat(20_000)]);
    check('^(a|a)*$', 'i', [], [`${'a'.repeat(20_000)}b`]);
  });

  it('agrees with the host on patterns both read alike', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '(a|b)', '(?:ab)', '^', '\\b');
    const pattern = fc
      .array(fc.tuple(atom, fc.constantFrom('', '', '*', '+?', '{1,2}')), { maxLength: 4 })
      .map((parts) => parts.map(([a, times]) => (a === '^' || a === '\\b' ? a : a + times)).join(''));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', ' ', 'A'), maxLength: 6 });
    fc.assert(
      fc.property(pattern, text, fc.constantFrom('', 'i'), (source, subject, options) => {
        assert.equal(compileRegex(source, options)(subject), new RegExp(source, options).test(subject));
      }),
      { numRuns: 500 },
    );
  });
});

describe('$regex', () => {
  const documents = [
    { a: 'Abc' },
    { a: 'xabc' },
    { a: ['z', 'abc'] },
    { a: 5 },
    {},
    { a: new BSONRegExp('^abc') },
  ];

  it('takes its options beside it, in either order', () => {
    finds({ a: { $regex: '^abc' } }, documents, [2, 5]);
    finds({ a: { $regex: '^abc', $options: 'i' } }, documents, [0, 2]);
    finds({ a: { $options: 'i', $regex: '^abc' } }, documents, [0, 2]);
    finds({ a: { $regex: /^abc/, $options: 'i' } }, documents, [0, 2]);
    finds({ a: { $regex: /^abc/i } }, documents, [0, 2]);
    finds({ a: { $regex: 'abc', $nin: ['xabc'] } }, documents, [2]);
  });

  it('refuses malformed operands', () => {
    filterRefused({ a: { $regex: 1 } }, 'BadValue', '$regex has to be a string');
    filterRefused({ a: { $regex: 'a', $options: 1 } }, 'BadValue', '$options has to be a string');
    filterRefused({ a: { $options: 'i' } }, 'BadValue', '$options needs a $regex');
    filterRefused(
      { a: { $regex: /a/i, $options: 'm' } },
      'BadValue',
      'options set in both $regex and $options',
    );
    filterRefused({ a: { $regex: '(?=a)' } }, 'BadValue', 'look-around');
    filterRefused({ a: { $in: [/(?=a)/] } }, 'BadValue', 'look-around');
  });
});

describe('literalPrefix', () => {
  it('is what every match begins with', () => {
    for (const [pattern, prefix] of [
      ['^abc', 'abc'],
      ['^abc.*', 'abc'],
      ['^ab?c', 'a'],
      ['^ab*', 'a'],
      ['^ab+', 'ab'],
      ['^ab{2}', 'a'],
      ['^a\\.b', 'a.b'],
      ['^a\\/b\\-', 'a/b-'],
      ['^a\\d', 'a'],
      ['^a\\.?', 'a'],
      ['^a[bc]', 'a'],
      ['^ab$', 'ab'],
      ['^a😀?', 'a'],
      ['^😀', '😀'],
      ['^a|b', ''],
      ['^(a)', ''],
      ['^', ''],
      ['abc', ''],
      ['.abc', ''],
    ] as const) {
      assert.equal(literalPrefix(new BSONRegExp(pattern)), prefix, pattern);
    }
    for (const options of ['i', 'm', 'x']) assert.equal(literalPrefix(new BSONRegExp('^abc', options)), '');
    assert.equal(literalPrefix(new BSONRegExp('^abc', 's')), 'abc');
    assert.equal(literalPrefix(/^ab/), 'ab');
  });

  it('never leaves out a string that matches', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '?',
      '*',
      '+',
      '{0,1}',
      '.',
      '\\.',
      '(a)',
      '(b|a)?',
      '|',
      '$',
      '[ab]',
    );
    const pattern = fc.array(piece, { maxLength: 5 }).map((pieces) => `^${pieces.join('')}`);
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 4 });
    fc.assert(
      fc.property(pattern, text, (source, subject) => {
        let matched = false;
        try {
          matched = compileRegex(source, '')(subject);
        } catch {
          fc.pre(false);
        }
        assert.ok(!matched || subject.startsWith(literalPrefix(new BSONRegExp(source))));
      }),
      { numRuns: 1000 },
    );
  });
});
