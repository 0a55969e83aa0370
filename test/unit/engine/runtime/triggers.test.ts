// Flows that start by themselves, whether a flow applies, and starts that are sent twice.
import assert from 'node:assert/strict';
import type { FlowDefinition, StartDefinition } from '../../../../engine/index.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { flow, hour, minute, setStatus } from '../../../support/flows.js';

const started = (name: string, trigger: StartDefinition['trigger'], more: Partial<FlowDefinition> = {}) =>
  flow(
    name,
    'keep',
    { keep: { type: 'wait', label: 'Keep', events: [{ name: 'x', signal: 'go' }] } },
    {
      signals: { go: { schema: {} } },
      ...more,
      start: { trigger, next: 'keep', ...more.start },
    },
  );

describe('flows that start by themselves', () => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await openWorld({
      engine: { triggerUser: agent },
    });
    await world.putRecord('order', { id: 'o1', status: 'new' });
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  const set = async (status: string) => {
    const subject = { type: 'order', id: 'o1' };
    await world.engine.start({ flow: 'set-status', user: agent, subject, input: { status } });
    await world.calm();
  };
  const runsOf = (name: string) => world.store.listRuns({ flow: name, limit: 2_000 });

  describe('when a record changes', () => {
    const paid = { '==': [{ var: '$record.status' }, 'paid'] };

    it('starts after the commit when the condition holds, and knows the record before', async () => {
      await world.publish(
        setStatus,
        started('on-paid', { type: 'recordChange', record: 'order', on: ['update'], when: paid }),
      );
      await set('sent');
      assert.equal((await runsOf('on-paid')).length, 0);
      await set('paid');
      const [run] = await runsOf('on-paid');
      assert.deepEqual(run?.subject, { type: 'order', id: 'o1' });
      assert.deepEqual(run?.recordPrior, { id: 'o1', status: 'sent' });
      assert.equal(run?.depth, 1);
    });

    it('starts only at the change that makes a newlyTrue condition true', async () => {
      const trigger = { type: 'recordChange', record: 'order', on: ['update'], when: paid } as const;
      await world.publish(
        setStatus,
        started('each', trigger),
        started('first', { ...trigger, newlyTrue: true }),
      );
      for (const status of ['paid', 'paid', 'sent', 'paid']) {
        await world.engine.start({
          flow: 'set-status',
          user: agent,
          subject: { type: 'order', id: 'o1' },
          input: { status },
        });
        await world.calm();
      }
      assert.equal((await runsOf('first')).length, 2);
    });

    it('starts once when the row is delivered twice', async () => {
      await world.publish(
        setStatus,
        started('on-any', { type: 'recordChange', record: 'order', on: ['update'] }),
      );
      await set('paid');
      const row = world.delivered.find(({ topic }) => topic === 'record.changed')!;
      await world.store.putOutbox({ ...row, attempt: 0 });
      world.begin();
      await world.calm();
      assert.equal(world.delivered.filter(({ id }) => id === row.id).length, 2);
      assert.equal((await runsOf('on-any')).length, 1);
    });

    it('stops flows that start one another at a depth of ten', async () => {
      const again = flow(
        'again',
        'set',
        {
          set: {
            type: 'updateRecords',
            label: 'Set',
            record: 'order',
            id: { var: '$record.id' },
            fields: { count: { '+': [{ var: '$record.count' }, 1] } },
          },
        },
        { start: { trigger: { type: 'recordChange', record: 'order', on: ['update'] }, next: 'set' } },
      );
      await world.putRecord('order', { id: 'o1', status: 'new', count: 0 });
      await world.publish(setStatus, again);
      await set('paid');
      assert.equal((await runsOf('again')).length, 10);
      assert.equal((await world.records.read('order', 'o1'))?.value['count'], 10);
    });
  });

  describe('when an event comes', () => {
    const german = { '==': [{ var: '$event.country' }, 'DE'] };

    it('starts with the inputs that the event has, if its condition holds, once', async () => {
      await world.publish(started('on-event', { type: 'event', event: 'parcel.scanned', when: german }));
      const event = 'parcel.scanned';
      await world.engine.publish({ event, payload: { country: 'FR', n: 1 }, id: 'e1' });
      await world.engine.publish({ event, payload: { country: 'DE', n: 2 }, id: 'e2' });
      await world.engine.publish({ event: 'other', payload: { country: 'DE' }, id: 'e3' });
      await world.calm();
      await world.engine.publish({ event, payload: { country: 'DE', n: 2 }, id: 'e2' });
      await world.calm();
      const runs = await runsOf('on-event');
      assert.deepEqual(
        runs.map(({ root, event: told }) => [root.variables['n'], told]),
        [[2, { country: 'DE', n: 2 }]],
      );
    });

    it('starts with an input that nobody but the event gives', async () => {
      await world.publish(
        started(
          'on-event',
          { type: 'event', event: 'parcel.scanned', when: german },
          { variables: { country: { schema: { type: 'string' }, input: true } } },
        ),
      );
      await world.engine.publish({ event: 'parcel.scanned', payload: { country: 'DE' }, id: 'e1' });
      await world.calm();
      assert.deepEqual(
        (await runsOf('on-event')).map(({ root }) => root.variables['country']),
        ['DE'],
      );
    });

    it('is stored before publish answers', async () => {
      await world.publish(started('on-event', { type: 'event', event: 'parcel.scanned' }));
      await world.engine.close();
      await world.engine.publish({ event: 'parcel.scanned', payload: null, id: 'e1' });
      assert.equal((await runsOf('on-event')).length, 0);
      world.begin();
      await world.calm();
      assert.equal((await runsOf('on-event')).length, 1);
    });
  });

  describe('on a schedule', () => {
    const hourly = started('hourly', { type: 'schedule', cron: '0 * * * *' });

    it('starts at each occurrence', async () => {
      await world.publish(hourly);
      await world.pass(3 * hour + minute);
      assert.equal((await runsOf('hourly')).length, 3);
    });

    it('starts each occurrence once with two workers, and after a restart', async () => {
      await world.publish(hourly);
      const other = world.make();
      other.open();
      await world.pass(2 * hour + minute);
      await other.close();
      world.begin();
      await world.pass(hour);
      assert.equal((await runsOf('hourly')).length, 3);
    });

    it('makes up for what was missed, and fires nothing again when the clock is set back', async () => {
      await world.publish(hourly);
      await world.calm();
      await world.engine.close();
      world.clock.set(world.clock.now() + 5 * hour);
      world.begin();
      await world.calm();
      assert.equal((await runsOf('hourly')).length, 5);
      world.clock.set(world.clock.now() - 3 * hour);
      world.begin();
      await world.pass(2 * hour);
      assert.equal((await runsOf('hourly')).length, 5);
    });

    it('keeps to the time of its zone when the clocks change', async () => {
      const daily = started('daily', { type: 'schedule', cron: '0 6 * * *', timeZone: 'Europe/Berlin' });
      world.clock.set(Date.parse('2027-03-27T12:00:00Z'));
      world.begin();
      await world.publish(daily);
      await world.pass(26 * hour);
      const [run] = await runsOf('daily');
      assert.equal(run?.startedAt, '2027-03-28T04:00:00.000Z');
    });
  });
});

describe('whether a flow applies', () => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await openWorld();
    await world.putRecord('order', { id: 'o1', status: 'sent' });
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  const cancel = started(
    'cancel',
    { type: 'action', record: 'order', permission: 'orders.cancel' },
    {
      start: {
        trigger: { type: 'action', record: 'order', permission: 'orders.cancel' },
        conditions: [
          { when: { '==': [{ var: '$record.status' }, 'new'] }, otherwise: 'It was sent already.' },
          { when: { '!=': [{ var: '$record.id' }, 'o2'] }, otherwise: 'It is o2.' },
        ],
      },
    },
  );
  const subject = { type: 'order', id: 'o1' };
  const allowed = { id: 'clerk', permissions: ['orders.cancel'] };

  it('says each reason, as a start does, and starts nothing', async () => {
    await world.publish(cancel);
    const answer = await world.engine.applicability('cancel', subject, allowed);
    assert.deepEqual(answer, { applies: false, reasons: ['It was sent already.'], missing: [] });
    await assert.rejects(world.engine.start({ flow: 'cancel', user: allowed, subject }), {
      code: 'run.not-applicable',
      data: { reasons: ['It was sent already.'] },
    });
    await world.putRecord('order', { id: 'o1', status: 'new' });
    assert.equal((await world.engine.applicability('cancel', subject, allowed)).applies, true);
    assert.deepEqual(await world.store.listRuns({ limit: 10 }), []);
  });

  it('says it of several flows at once, of one reading of the record', async () => {
    const also = { ...cancel, name: 'also' };
    await world.publish(cancel, also, started('free', { type: 'action' }));
    const { read } = world.records;
    let reads = 0;
    world.records.read = (...given) => {
      reads += 1;
      return read.apply(world.records, given);
    };
    const answers = await world.engine.applicabilities(['also', 'free', 'cancel'], subject, allowed);
    assert.deepEqual(
      answers.map(({ applies }) => applies),
      [false, true, false],
    );
    assert.equal(reads, 1);
    await assert.rejects(world.engine.applicabilities(['free', 'none'], subject, allowed), {
      code: 'run.flow-unknown',
    });
  });

  it('names the permission that is missing, and the record that is', async () => {
    await world.publish(cancel);
    const { missing, applies } = await world.engine.applicability('cancel', subject, { id: 'x' });
    assert.deepEqual([missing, applies], [['orders.cancel'], false]);
    await assert.rejects(world.engine.start({ flow: 'cancel', user: { id: 'x' }, subject }), {
      code: 'run.forbidden',
    });
    const { reasons } = await world.engine.applicability('cancel', { type: 'parcel', id: '1' }, allowed);
    assert.deepEqual(reasons, ['cancel is for records of type order, not parcel.']);
  });
});

describe('a start with an idempotency key', () => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await openWorld();
    await world.publish(started('one', { type: 'action' }), started('two', { type: 'action' }));
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  it('answers with the run of the first, whoever is first', async () => {
    const request = { flow: 'one', user: agent, input: { n: 1 }, key: 'k1' };
    const runs = await Promise.all([1, 2, 3].map(() => world.engine.start(request)));
    assert.equal(new Set(runs.map(({ id }) => id)).size, 1);
    world.begin();
    assert.equal((await world.engine.start(request)).id, runs[0]?.id);
    assert.equal((await world.store.listRuns({ limit: 10 })).length, 1);
  });

  it('refuses another request under the same key, and keeps the keys of users apart', async () => {
    const { id } = await world.engine.start({ flow: 'one', user: agent, input: { n: 1 }, key: 'k1' });
    for (const other of [
      { flow: 'one', input: { n: 2 } },
      { flow: 'two', input: { n: 1 } },
      { flow: 'one', input: { n: 1 }, subject: { type: 'order', id: 'o1' } },
    ]) {
      await assert.rejects(world.engine.start({ ...other, user: agent, key: 'k1' }), {
        code: 'run.idempotency-mismatch',
      });
    }
    const another = await world.engine.start({ flow: 'one', user: { id: 'b' }, input: { n: 1 }, key: 'k1' });
    assert.notEqual(another.id, id);
  });
});
