// The guide for admins: its example renders as it shows, its problems are those that the check finds, and it has every code.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mailLimits } from '../../mail/mail-limits.js';
import { helperTable } from '../../mail/render/helper-table.js';
import { MailRenderer } from '../../mail/render/renderer.js';
import { projectRoot } from '../../server/project-root.js';

const guide = readFileSync(join(projectRoot(), 'docs', 'guides', 'admin.md'), 'utf8');
const blocks = [...guide.matchAll(/^<!-- (.+?) -->\n```\w+\n([\s\S]*?)^```$/gm)].map(([, title, text]) => ({
  title: title!,
  text: text!,
}));
const block = (title: string): string => {
  const found = blocks.find((each) => each.title === title);
  assert.ok(found, `the guide has a block ${title}`);
  return found.text;
};
const files = Object.fromEntries(
  blocks.filter(({ title }) => title.startsWith('file: ')).map(({ title, text }) => [title.slice(6), text]),
);

describe('the guide for admins', () => {
  let renderer: MailRenderer;
  before(() => {
    renderer = new MailRenderer();
  });
  after(() => renderer.close());

  it('has an example that renders as it shows', async () => {
    const template = { name: 'parcel', files, partials: {} };
    assert.deepEqual(await renderer.validate(template), []);
    const variables: unknown = JSON.parse(block('file: sample.json'));
    const mail = await renderer.render({ template, locale: 'en', variables });
    assert.equal(`${mail.subject}\n`, block('subject'));
    assert.equal(mail.text, block('text'));
    assert.match(mail.html, /<a href="https:\/\/parcels\.example\/1Z999">Follow it<\/a>/);
  });

  it('shows the problems that are found', async () => {
    const wrong = { ...files, 'en/body.html.hbs': block('wrong: en/body.html.hbs') };
    const problems = await renderer.validate({ name: 'parcel', files: wrong, partials: {} });
    const lines = problems.map(({ code, file, line, column, detail, didYouMean }) => {
      return `${code} ${file}:${line}:${column} ${detail}${didYouMean === undefined ? '' : ` (${didYouMean}?)`}`;
    });
    assert.deepEqual(lines, block('problems').trimEnd().split('\n'));
  });

  it('explains every code and every helper, and tells the limits', () => {
    const source = readFileSync(join(projectRoot(), 'mail', 'render', 'template-problem.ts'), 'utf8');
    const codes = [...source.matchAll(/'(template\.[a-z-]+)'/g)].map(([, code]) => code!);
    assert.ok(codes.length > 20);
    const table = guide.slice(guide.indexOf('| code | do |'));
    for (const code of codes) assert.ok(table.includes(`\`${code}\``), code);
    for (const name of Object.keys(helperTable)) assert.match(guide, new RegExp(`[{(#]${name} `), name);
    assert.ok(guide.includes(`${mailLimits.mustachesMax} mustaches`));
    assert.ok(guide.includes(`${mailLimits.renderMsMax} ms or ${mailLimits.workerHeapMbMax} MB`));
    assert.ok(guide.includes(`${mailLimits.depthMax} levels, 10,000 rounds`));
  });
});
