// What is said about a template that isn't sound: each code once, with its place; and nothing about sound ones.
import assert from 'node:assert/strict';
import { checkTemplate } from '../../../mail/render/check-template.js';
import type { TemplateProblemCode } from '../../../mail/render/template-problem.js';
import { sampleSchema, sampleTemplate, withHtml } from '../../support/sample-template.js';

const problemsOf = (html: string, partials = {}) => checkTemplate(withHtml(html, partials)).problems;
const manifest = (variables: unknown) =>
  JSON.stringify({ title: 'T', description: 'D', defaultLocale: 'en', variables });

/** HTML parts with one mistake each: the code, line and column. */
const wrong: readonly (readonly [string, TemplateProblemCode, number, number])[] = [
  ['<p>{{nmae}}</p>', 'template.unknown-variable', 1, 6],
  ['<p>\n  {{address.town}}</p>', 'template.unknown-variable', 2, 5],
  ['{{constructor}}', 'template.unknown-variable', 1, 3],
  ['{{name.length.constructor}}', 'template.unknown-variable', 1, 3],
  ['{{#each rows}}{{name}}{{/each}}', 'template.unknown-variable', 1, 17],
  ['{{@root.nothing}}', 'template.unknown-variable', 1, 3],
  ['{{@index}}', 'template.unknown-variable', 1, 3],
  ['{{../name}}', 'template.unknown-variable', 1, 3],
  ['{{nick}}', 'template.optional-unguarded', 1, 3],
  ['{{address.city}}', 'template.optional-unguarded', 1, 3],
  ['{{#if nick}}x{{else}}{{nick}}{{/if}}', 'template.optional-unguarded', 1, 24],
  ['{{#if (or nick link)}}{{nick}}{{/if}}', 'template.optional-unguarded', 1, 25],
  ['{{total}}', 'template.wrong-type', 1, 3],
  ['{{money name}}', 'template.wrong-type', 1, 9],
  ['{{date name}}', 'template.wrong-type', 1, 8],
  ['{{#each name}}x{{/each}}', 'template.wrong-type', 1, 9],
  ['{{rows}}', 'template.wrong-type', 1, 3],
  ['{{#if name}}x', 'template.unclosed-block', 1, 1],
  ['a\n{{#each rows}}{{#if name}}{{/each}}', 'template.unclosed-block', 2, 15],
  ['{{name', 'template.syntax', 1, 3],
  ['{{"text"}}', 'template.syntax', 1, 1],
  ['{{{name}}}', 'template.unescaped', 1, 1],
  ['{{&name}}', 'template.unescaped', 1, 1],
  ['{{#*inline "x"}}{{/inline}}', 'template.decorator', 1, 1],
  ['{{* x}}', 'template.decorator', 1, 1],
  ['{{> (lookup . "name")}}', 'template.partial-by-value', 1, 1],
  ['{{> @partial-block}}', 'template.partial-by-value', 1, 1],
  ['{{> part name}}', 'template.partial-by-value', 1, 1],
  ['{{#> part}}x{{/part}}', 'template.partial-block', 1, 1],
  ['{{> prat}}', 'template.unknown-partial', 1, 5],
  ['{{mony total}}', 'template.unknown-helper', 1, 1],
  ['{{lookup rows 0}}', 'template.unknown-helper', 1, 1],
  ['{{log name}}', 'template.unknown-helper', 1, 1],
  ['{{helperMissing name}}', 'template.unknown-helper', 1, 1],
  ['{{#rows}}x{{/rows}}', 'template.unknown-helper', 1, 1],
  ['{{#money total}}x{{/money}}', 'template.unknown-helper', 1, 1],
  ['{{eq name "x"}}', 'template.unknown-helper', 1, 1],
  ['{{money}}', 'template.wrong-arguments', 1, 1],
  ['{{money total name}}', 'template.wrong-arguments', 1, 1],
  ['{{date day stile="long"}}', 'template.wrong-arguments', 1, 12],
  ['{{date day style="huge"}}', 'template.wrong-arguments', 1, 12],
  ['{{date day style=name}}', 'template.wrong-arguments', 1, 12],
  ['{{plural count one="x"}}', 'template.wrong-arguments', 1, 1],
  ['{{#if undefined}}x{{/if}}', 'template.wrong-arguments', 1, 7],
  ['<a title={{name}}>x</a>', 'template.unquoted-attribute', 1, 10],
  ['<a title=x{{name}}>x</a>', 'template.unquoted-attribute', 1, 11],
  ['<a href="{{name}}">x</a>', 'template.unchecked-url', 1, 10],
  ["<a href='{{name}}'>x</a>", 'template.unchecked-url', 1, 10],
  ['<a href="https://{{name}}/">x</a>', 'template.unchecked-url', 1, 18],
  ['<a href="https://shop.example{{name}}">x</a>', 'template.unchecked-url', 1, 30],
  ['<a href="/{{name}}">x</a>', 'template.unchecked-url', 1, 11],
  ['<img src="x{{url name}}">', 'template.unchecked-url', 1, 12],
  ['<a href="javascript:alert(1)">x</a>', 'template.unchecked-url', 1, 29],
  ['<script>x</script>', 'template.script-context', 1, 8],
  ['<svg>x</svg>', 'template.script-context', 1, 5],
  ['<p onclick="x">y</p>', 'template.script-context', 1, 14],
  ['<p onclick="{{name}}">y</p>', 'template.script-context', 1, 13],
  ['<textarea>{{name}}</textarea>', 'template.script-context', 1, 11],
  ['<style>p { color: {{name}} }</style>', 'template.style-context', 1, 19],
  ['<p style="color:{{name}}">x</p>', 'template.style-context', 1, 17],
  ['<p {{name}}>x</p>', 'template.tag-context', 1, 4],
  ['<{{name}}>', 'template.tag-context', 1, 2],
  ['<p>x</p{{name}}>', 'template.tag-context', 1, 8],
  ['<p class="{{> part}}">x</p>', 'template.tag-context', 1, 11],
  ['<!-- {{name}} -->', 'template.comment-context', 1, 6],
  ['{{#if name}}<a href="{{else}}<p>{{/if}}', 'template.uneven-block', 1, 1],
  ['{{#if name}}<a title="{{/if}}{{name}}', 'template.uneven-block', 1, 1],
  ['<p title="x', 'template.uneven-block', 1, 1],
];

/** HTML parts without a mistake. */
const right: readonly string[] = [
  '<p title="{{name}}">{{name}} {{{{if name}}}} raw {{{{/if}}}}</p>',
  '{{#if nick}}{{nick}}{{/if}}',
  '{{#unless nick}}none{{else}}{{nick}}{{/unless}}',
  '{{#if (and nick link)}}{{nick}} <a href="{{url link}}">x</a>{{/if}}',
  '{{#if (not nick)}}none{{else}}{{nick}}{{/if}}',
  '{{#if (eq nick "x")}}{{nick}}{{/if}}',
  '{{#if address.street}}{{address.city}}, {{address.street}}{{/if}}',
  '{{#with address}}{{city}}{{#if street}} {{street}}{{/if}}{{../name}}{{@root.count}}{{/with}}',
  '{{#each rows as |row i|}}{{i}} {{row.sku}} {{sku}} {{@index}} {{this.sku}} {{../name}}{{else}}none{{/each}}',
  '{{rows.length}} {{number count digits=2}} {{money total}} {{date at style="short" time="short"}}',
  '<a href="https://shop.example/orders/{{name}}?x={{count}}">x</a>',
  '<a href="mailto:{{name}}">x</a><img src="cid:logo" alt="{{name}}">',
  '<p class="{{#if nick}}a{{else}}b{{/if}}">x</p>',
  '<p>1 < 2 {{name}} <!-- static --> {{!-- comment {{nothing}} --}}</p>',
  '<style>p { color: red; }</style><title>{{name}}</title>',
  '{{#if nick}}a{{else if link}}b{{else}}c{{/if}}',
  '{{> part label="x" who=name}}',
];

describe('validating a template', () => {
  const partials = { 'en/part.html.hbs': '<b>{{name}}</b>' };

  for (const [html, code, line, column] of wrong) {
    it(`${code} at ${line}:${column} in ${JSON.stringify(html)}`, () => {
      const problems = problemsOf(html, partials);
      const [first] = problems;
      assert.deepEqual(
        { code: first?.code, line: first?.line, column: first?.column, file: first?.file },
        { code, line, column, file: 'en/body.html.hbs' },
        JSON.stringify(problems),
      );
    });
  }

  for (const html of right) {
    it(`nothing in ${JSON.stringify(html)}`, () => {
      assert.deepEqual(problemsOf(html, partials), []);
    });
  }

  it('says what was expected and what may have been meant', () => {
    const [variable] = problemsOf('{{adress.city}}');
    assert.equal(variable?.didYouMean, 'address.city');
    assert.match(variable.expected ?? '', /name, nick, link/);
    assert.equal(problemsOf('{{mony total}}')[0]?.didYouMean, 'money');
    assert.equal(problemsOf('{{> prat}}', partials)[0]?.didYouMean, 'part');
  });

  it('looks into partials with the values of each call', () => {
    const button = { 'en/button.html.hbs': '<a href="{{url address}}">{{label}}</a>\n{{nothing}}' };
    const [first, ...more] = problemsOf('{{> button address="https://x.example/" label=name}}', button);
    assert.deepEqual(
      [first?.file, first?.line, first?.code, more],
      ['partials/en/button.html.hbs', 2, 'template.unknown-variable', []],
    );
    const nested = { 'en/a.html.hbs': '{{> b}}', 'en/b.html.hbs': 'x' };
    assert.equal(problemsOf('{{> a}}', nested)[0]?.code, 'template.partial-nested');
  });

  it('lists every problem at once, in order, and at most a hundred', () => {
    const problems = problemsOf('{{a1}}\n{{{name}}}\n{{b2}}');
    assert.deepEqual(
      problems.map(({ line, code }) => `${line} ${code}`),
      ['2 template.unescaped'],
      'what can not be trusted is not looked into further',
    );
    assert.equal(problemsOf('{{bad}} '.repeat(250)).length, 100);
  });

  it('knows the files: missing parts, unknown ones, a broken manifest, sample and schema', () => {
    const codesOf = (files: Record<string, string>): string[] =>
      checkTemplate(sampleTemplate(files)).problems.map(({ file, code }) => `${file} ${code}`);
    const { 'en/body.text.hbs': _, ...rest } = sampleTemplate().files;
    const without = checkTemplate({ ...sampleTemplate(), files: rest }).problems;
    assert.deepEqual(
      without.map(({ code, file }) => [code, file]),
      [['template.part-missing', 'en/body.text.hbs']],
    );
    assert.deepEqual(codesOf({ 'de/subject.hbs': 'x' }), [
      'de/body.html.hbs template.part-missing',
      'de/body.text.hbs template.part-missing',
    ]);
    assert.deepEqual(codesOf({ 'en/body.htm.hbs': 'x' }), ['en/body.htm.hbs template.file-unknown']);
    assert.ok(codesOf({ '../x/subject.hbs': 'x' }).includes('../x/subject.hbs template.file-unknown'));
    assert.deepEqual(codesOf({ 'template.json': '{' }), ['template.json template.manifest-invalid']);
    assert.deepEqual(codesOf({ 'template.json': '['.repeat(60_000) }), [
      'template.json template.manifest-invalid',
    ]);
    assert.deepEqual(codesOf({ 'sample.json': '{}' })[0], 'sample.json template.sample-invalid');
    assert.deepEqual(codesOf({ 'en/subject.hbs': 'a\nb' }), ['en/subject.hbs template.line-break']);
    for (const broken of [
      { ...sampleSchema, additionalProperties: true },
      { ...sampleSchema, required: ['nothing'] },
      { ...sampleSchema, properties: { constructor: { type: 'string' } }, required: [] },
      { ...sampleSchema, $defs: { money: { $ref: '#/$defs/money' } } },
      { ...sampleSchema, $defs: null },
      {
        type: 'object',
        additionalProperties: false,
        properties: { x: { type: 'string', pattern: '^(a+)+$' } },
      },
      { type: 'string' },
      null,
    ]) {
      const codes = codesOf({ 'template.json': manifest(broken), 'sample.json': '{}' });
      assert.equal(codes[0], 'template.json template.schema-invalid', JSON.stringify(broken));
    }
  });
});
