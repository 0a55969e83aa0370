// The configuration: defaults, every mistake at once, and no secret in a message.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { RecourseError } from '../../../engine/errors/recourse-error.js';
import { readConfig } from '../../../server/config.js';

function mistakes(environment: Record<string, string>): string[] {
  try {
    readConfig(environment);
  } catch (error) {
    assert.ok(error instanceof RecourseError);
    assert.equal(error.code, 'server.invalid-configuration');
    return error.problems.map(({ detail }) => detail);
  }
  return [];
}

describe('the configuration', () => {
  it('has a default for everything', () => {
    const defaults = {
      host: '127.0.0.1',
      port: 3000,
      dataDir: resolve('./data'),
      logLevel: 'info',
      mailFrom: 'service@recourse.example',
      demo: true,
      requestsPerMinute: 6000,
    };
    assert.deepEqual(readConfig({}), defaults);
    assert.deepEqual(
      readConfig({ HOST: '', PORT: '', DATA_DIR: '', MONGODB_URI: '', LOG_LEVEL: '' }),
      defaults,
    );
  });

  it('takes what is well-formed', () => {
    for (const HOST of ['0.0.0.0', '::1', 'localhost', 'orders.example.com']) {
      assert.equal(readConfig({ HOST }).host, HOST);
    }
    const MONGODB_URI = 'mongodb://a:b@one.example:27017,two.example/orders?replicaSet=rs0';
    assert.equal(readConfig({ MONGODB_URI }).mongodbUri, MONGODB_URI);
    assert.equal(readConfig({ PORT: '0', DEMO: 'off' }).demo, false);
  });

  it('tells every mistake at once: the variable, what was expected, what was given', () => {
    const found = mistakes({
      HOST: 'not a host',
      PORT: '99999',
      DATA_DIR: ' ',
      MONGODB_URI: 'postgres://user:secret@db.example',
      LOG_LEVEL: 'loud',
      DEMO: 'maybe',
    });
    assert.equal(found.length, 6);
    assert.equal(found[1], 'PORT: expected a whole number from 0 to 65535, but was given "99999"');
    for (const [index, name] of ['HOST', 'PORT', 'DATA_DIR', 'MONGODB_URI', 'LOG_LEVEL', 'DEMO'].entries()) {
      assert.match(found[index]!, new RegExp(`^${name}: expected .*, but was given `));
    }
    assert.doesNotMatch(found.join(), /secret/);
  });

  it('refuses what only looks like a value', () => {
    for (const PORT of ['-1', '3000.5', '0x10', '1e3', 'three'])
      assert.equal(mistakes({ PORT }).length, 1, PORT);
    for (const HOST of ['1.2.3', '999.1.1.1', '-x', 'a b', 'http://x']) {
      assert.equal(mistakes({ HOST }).length, 1, HOST);
    }
    for (const MONGODB_URI of ['mongodb://', 'localhost:27017'])
      assert.equal(mistakes({ MONGODB_URI }).length, 1);
  });
});
