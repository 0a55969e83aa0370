// What comes for a run: signals before and after their wait, duplicates, holds on the subject, records, timers, several workers.
import assert from 'node:assert/strict';
import type { FlowDefinition, SubjectPort } from '../../../../engine/index.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { flow, hour, minute } from '../../../support/flows.js';

const who = { by: 'operator', reason: 'because' };
const schema = {
  type: 'object',
  properties: { n: { type: 'number' } },
  required: ['n'],
  additionalProperties: false,
};

const waiting = flow(
  'waiting',
  'first',
  {
    first: { type: 'wait', label: 'First', events: [{ name: 'go', signal: 'go', next: 'second' }] },
    second: { type: 'wait', label: 'Second', events: [{ name: 'scan', signal: 'scan', next: 'keep' }] },
    keep: {
      type: 'assignment',
      label: 'Keep',
      assignments: [{ target: 'total', value: { var: 'second.payload.n' } }],
    },
  },
  { signals: { go: { schema: {} }, scan: { schema, buffered: true } } },
);

const hourly = flow('hourly', 'w', {
  w: { type: 'wait', label: 'W', events: [{ name: 'over', after: 'PT1H', next: 'pay' }] },
  pay: { type: 'action', label: 'Pay', action: 'charge', input: {} },
});

describe('the inbox of a run', () => {
  let world: EngineWorld;
  const held = new Map<string, { reason: string }>();
  const subjects: SubjectPort = {
    async stateOf({ type, id }) {
      const found = await world.records.read(type, id);
      const hold = held.get(id);
      return {
        ...(hold === undefined ? {} : { hold }),
        ...(found === undefined ? {} : { guard: { kind: 'touch', type, id, version: found.version } }),
      };
    },
  };
  beforeEach(async () => {
    held.clear();
    world = await openWorld({ engine: { subjects } });
    await world.putRecord('order', { id: 'o1', status: 'new' });
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  const begin = async (definition: FlowDefinition, subject = false) => {
    await world.publish(definition);
    return world.engine.start({
      flow: definition.name,
      user: agent,
      id: 'r1',
      ...(subject ? { subject: { type: 'order', id: 'o1' } } : {}),
    });
  };

  it('decides on the record that it was seen by that nothing holds it', async () => {
    let looks = 0;
    const seen: SubjectPort = {
      async stateOf({ type, id }, record) {
        const { value, version } = (await record())!;
        looks += 1;
        // Held as soon as it has been looked at.
        if (looks === 1) await world.putRecord(type, { ...value, status: 'held' });
        return {
          ...(value['status'] === 'held' ? { hold: { reason: 'held' } } : {}),
          guard: { kind: 'touch', type, id, version },
        };
      },
    };
    await world.engine.close();
    await world.close();
    world = await openWorld({ engine: { subjects: seen } });
    await world.putRecord('order', { id: 'o1', status: 'new' });
    await begin(
      flow('marking', 'mark', {
        mark: { type: 'updateRecords', label: 'Mark', record: 'order', id: 'o1', fields: { status: 'paid' } },
      }),
      true,
    );
    assert.equal((await world.engine.run('r1')).status, 'held');
    assert.equal((await world.records.read('order', 'o1'))?.value['status'], 'held');
  });

  it('keeps a buffered signal until its wait, and takes it once', async () => {
    await begin(waiting);
    assert.equal(await world.engine.signal('r1', 'scan', { n: 5 }, { id: 's1', by: 'me' }), 'kept');
    assert.equal(await world.engine.signal('r1', 'scan', { n: 5 }, { id: 's1', by: 'me' }), 'duplicate');
    assert.equal(await world.engine.signal('r1', 'go', null, { by: 'me' }), 'taken');
    assert.deepEqual((await world.settle('r1')).outputs, { total: 5 });
    assert.deepEqual(await world.store.inboxOf('r1'), []);
  });

  it('refuses another signal under the id of one that was taken, and of one that it keeps', async () => {
    await begin(waiting);
    const mismatch = { code: 'run.idempotency-mismatch' };
    const send = (signal: string, payload: { n: number } | null, id: string) =>
      world.engine.signal('r1', signal, payload, { id, by: 'me' });
    assert.equal(await send('scan', { n: 5 }, 's1'), 'kept');
    await assert.rejects(send('scan', { n: 6 }, 's1'), mismatch);
    await assert.rejects(send('go', null, 's1'), mismatch);
    assert.equal(await send('go', null, 's2'), 'taken');
    await assert.rejects(send('go', { n: 1 }, 's2'), mismatch);
    assert.equal(await send('go', null, 's2'), 'duplicate');
    assert.equal(await send('scan', { n: 5 }, 's1'), 'duplicate');
    assert.deepEqual((await world.settle('r1')).outputs, { total: 5 });
  });

  it('refuses another signal under the id of one that a suspended run keeps', async () => {
    await begin(waiting);
    await world.engine.suspend('r1', who);
    assert.equal(await world.engine.signal('r1', 'scan', { n: 5 }, { id: 's1', by: 'me' }), 'kept');
    await assert.rejects(world.engine.signal('r1', 'scan', { n: 6 }, { id: 's1', by: 'me' }), {
      code: 'run.idempotency-mismatch',
    });
    assert.equal(await world.engine.signal('r1', 'scan', { n: 5 }, { id: 's1', by: 'me' }), 'duplicate');
    await world.engine.resume('r1', who);
    assert.equal(await world.engine.signal('r1', 'go', null, { by: 'me' }), 'taken');
    assert.deepEqual((await world.settle('r1')).outputs, { total: 5 });
  });

  it('takes one of two signals that come at once under one id, and refuses the other', async () => {
    await begin(waiting);
    const sent = [world.engine.signal('r1', 'scan', { n: 5 }, { id: 's1', by: 'me' })];
    sent.push(world.engine.signal('r1', 'go', null, { id: 's1', by: 'me' }));
    const outcomes = (await Promise.allSettled(sent)).map((one) =>
      one.status === 'fulfilled' ? one.value : (one.reason as { code: string }).code,
    );
    assert.equal(outcomes.filter((one) => one === 'run.idempotency-mismatch').length, 1, String(outcomes));
  });

  it('takes a signal that an earlier version has kept, without a hash, for the same one', async () => {
    await begin(waiting);
    const body = { kind: 'signal', signal: 'scan', payload: { n: 5 } } as const;
    await world.store.enqueue({ id: 's1', run: 'r1', body, by: 'me', at: '2026-01-01T12:00:00.000Z' });
    assert.equal(await world.engine.signal('r1', 'scan', { n: 5 }, { id: 's1', by: 'me' }), 'duplicate');
    assert.equal(await world.engine.signal('r1', 'go', null, { id: 's2', by: 'me' }), 'taken');
    assert.equal(await world.engine.signal('r1', 'scan', { n: 5 }, { id: 's1', by: 'me' }), 'duplicate');
    assert.deepEqual((await world.settle('r1')).outputs, { total: 5 });
  });

  it('keeps the order of signals that come within one millisecond', async () => {
    const many = flow(
      'many',
      'first',
      {
        first: { type: 'wait', label: 'First', events: [{ name: 'go', signal: 'go', next: 'scan' }] },
        scan: { type: 'wait', label: 'Scan', events: [{ name: 's', signal: 'scan', next: 'keep' }] },
        keep: {
          type: 'assignment',
          label: 'Keep',
          assignments: [
            { target: 'total', value: { '+': [{ '*': [{ var: 'total' }, 10] }, { var: 'scan.payload.n' }] } },
          ],
          next: 'more',
        },
        more: {
          type: 'decision',
          label: 'More',
          outcomes: [{ name: 'yes', when: { '<': [{ var: 'total' }, 123456] }, next: 'scan' }],
        },
      },
      { signals: { go: { schema: {} }, scan: { schema, buffered: true } } },
    );
    await begin(many);
    for (const [index, n] of [1, 2, 3, 4, 5, 6].entries()) {
      await world.engine.signal('r1', 'scan', { n }, { id: `z${9 - index}`, by: 'me' });
    }
    await world.engine.signal('r1', 'go', null, { by: 'me' });
    assert.deepEqual((await world.settle('r1')).outputs, { total: 123_456 });
  });

  it('refuses what is not awaited, unknown or invalid, and says what is', async () => {
    await begin(waiting);
    await assert.rejects(world.engine.signal('r1', 'nope', null, { by: 'me' }), {
      code: 'run.event-not-accepted',
      data: { status: 'waiting', accepted: ['scan', 'go'] },
    });
    await assert.rejects(world.engine.signal('r1', 'scan', { n: 'x' }, { by: 'me' }), {
      code: 'run.input-invalid',
    });
    await world.engine.signal('r1', 'go', null, { by: 'me' });
    await assert.rejects(world.engine.signal('r1', 'go', null, { by: 'me' }), {
      code: 'run.event-not-accepted',
    });
    await assert.rejects(world.engine.signal('none', 'go', null, { by: 'me' }), { code: 'run.unknown' });
    await world.engine.cancel('r1', who);
    await assert.rejects(world.engine.signal('r1', 'go', null, { by: 'me' }), { code: 'run.ended' });
  });

  it('takes a signal that comes while the run parks, whoever is first', async () => {
    await begin(waiting);
    await Promise.all([
      world.engine.signal('r1', 'scan', { n: 3 }, { by: 'me' }),
      world.engine.signal('r1', 'go', null, { by: 'me' }),
    ]);
    assert.deepEqual((await world.settle('r1')).outputs, { total: 3 });
  });

  it('fires a timer once, also when the clock is set back', async () => {
    await begin(hourly);
    await world.pass(hour);
    assert.equal((await world.settle('r1')).status, 'done');
    world.clock.set(world.clock.now() - 2 * hour);
    world.begin();
    await world.pass(4 * hour);
    assert.equal(world.provider.log.length, 1);
  });

  it('fires a timer that was due while no worker was there', async () => {
    await begin(hourly);
    await world.engine.close();
    world.clock.set(world.clock.now() + 5 * hour);
    world.begin();
    await world.calm();
    assert.equal((await world.settle('r1')).status, 'done');
  });

  it('lets two workers share the work: nothing is done twice', async () => {
    await begin(hourly);
    for (let n = 2; n <= 20; n += 1) await world.engine.start({ flow: 'hourly', user: agent, id: `r${n}` });
    const other = world.make();
    other.open();
    world.clock.goTo(world.clock.now() + hour);
    for (let turn = 0; turn < 20; turn += 1) {
      await Promise.all([world.engine.idle(), other.idle()]);
      await world.calm();
    }
    assert.equal(world.provider.log.length, 20);
    assert.equal((await world.engine.runs({ status: 'done', limit: 100 })).length, 20);
    await other.close();
  });

  it('holds a run while its subject is on hold, timers included, and goes on when it is released', async () => {
    await begin(hourly, true);
    held.set('o1', { reason: 'fraud check' });
    await world.pass(2 * hour);
    const run = await world.engine.run('r1');
    assert.equal(run.status, 'held');
    assert.deepEqual(run.held, { reason: 'fraud check' });
    assert.equal(world.provider.log.length, 0);
    held.clear();
    assert.equal(await world.engine.release({ type: 'order', id: 'o1' }), 1);
    assert.equal((await world.settle('r1')).status, 'done');
  });

  it('bumps the version of the subject with every unit', async () => {
    await begin(hourly, true);
    const before = await world.records.read('order', 'o1');
    await world.pass(hour);
    assert.ok((await world.records.read('order', 'o1'))!.version > before!.version);
  });

  it('runs the segment again when a record it writes has changed meanwhile', async () => {
    let reads = 0;
    const { records } = world;
    await world.engine.close();
    const find = records.read.bind(records);
    records.read = async (type, id) => {
      const found = await find(type, id);
      reads += 1;
      if (reads === 1) await world.putRecord('order', { id: 'o1', status: 'changed' });
      return found;
    };
    world.begin();
    await begin(
      flow('f', 'read', {
        read: { type: 'getRecords', label: 'Read', record: 'order', id: 'o1', next: 'write' },
        write: {
          type: 'updateRecords',
          label: 'Write',
          record: 'order',
          id: 'o1',
          fields: { before: { var: 'read.status' } },
        },
      }),
    );
    assert.deepEqual((await find('order', 'o1'))?.value, { id: 'o1', status: 'changed', before: 'changed' });
  });

  it('wakes all runs that wait for a record, however many they are', async () => {
    const record = { type: 'order', id: 'o1', when: { '===': [{ var: 'w.record.status' }, 'paid'] } };
    await world.publish(
      flow('f', 'w', { w: { type: 'wait', label: 'W', events: [{ name: 'paid', record }] } }),
    );
    for (let batch = 0; batch < 11; batch += 1) {
      await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          world.engine.start({ flow: 'f', user: agent, id: `r${batch}-${index}` }),
        ),
      );
    }
    await world.putRecord('order', { id: 'o1', status: 'paid' });
    await world.engine.recordChanged('order', 'o1');
    assert.equal((await world.store.listRuns({ status: 'waiting', limit: 2_000 })).length, 0);
  });

  it('wakes a run that waits for a record when another run changes it', async () => {
    await world.publish(
      flow('payer', 'pay', {
        pay: { type: 'updateRecords', label: 'Pay', record: 'order', id: 'o1', fields: { status: 'paid' } },
      }),
    );
    const run = await begin(
      flow('f', 'w', {
        w: {
          type: 'wait',
          label: 'W',
          events: [
            {
              name: 'paid',
              record: { type: 'order', id: 'o1', when: { '===': [{ var: 'w.record.status' }, 'paid'] } },
            },
          ],
        },
      }),
    );
    assert.equal(run.status, 'waiting');
    await world.putRecord('order', { id: 'o1', status: 'other' });
    await world.engine.recordChanged('order', 'o1');
    assert.equal((await world.engine.run('r1')).status, 'waiting');
    await world.engine.start({ flow: 'payer', user: agent });
    await world.calm();
    assert.equal((await world.engine.run('r1')).status, 'done');
  });

  it('keeps what comes for a suspended run, and takes it when it is resumed', async () => {
    await begin(waiting);
    await world.engine.suspend('r1', who);
    assert.equal(await world.engine.signal('r1', 'go', null, { by: 'me' }), 'kept');
    assert.equal((await world.engine.run('r1')).status, 'suspended');
    await world.engine.resume('r1', who);
    await world.calm();
    assert.ok((await world.engine.run('r1')).root.activities['second']);
  });

  it('gives what a suspended run keeps, and is not buffered, to no wait that begins later', async () => {
    const two = flow(
      'two',
      'first',
      {
        first: { type: 'wait', label: 'First', events: [{ name: 'go', signal: 'go', next: 'second' }] },
        second: { type: 'wait', label: 'Second', events: [{ name: 'go', signal: 'go' }] },
      },
      { signals: { go: { schema: {} } } },
    );
    await begin(two);
    await world.engine.suspend('r1', who);
    assert.equal(await world.engine.signal('r1', 'go', 1, { id: 's1', by: 'me' }), 'kept');
    assert.equal(await world.engine.signal('r1', 'go', 2, { id: 's2', by: 'me' }), 'kept');
    await world.engine.resume('r1', who);
    await world.calm();
    const run = await world.engine.run('r1');
    assert.deepEqual([run.status, Object.keys(run.root.activities)], ['waiting', ['second']]);
    assert.deepEqual(await world.store.inboxOf('r1'), []);
    assert.match(JSON.stringify(await world.engine.journal('r1')), /"item":"s2".*"refused":/);
    assert.equal(await world.engine.signal('r1', 'go', 2, { id: 's2', by: 'me' }), 'duplicate');
  });

  it('refuses for a held run what nobody waits for', async () => {
    await begin({ ...hourly, signals: { go: { schema: {} } } }, true);
    held.set('o1', { reason: 'fraud check' });
    await assert.rejects(world.engine.signal('r1', 'go', 1, { by: 'me' }), {
      code: 'run.event-not-accepted',
    });
    assert.deepEqual(await world.store.inboxOf('r1'), []);
  });

  it('keeps the outcome of a call for a suspended run', async () => {
    world.provider.script('charge', () => world.later(5_000, 'paid'));
    await begin(flow('f', 'pay', { pay: { type: 'action', label: 'Pay', action: 'charge', input: {} } }));
    await world.engine.suspend('r1', who);
    await world.pass(minute);
    assert.equal((await world.engine.run('r1')).status, 'suspended');
    await world.engine.resume('r1', who);
    await world.calm();
    assert.equal((await world.engine.run('r1')).status, 'done');
    assert.equal(world.provider.log.length, 1);
  });

  it('starts a run once under one id, and only with valid input', async () => {
    await begin(waiting);
    await assert.rejects(world.engine.start({ flow: 'waiting', user: agent, id: 'r1' }), {
      code: 'run.exists',
    });
    await assert.rejects(world.engine.start({ flow: 'waiting', user: agent, input: { n: 'x' } }), {
      code: 'run.input-invalid',
    });
    await assert.rejects(world.engine.start({ flow: 'waiting', user: agent, input: { other: 1 } }), {
      code: 'run.input-invalid',
    });
    await assert.rejects(world.engine.start({ flow: 'none', user: agent }), { code: 'run.flow-unknown' });
  });

  it('stops a run at an incident that takes its timers again and again', async () => {
    await begin(hourly);
    world.clock.set(world.clock.now() + hour);
    await world.engine.close();
    for (let claim = 0; claim < 6; claim += 1) {
      const now = new Date(world.clock.now()).toISOString();
      const until = new Date(world.clock.now() + 30_000).toISOString();
      assert.equal((await world.store.claimDue(now, until, 10)).length, 1);
      world.clock.set(world.clock.now() + 31_000);
    }
    world.begin();
    await world.calm();
    const run = await world.engine.run('r1');
    assert.equal(run.incident?.error.code, 'run.poisoned');
  });

  it('finds out what became of a commit that was not answered', async () => {
    const { unitErrors } = await import('../../../../engine/index.js');
    for (const written of [true, false]) {
      const id = `unknown-${written}`;
      await world.engine.close();
      const commit = world.store.commit.bind(world.store);
      let once = true;
      world.store.commit = async (unit) => {
        if (!once || unit.run.id !== id) return commit(unit);
        once = false;
        if (written) await commit(unit);
        throw unitErrors.error('outcome-unknown', 'the answer was lost');
      };
      world.begin();
      await world.publish(hourly);
      const run = await world.engine.start({ flow: 'hourly', user: agent, id });
      assert.equal(run.seq, 1);
      assert.equal((await world.engine.journal(id)).length, 1);
      world.store.commit = commit;
    }
  });

  it('stays on the version it was started with', async () => {
    await begin(hourly);
    await world.publish(flow('hourly', undefined, {}));
    await world.pass(hour);
    const run = await world.settle('r1');
    assert.equal(run.flow.version, 1);
    assert.equal(world.provider.log.length, 1);
    assert.equal((await world.engine.start({ flow: 'hourly', user: agent })).flow.version, 2);
  });

  it('a run that waits for its own subject does not take the guard that it writes for a change', async () => {
    await world.putRecord('order', { id: 'o1', status: 'new' });
    await world.publish(
      flow('own', 'w', {
        w: {
          type: 'wait',
          label: 'W',
          events: [
            {
              name: 'paid',
              record: { type: 'order', id: 'o1', when: { '===': [{ var: 'w.record.status' }, 'paid'] } },
            },
          ],
        },
      }),
    );
    await world.engine.start({ flow: 'own', user: agent, id: 'r1', subject: { type: 'order', id: 'o1' } });
    const parked = await world.settle('r1');
    assert.deepEqual([parked.status, parked.seq], ['waiting', 1]);
    await world.putRecord('order', { id: 'o1', status: 'paid' });
    await world.engine.recordChanged('order', 'o1');
    assert.equal((await world.settle('r1')).status, 'done');
  });
});
