// Catalogue, code and document of errors in step.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue, errorRooms } from '../../server/catalogue.js';
import { errorDocs } from '../../server/error-docs.js';
import { projectRoot } from '../../server/project-root.js';
import { sourceFiles } from '../tidy/source-files.js';

describe('the documentation of errors', () => {
  it('is what the catalogue says (npm run docs writes it)', () => {
    const written = readFileSync(join(projectRoot(), 'docs', 'errors.md'), 'utf8');
    assert.ok(written === errorDocs(), 'docs/errors.md is out of step: run `npm run docs` and commit it');
  });

  it('has every room that defines errors', () => {
    const defined = sourceFiles
      .filter(({ path }) => !path.startsWith('test/'))
      .flatMap(({ text }) => [...text.matchAll(/= defineErrors\('([a-z-]+)'/g)].map(([, room]) => room!));
    assert.deepEqual(defined.sort(), errorRooms.map(({ room }) => room).sort());
  });

  it('has codes, titles and remedies of one form', () => {
    assert.ok(catalogue.size > 30, `${catalogue.size} codes`);
    for (const [code, { status, title, remedy, who }] of catalogue) {
      assert.match(code, /^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/);
      assert.ok(title.length > 3 && /^[A-Z]/.test(title) && !title.endsWith('.'), `${code}: ${title}`);
      assert.ok(/^[A-Z][\s\S]*[.]$/.test(remedy), `${code}: ${remedy}`);
      assert.ok(status >= 400 && status < 600, `${code}: ${status}`);
      if (who === 'bug') assert.ok(status === 500, code);
    }
  });
});
