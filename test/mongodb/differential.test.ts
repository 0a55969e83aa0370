// The embedded store against a reference, and the wire server against the driver in process, on random operations.
import assert from 'node:assert/strict';
import { offFor } from '../conformance/store/deviations.js';
import { differential, runRound } from '../conformance/store/differential.js';
import type { Row } from '../conformance/store/theme.js';
import { embeddedBackend } from '../support/backends/embedded.js';
import { javaBackend } from '../support/backends/java.js';
import { mongodbBackend } from '../support/backends/mongodb.js';
import { wireBackend } from '../support/backends/wire.js';

differential({ subject: embeddedBackend(), reference: wireBackend(), off: new Set(), rounds: 40 });
differential({ subject: embeddedBackend(), reference: javaBackend(), off: offFor('java'), rounds: 120 });
differential({
  subject: embeddedBackend(),
  reference: mongodbBackend(),
  off: offFor('mongodb'),
  rounds: 120,
});

describe('differential: control', () => {
  it('a planted difference is found, with its seed', async () => {
    const backend = embeddedBackend();
    const opened = await backend.open('control');
    try {
      const planted = new Proxy(opened.db.collection<Row>('two'), {
        get(collection, name) {
          if (name === 'updateOne') return () => collection.updateOne({}, { $set: { planted: true } });
          const member: unknown = Reflect.get(collection, name);
          return typeof member === 'function' ? member.bind(collection) : member;
        },
      });
      const pair = [opened.db.collection<Row>('one'), planted] as const;
      await assert.rejects(
        runRound(pair, 1, new Set(), 'control'),
        /DIFF_SEED=1 DIFF_ROUNDS=1 npm run test:mongodb/,
      );
    } finally {
      await opened.close();
    }
  });
});
