// Rendering: the shipped templates in each locale, fallback, formats, and that a missing variable is an error that names it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { RecourseError } from '../../../engine/errors/recourse-error.js';
import { readTemplates } from '../../../mail/render/read-templates.js';
import { MailRenderer } from '../../../mail/render/renderer.js';
import type { TemplateFiles, TemplateManifest } from '../../../mail/render/template.js';
import type { VariableSchema } from '../../../mail/render/variable-schema.js';
import { projectRoot } from '../../../server/project-root.js';
import { sampleTemplate, sampleVariables } from '../../support/sample-template.js';

const shipped = await readTemplates(join(projectRoot(), 'templates'));
const manifestOf = ({ files }: TemplateFiles): TemplateManifest =>
  JSON.parse(files['template.json']!) as TemplateManifest;
const sampleOf = ({ files }: TemplateFiles): Record<string, unknown> =>
  JSON.parse(files['sample.json']!) as Record<string, unknown>;

describe('rendering mails', () => {
  let renderer: MailRenderer;
  before(() => {
    renderer = new MailRenderer();
  });
  after(() => renderer.close());

  const textOf = async (source: string, locale = 'en', variables: unknown = sampleVariables) => {
    const template = sampleTemplate({ 'en/body.text.hbs': source });
    return (await renderer.render({ template, locale, timeZone: 'Europe/Zurich', variables })).text;
  };
  const refusal = async (work: Promise<unknown>): Promise<RecourseError> => {
    try {
      await work;
    } catch (error) {
      assert.ok(error instanceof RecourseError, String(error));
      return error;
    }
    throw new assert.AssertionError({ message: 'nothing was refused' });
  };

  describe('the shipped templates', () => {
    it('are the seven', () => {
      assert.deepEqual(
        [...shipped.keys()],
        [
          'approval-asked',
          'cancellation',
          'change',
          'credit-memo',
          'order-confirmation',
          'refund',
          'return-received',
        ],
      );
    });

    for (const [name, template] of shipped) {
      it(`${name}: no problems, and every part in en and de`, async () => {
        assert.deepEqual(await renderer.validate(template), []);
        for (const locale of ['en', 'de']) {
          const mail = await renderer.render({ template, locale, variables: sampleOf(template) });
          assert.equal(mail.locale, locale);
          assert.ok(mail.subject.length > 5 && !/[{}\r\n]/.test(mail.subject), mail.subject);
          assert.match(
            mail.html,
            new RegExp(`^<!DOCTYPE html>\\n<html lang="${locale}">[\\s\\S]*</html>\\n$`),
          );
          assert.match(mail.text, /10643/);
          assert.doesNotMatch(mail.html + mail.text, /\{\{|undefined|\[object/);
        }
      });

      it(`${name}: renders without what is optional, and names what is required`, async () => {
        const { required = [] } = manifestOf(template).variables;
        const whole = sampleOf(template);
        const least = Object.fromEntries(required.map((key) => [key, whole[key]]));
        const mail = await renderer.render({ template, locale: 'de', variables: least });
        assert.ok(mail.text.length > 50);
        for (const missing of required) {
          const { [missing]: _, ...rest } = whole;
          const error = await refusal(renderer.render({ template, locale: 'en', variables: rest }));
          assert.equal(error.code, 'mail.variables-invalid');
          assert.deepEqual(
            error.problems.map(({ pointer, detail }) => ({ pointer, detail })),
            [{ pointer: `/${missing}`, detail: `the variable ${missing} is missing` }],
          );
        }
      });

      it(`${name}: describes every variable, with an example of each value`, () => {
        const { variables } = manifestOf(template);
        const visit = (schema: VariableSchema, path: string): void => {
          if (schema.$ref !== undefined) return;
          if (path !== '') assert.ok(schema.description, `${path} has a description`);
          const isValue = schema.type !== 'object' && schema.type !== 'array';
          if (isValue) assert.ok(schema.examples?.length, `${path} has an example`);
          for (const [key, inner] of Object.entries(schema.properties ?? {})) visit(inner, `${path}/${key}`);
          for (const [key, inner] of Object.entries(schema.$defs ?? {})) visit(inner, `${path}/$defs/${key}`);
          if (schema.items !== undefined) visit(schema.items, `${path}/items`);
        };
        visit(variables, '');
      });
    }
  });

  it('falls back from de-CH to de to the default, and formats as the locale of the text allows', async () => {
    const template = sampleTemplate({
      'de/subject.hbs': 'Hallo',
      'de/body.html.hbs': '<p>Hallo</p>',
      'de/body.text.hbs': '{{money total}} {{date day}} {{number count digits=2}}',
      'en/body.text.hbs': '{{money total}} {{date day}}',
    });
    const render = async (locale: string): Promise<[string, string]> => {
      const mail = await renderer.render({ template, locale, variables: sampleVariables });
      return [mail.locale, mail.text.replaceAll('\u00a0', ' ').replaceAll('’', "'")];
    };
    assert.deepEqual(await render('de-CH'), ['de', "CHF 1'234'567.80 1. März 2026 2.00"]);
    assert.deepEqual(await render('de-DE'), ['de', '1.234.567,80 CHF 1. März 2026 2,00']);
    assert.deepEqual(await render('fr-CA'), ['en', 'CHF 1,234,567.80 March 1, 2026']);
    assert.deepEqual(await render('../../etc'), ['en', 'CHF 1,234,567.80 March 1, 2026']);
  });

  it('shows instants in the time zone and days as they are', async () => {
    assert.equal(
      await textOf(
        '{{date at style="short" time="short"}} | {{date day style="short" time="short"}}',
        'de-CH',
      ),
      '3/2/26, 12:30 AM | 3/1/26',
    );
  });

  it('counts in the plural forms of the language, asks and repeats', async () => {
    assert.equal(
      await textOf(
        '{{plural count one="one row" other="# rows"}}{{#each rows as |row index|}} {{index}}{{row.sku}}{{#if row.note}}={{row.note}}{{/if}}{{#unless @last}},{{/unless}}{{/each}}{{#if (and (eq count 2) (not nick))}} two{{else}} other{{/if}}{{#with address}}{{city}}{{else}} nowhere{{/with}}{{#if (or nick (eq name "x"))}}!{{/if}}',
      ),
      '2 rows 0A=first, 1B two nowhere',
    );
  });

  it('escapes in HTML, not in text, and keeps the subject on one line', async () => {
    const template = sampleTemplate({
      'en/body.html.hbs': '<a href="{{url link}}" title="{{name}}">{{name}}</a>',
    });
    const unguarded = renderer.render({ template, locale: 'en', variables: sampleVariables });
    assert.equal((await refusal(unguarded)).code, 'mail.template-invalid');
    const guarded = sampleTemplate({
      'en/body.html.hbs': '{{#if link}}<a href="{{url link}}" title="{{name}}">{{name}}</a>{{/if}}',
    });
    const { html, subject, text } = await renderer.render({
      template: guarded,
      locale: 'en',
      variables: { ...sampleVariables, name: 'A"<b>\r\nBcc: evil@x.example\u2028' },
    });
    assert.equal(subject, 'Hello A"<b> Bcc: evil@x.example');
    assert.match(html, /^<a href="https:\/\/shop\.example\/\?a&#x3D;1&amp;b&#x3D;2" title="A&quot;&lt;b&gt;/);
    assert.match(text, /^A"<b>/);
  });

  it('refuses an address with another scheme, money and dates that are none, and says where', async () => {
    const guarded = '{{#if link}}{{url link}}{{/if}} {{money total}}';
    for (const link of [
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      ' data:text/html,x',
      'java\nscript:x',
      'x',
    ]) {
      const error = await refusal(textOf(guarded, 'en', { ...sampleVariables, link }));
      assert.equal(error.code, 'mail.value-refused', link);
      assert.match(error.message, /sample\/en\/body\.text\.hbs:1:13/);
    }
    const wrong = { ...sampleVariables, total: { amount: '1.234', currency: 'CHF' } };
    assert.equal((await refusal(textOf(guarded, 'en', wrong))).code, 'mail.value-refused');
  });

  it('takes no variables that the schema has not, and nothing that is not JSON', async () => {
    for (const [variables, pointer] of [
      [{ ...sampleVariables, extra: 1 }, '/extra'],
      [{ ...sampleVariables, name: { toHTML: 'x' } }, '/name'],
      [JSON.parse('{"__proto__": {"name": "x"}}') as object, '/__proto__'],
    ] as const) {
      const error = await refusal(textOf('{{name}}', 'en', variables));
      assert.equal(error.code, 'mail.variables-invalid');
      assert.ok(
        error.problems.some((problem) => problem.pointer === pointer),
        pointer,
      );
    }
    const big = { ...sampleVariables, name: 'x'.repeat(300_000) };
    assert.equal((await refusal(textOf('{{name}}', 'en', big))).code, 'mail.variables-invalid');
    assert.equal((await refusal(textOf('{{name}}', 'en', 10n))).code, 'mail.variables-invalid');
    // A function, as the data of a program may hold one, never reaches the template.
    let called = false;
    const error = await refusal(
      textOf('{{name}}', 'en', {
        ...sampleVariables,
        name: () => {
          called = true;
        },
      }),
    );
    assert.deepEqual([error.code, called], ['mail.variables-invalid', false]);
  });
});
