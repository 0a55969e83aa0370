// The suites' own net: a rejection that nobody handles fails a test.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../support/temporary.js';

describe('a rejection that nobody handles', () => {
  const play = (body: string) => {
    const file = join(temporaryDirectory(), 'one.test.mjs');
    writeFileSync(
      file,
      `it('one', async () => { ${body} await new Promise((wake) => setTimeout(wake, 20)); });`,
    );
    const mocha = 'node_modules/mocha/bin/mocha.js';
    const guard = 'dist/test/support/unhandled-rejections.js';
    const { status, stdout } = spawnSync(process.execPath, [mocha, '--no-config', '--require', guard, file], {
      encoding: 'utf8',
    });
    return { status, stdout };
  };

  it('fails the test during which it comes', () => {
    const { status, stdout } = play("Promise.reject(new Error('left alone'));");
    assert.equal(status, 1, stdout);
    assert.match(stdout, /left alone/);
    assert.equal(play("Promise.reject('no error');").status, 1);
  });

  it('is none if it is handled', () => {
    const { status, stdout } = play("await Promise.reject(new Error('handled')).catch(() => {});");
    assert.equal(status, 0, stdout);
  });
});
