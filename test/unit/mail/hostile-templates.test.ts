// S2 and F8: the shapes of Handlebars' published holes and bombs, refused or stopped, with the next mail unharmed. Beside
// each stands what happens where the guard is off, so that it is known to be the guard that helps.
import assert from 'node:assert/strict';
import Handlebars from 'handlebars';
import { RecourseError } from '../../../engine/errors/recourse-error.js';
import { mailLimits } from '../../../mail/mail-limits.js';
import { MailRenderer, type RendererOptions } from '../../../mail/render/renderer.js';
import type { TemplateFiles } from '../../../mail/render/template.js';
import { sampleTemplate, sampleVariables, withHtml } from '../../support/sample-template.js';

const rows = Array.from({ length: 100 }, (_, index) => ({ sku: `S${index}` }));
const cube =
  '{{#each @root.rows}}{{#each @root.rows}}{{#each @root.rows}}{{#each @root.rows}}x{{/each}}{{/each}}{{/each}}{{/each}}';
const many = { ...sampleVariables, rows };

/** An AST that, compiled, runs code of the sender's (CVE-2026-33937, GHSA-8r5x-fm3f-whwj). */
const evilTree = {
  type: 'Program',
  body: [
    {
      type: 'MustacheStatement',
      path: { type: 'PathExpression', data: false, depth: 0, parts: ['name'], original: 'name' },
      params: [{ type: 'NumberLiteral', value: 'process.exit(1)', original: 1 }],
      escaped: true,
      strip: { open: false, close: false },
    },
  ],
  strip: {},
};

describe('hostile templates', () => {
  let renderer: MailRenderer;
  before(() => {
    renderer = new MailRenderer();
  });
  after(() => renderer.close());

  const codeOf = async (work: Promise<unknown>): Promise<string> => {
    try {
      await work;
    } catch (error) {
      assert.ok(error instanceof RecourseError, String(error));
      const [first] = (error.data['templateProblems'] as { code: string }[] | undefined) ?? [];
      return first?.code ?? error.code;
    }
    return 'rendered';
  };
  const render = (template: TemplateFiles, variables: unknown = sampleVariables, by = renderer) =>
    by.render({ template, locale: 'en', variables });
  const assertNextIsFine = async (by = renderer): Promise<void> => {
    assert.equal((await render(sampleTemplate(), sampleVariables, by)).text, 'Ada <b>');
  };
  const withRenderer = async (options: RendererOptions, use: (by: MailRenderer) => Promise<void>) => {
    const by = new MailRenderer(options);
    try {
      await use(by);
    } finally {
      await by.close();
    }
  };

  /** Each published shape, as a source: what it is answered with. */
  const shapes: Readonly<Record<string, readonly [string, string]>> = {
    'CVE-2026-33938: @partial-block overwritten by a helper': [
      '{{> @partial-block}}',
      'template.partial-by-value',
    ],
    'CVE-2026-33938: @partial-block of the parent frame': [
      '{{#> part}}{{> (lookup @_parent "partial-block")}}{{/part}}',
      'template.partial-block',
    ],
    'CVE-2026-33939: a decorator that does not exist': ['{{*n}}', 'template.decorator'],
    'CVE-2026-33939: a decorator block': ['{{#*n}}x{{/n}}', 'template.decorator'],
    'CVE-2026-33940: a partial named by data': ['{{> (lookup . "name")}}', 'template.partial-by-value'],
    'CVE-2026-33940: a partial named by a helper': ['{{> (lookup rows 0)}}', 'template.partial-by-value'],
    'CVE-2026-33916: a partial with an inherited name': ['{{> constructor}}', 'template.unknown-partial'],
    'CVE-2026-33916: __proto__': ['{{> __proto__}}', 'template.partial-by-value'],
    'CVE-2026-33941: a name that ends a string': ['{{> ["];alert(1)//]}}', 'template.syntax'],
    'the missing accessor of the deny list': ['{{__lookupSetter__ "x"}}', 'template.unknown-helper'],
    __defineGetter__: ['{{#with (__defineGetter__ "x" name)}}x{{/with}}', 'template.unknown-helper'],
    'the constructor of a text': ['{{name.constructor}}', 'template.unknown-variable'],
    'the constructor, in brackets': ['{{[constructor]}}', 'template.unknown-variable'],
    'the constructor by lookup': ['{{lookup name "constructor"}}', 'template.unknown-helper'],
    '__proto__ of the context': ['{{__proto__.x}}', 'template.unknown-variable'],
    'the root of the frame': ['{{@root.constructor}}', 'template.unknown-variable'],
    'GHSA-p8wg: lookupProperty as data': ['{{lookupProperty}}', 'template.unknown-variable'],
    'GHSA-p8wg: hooks as data': ['{{@partials}}', 'template.unknown-variable'],
    'GHSA-xw65: <script in the output of the compiler': [
      '<script>{{name}}</script>',
      'template.script-context',
    ],
    'raw output': ['{{{name}}}', 'template.unescaped'],
    'helperMissing by name': ['{{helperMissing}}', 'template.unknown-variable'],
    'blockHelperMissing by name': [
      '{{#blockHelperMissing name}}x{{/blockHelperMissing}}',
      'template.unknown-helper',
    ],
    'a helper as a path': ['{{name.if}}', 'template.unknown-variable'],
    'an inline partial': ['{{#*inline "x"}}y{{/inline}}{{> x}}', 'template.decorator'],
  };
  for (const [shape, [source, code]] of Object.entries(shapes)) {
    it(`refuses ${shape}`, async () => {
      const partials = { 'en/part.html.hbs': 'part' };
      assert.equal(await codeOf(render(withHtml(source, partials))), code);
      await assertNextIsFine();
    });
  }

  it('takes strings only as sources, so that no tree is ever compiled', async () => {
    const source = evilTree as unknown as string;
    assert.equal(await codeOf(render(sampleTemplate({ 'en/subject.hbs': source }))), 'mail.template-invalid');
    assert.equal(
      await codeOf(render(withHtml('{{> x}}', { 'en/x.html.hbs': source }))),
      'mail.template-invalid',
    );
    assert.equal(
      await codeOf(render({ ...sampleTemplate(), name: '"];process.exit(1)//' })),
      'mail.template-invalid',
    );
    // Guard off: Handlebars itself compiles a tree.
    const tree = { ...evilTree, body: [{ type: 'ContentStatement', value: 'from a tree', original: 'x' }] };
    assert.equal(Handlebars.compile(tree)({}), 'from a tree');
  });

  it('never calls what the data hold', async () => {
    let calls = 0;
    const variables = {
      ...sampleVariables,
      get nick() {
        return () => {
          calls += 1;
        };
      },
    };
    const template = withHtml('{{#if nick}}{{nick}}{{/if}}ok');
    assert.equal((await render(template, variables)).html, 'ok');
    assert.equal(calls, 0);
    // Guard off: the function is called.
    Handlebars.compile('{{nick}}')(variables);
    assert.equal(calls, 1);
  });

  it('never writes what the data say as HTML: an object with toHTML is no text', async () => {
    const name = { toHTML: '<script>', toString: 'x' };
    assert.equal(
      await codeOf(render(sampleTemplate(), { ...sampleVariables, name })),
      'mail.variables-invalid',
    );
    // Guard off: three braces write it as it is.
    assert.equal(Handlebars.compile('{{{name}}}')({ name: '<script>' }), '<script>');
  });

  it('does without what a polluted prototype would add', async () => {
    const pollution = JSON.parse('{"__proto__": {"nick": "polluted"}}') as object;
    assert.equal(
      await codeOf(render(sampleTemplate(), { ...sampleVariables, ...pollution })),
      'mail.variables-invalid',
    );
    assert.equal(await codeOf(render(sampleTemplate(), pollution)), 'mail.variables-invalid');
    assert.equal(({} as Record<string, unknown>)['nick'], undefined);
  });

  it('gives the thread no environment', async () => {
    process.env['MAIL_CANARY'] = 'canary';
    try {
      await withRenderer({}, async (by) => {
        assert.equal(
          await codeOf(render(withHtml('{{process.env.MAIL_CANARY}}'), sampleVariables, by)),
          'template.unknown-variable',
        );
      });
    } finally {
      delete process.env['MAIL_CANARY'];
    }
  });

  describe('bombs', () => {
    it('refuses sources, mustaches and depths above the limits before they cost anything', async () => {
      const nested = (depth: number): string => `${'{{#if name}}'.repeat(depth)}x${'{{/if}}'.repeat(depth)}`;
      const chained = `{{#if nick}}a${'{{else if link}}b'.repeat(40)}{{/if}}`;
      for (const [source, code] of [
        ['x'.repeat(mailLimits.sourceBytesMax + 1), 'template.too-large'],
        ['é'.repeat(mailLimits.sourceBytesMax / 2 + 1), 'template.too-large'],
        ['x'.repeat(mailLimits.sourceBytesMax), 'rendered'],
        ['{{name}}'.repeat(mailLimits.mustachesMax + 1), 'template.too-many-mustaches'],
        ['{{name}}'.repeat(mailLimits.mustachesMax), 'rendered'],
        [nested(5_000).slice(0, mailLimits.sourceBytesMax), 'template.too-many-mustaches'],
        [nested(mailLimits.depthMax + 1), 'template.too-deep'],
        [nested(mailLimits.depthMax), 'rendered'],
        [chained, 'rendered'],
        [`{{#if ${'(not '.repeat(200)}name${')'.repeat(200)}}}x{{/if}}`, 'template.too-deep'],
        [`{{#if ${'(not '.repeat(10_000)}name${')'.repeat(10_000)}}}x{{/if}}`, 'template.too-many-mustaches'],
        ['{{'.repeat(200), 'template.syntax'],
        ['<'.repeat(60_000), 'rendered'],
      ] as const) {
        assert.equal(await codeOf(render(withHtml(source))), code, source.slice(0, 40));
      }
      await assertNextIsFine();
    });

    it('ends each inside each inside each at its rounds', async () => {
      assert.equal(await codeOf(render(withHtml(cube), many)), 'mail.output-too-large');
      assert.equal(renderer.replaced, 0, 'the thread lives on');
    });

    it('ends output above the limit', async () => {
      const name = 'x'.repeat(100_000);
      const html = '{{name}}'.repeat(12);
      const template = sampleTemplate({ 'en/subject.hbs': 'x', 'en/body.html.hbs': html });
      assert.equal(await codeOf(render(template, { ...sampleVariables, name })), 'mail.output-too-large');
    });

    it('ends a thread that takes too long, and the next mail goes through', async () => {
      // Guard off: without a limit on rounds it is time that ends it.
      await withRenderer({ roundsMax: Number.MAX_SAFE_INTEGER, outputCharsMax: 2 ** 28 }, async (by) => {
        await assertNextIsFine(by);
        const [bomb, next] = await Promise.all([
          codeOf(render(withHtml(cube), many, by)),
          codeOf(render(sampleTemplate(), sampleVariables, by)),
        ]);
        assert.deepEqual([bomb, next, by.replaced], ['mail.render-over-time', 'rendered', 1]);
      });
    });

    it('ends a thread that takes too much memory, and the next mail goes through', async () => {
      const list =
        '{{#each @root.rows}}{{#each @root.rows}}{{#each @root.rows}}{{sku}}{{@index}}{{/each}}{{/each}}{{/each}}';
      const options = { roundsMax: 1e12, outputCharsMax: 2 ** 30, renderMsMax: 25_000, heapMbMax: 24 };
      await withRenderer(options, async (by) => {
        const template = withHtml(`${list}${list}${list}`);
        assert.equal(await codeOf(render(template, many, by)), 'mail.render-over-memory');
        assert.equal(by.replaced, 1);
        await assertNextIsFine(by);
      });
    });
  });
});
