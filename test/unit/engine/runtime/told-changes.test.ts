// Changes of records are told to whoever waits for them or starts on them; where nobody does, none is written.
import assert from 'node:assert/strict';
import type { Json } from '../../../../engine/index.js';
import { createRecordsElement } from '../../../../engine/elements/create-records.js';
import { deleteRecordsElement } from '../../../../engine/elements/delete-records.js';
import { agent, type EngineWorld, kernelElements, openWorld } from '../../../support/engine-world.js';
import { flow, setStatus } from '../../../support/flows.js';

const subject = { type: 'order', id: 'o1' };

const waitForPaid = flow('wait-for-paid', 'paid', {
  paid: {
    type: 'wait',
    label: 'Paid',
    events: [
      {
        name: 'paid',
        record: { type: 'order', id: 'o1', when: { '==': [{ var: 'paid.record.status' }, 'paid'] } },
      },
    ],
  },
});

const keep = { keep: { type: 'wait', label: 'Keep', events: [{ name: 'x', after: 'P9D' }] } };
const onChange = (
  name: string,
  on: ('create' | 'update' | 'delete')[],
  record = 'order',
  more: { readonly when?: Json; readonly newlyTrue?: boolean } = {},
) =>
  flow(name, 'keep', keep, {
    start: { trigger: { type: 'recordChange', record, on, ...more }, next: 'keep' },
  });

describe('changes of records', () => {
  let world: EngineWorld;
  /** Whether rows are delivered, or lie where they can be seen. */
  let isTold: boolean;
  beforeEach(async () => {
    isTold = true;
    world = await openWorld({ topics: [], engine: { triggerUser: agent } });
    const { store } = world;
    const claim = store.claimOutbox.bind(store);
    store.claimOutbox = async (...given) => (isTold ? claim(...given) : []);
    await world.putRecord('order', { id: 'o1', status: 'new' });
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  const set = async (status: string): Promise<void> => {
    await world.engine.start({ flow: 'set-status', user: agent, subject, input: { status } });
    await world.calm();
  };
  /** Ids of the rows that are there, in the order in which they are told. */
  const rows = async (): Promise<string[]> => {
    const found = await world.connection
      .collection('outbox')
      .find({}, { sort: { order: 1 } })
      .toArray();
    return found.map(({ _id }) => String(_id));
  };

  it('leave the record that was waited for to what follows, whether it was so already or came to be', async () => {
    const [event] = waitForPaid.elements['paid']!['events'] as [object];
    const read = flow(
      'read-paid',
      'paid',
      {
        paid: { ...waitForPaid.elements['paid']!, events: [{ ...event, next: 'keep' }] },
        keep: {
          type: 'assignment',
          label: 'Keep',
          assignments: [{ target: 'status', value: { var: 'paid.record.status' } }],
        },
      },
      { variables: { status: { schema: { type: ['string', 'null'] }, output: true } } },
    );
    await world.publish(setStatus, read);
    await world.engine.start({ flow: 'read-paid', user: agent, id: 'later' });
    await set('paid');
    await world.engine.start({ flow: 'read-paid', user: agent, id: 'at-once' });
    for (const id of ['later', 'at-once'])
      assert.deepEqual((await world.engine.run(id)).outputs, { total: 0, status: 'paid' }, id);
  });

  it('are not written where no run waits for the record, and no flow starts on it', async () => {
    await world.publish(
      setStatus,
      onChange('on-delete', ['delete']),
      onChange('on-other', ['update'], 'entry'),
    );
    isTold = false;
    await set('sent');
    assert.deepEqual(await rows(), []);
    assert.equal((await world.records.read('order', 'o1'))?.value['status'], 'sent');
  });

  it('wake the runs that wait for the record', async () => {
    await world.publish(setStatus, waitForPaid);
    const { id } = await world.engine.start({ flow: 'wait-for-paid', user: agent });
    await world.calm();
    await set('sent');
    assert.equal((await world.store.loadRun(id))?.status, 'waiting');
    isTold = false;
    await set('paid');
    assert.equal((await rows()).length, 1);
    isTold = true;
    world.begin();
    await world.calm();
    assert.equal((await world.store.loadRun(id))?.status, 'done');
    isTold = false;
    await set('sent');
    assert.deepEqual(await rows(), []);
  });

  describe('while a run is being parked that waits for the record', () => {
    /** Does something right before the first unit of a run that parks it, when its segment has looked at the record. */
    const beforeParking = (flow: string, work: () => Promise<void>): void => {
      const commit = world.store.commit.bind(world.store);
      let isDone = false;
      world.store.commit = async (unit) => {
        if (!isDone && unit.run.flow.name === flow && unit.run.waitsOn.includes('order:o2')) {
          isDone = true;
          await work();
        }
        return commit(unit);
      };
    };
    const waitFor2 = flow('wait-for-2', 'first', {
      first: {
        type: 'wait',
        label: 'First',
        events: [{ name: 'any', record: { type: 'order', id: 'o1', when: true }, next: 'second' }],
      },
      second: {
        type: 'wait',
        label: 'Second',
        events: [
          {
            name: 'paid',
            record: { type: 'order', id: 'o2', when: { '==': [{ var: 'second.record.status' }, 'paid'] } },
          },
        ],
      },
    });
    const put = async (id: string, status: string): Promise<void> => {
      await world.engine.start({ flow: 'put', user: agent, input: { id, status } });
    };
    const remove = async (id: string): Promise<void> => {
      await world.engine.start({ flow: 'remove', user: agent, input: { id } });
    };
    const input = { schema: { type: 'string' }, input: true } as const;

    beforeEach(async () => {
      await world.engine.close();
      await world.close();
      world = await openWorld({
        topics: [],
        elements: [...kernelElements, createRecordsElement, deleteRecordsElement],
        engine: { triggerUser: agent },
      });
      await world.putRecord('order', { id: 'o1', status: 'new' });
      await world.publish(
        waitFor2,
        flow(
          'put',
          'put',
          {
            put: {
              type: 'createRecords',
              label: 'Put',
              record: 'order',
              fields: { id: { var: 'id' }, status: { var: 'status' } },
            },
          },
          { variables: { id: input, status: input } },
        ),
        flow(
          'remove',
          'remove',
          { remove: { type: 'deleteRecords', label: 'Remove', record: 'order', id: { var: 'id' } } },
          { variables: { id: input } },
        ),
        setStatus,
      );
    });

    const parked = async (work: () => Promise<void>): Promise<string | undefined> => {
      beforeParking('wait-for-2', work);
      const { id } = await world.engine.start({ flow: 'wait-for-2', user: agent });
      await world.calm();
      return (await world.store.loadRun(id))?.status;
    };

    it('are not missed when it is created', async () => {
      assert.equal(await parked(() => put('o2', 'paid')), 'done');
    });

    it('are not missed when it is changed', async () => {
      await put('o2', 'new');
      const change = async (): Promise<void> => {
        const to = { type: 'order', id: 'o2' };
        await world.engine.start({ flow: 'set-status', user: agent, subject: to, input: { status: 'paid' } });
      };
      assert.equal(await parked(change), 'done');
    });

    it('are not missed when it is deleted and made again', async () => {
      await put('o2', 'new');
      const change = async (): Promise<void> => {
        await remove('o2');
        await put('o2', 'paid');
      };
      assert.equal(await parked(change), 'done');
    });

    it('leave it parked when nothing of it has changed', async () => {
      await put('o2', 'new');
      assert.equal(await parked(async () => put('o3', 'paid')), 'waiting');
    });
  });

  it('that are being committed are, before a flow is said to be active', async () => {
    await world.publish(setStatus);
    const { version } = await world.engine.versions.save(onChange('on-update', ['update']), 'test');
    const order: string[] = [];
    const commit = world.store.commit.bind(world.store);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let began = (): void => {};
    const begun = new Promise<void>((resolve) => {
      began = resolve;
    });
    world.store.commit = async (unit) => {
      began();
      await held;
      const answer = await commit(unit);
      order.push('committed');
      return answer;
    };
    const setting = set('sent');
    await begun;
    const activating = world.engine.versions
      .activate('on-update', version, 0, agent)
      .then(() => order.push('active'));
    await new Promise((resolve) => setTimeout(resolve, 30));
    release();
    await Promise.all([setting, activating]);
    assert.deepEqual(order.slice(0, 2), ['committed', 'active']);
  });

  it('are written for a flow that starts on them, and not where its condition does not hold', async () => {
    const paid = { '==': [{ var: '$record.status' }, 'paid'] };
    await world.publish(setStatus, onChange('on-paid', ['update'], 'order', { when: paid, newlyTrue: true }));
    isTold = false;
    for (const status of ['sent', 'paid', 'paid', 'new']) await set(status);
    // Version 1 is the first.
    assert.deepEqual(
      (await rows()).map((id) => id.split(':').slice(1).join(':')),
      ['order:o1:3:changed'],
    );
  });

  it('are told where the condition can not be evaluated', async () => {
    const when = { '==': [{ 'date.diff': [{ var: '$record.status' }, '2026-01-01', 'days'] }, 3] };
    await world.publish(setStatus, onChange('on-odd', ['update'], 'order', { when }));
    isTold = false;
    await set('no date');
    assert.equal((await rows()).length, 1);
  });

  it('start a flow from its activation on, and no longer once it is retired', async () => {
    const runs = async (): Promise<number> =>
      (await world.store.listRuns({ flow: 'on-update', limit: 10 })).length;
    await world.publish(setStatus);
    await set('one');
    await world.publish(onChange('on-update', ['update']));
    await set('two');
    assert.equal(await runs(), 1);
    await world.engine.versions.retire({ name: 'on-update', version: 1 });
    await set('three');
    assert.equal(await runs(), 1);
  });

  it('are all written for a handler of them', async () => {
    await world.engine.close();
    await world.close();
    world = await openWorld();
    await world.putRecord('order', { id: 'o1', status: 'new' });
    await world.publish(setStatus);
    await set('sent');
    assert.deepEqual(
      world.delivered.map(({ topic }) => topic),
      ['record.changed'],
    );
  });

  it('come after what the run has told before, whatever the clock of the worker that told it', async () => {
    const update = (status: string, next?: string) => ({
      type: 'updateRecords',
      label: 'Update',
      record: 'order',
      id: 'o1',
      fields: { status },
      ...(next === undefined ? {} : { next }),
    });
    const elements = {
      first: update('a', 'keep'),
      keep: { type: 'wait', label: 'Keep', events: [{ name: 'x', signal: 'go', next: 'again' }] },
      again: update('b', 'still'),
      still: { type: 'wait', label: 'Still', events: [{ name: 'x', signal: 'go', next: 'last' }] },
      last: update('c'),
    };
    await world.publish(
      flow('tells', 'first', elements, { signals: { go: { schema: {} } } }),
      onChange('on-update', ['update']),
    );
    // The ids of an engine sort after those of the ones before it.
    const [behind, ahead] = [world.make(), world.make()];
    for (const engine of [behind, ahead]) engine.open();
    isTold = false;
    const { id } = await ahead.start({ flow: 'tells', user: agent });
    for (const name of ['one', 'two']) await behind.signal(id, 'go', {}, { id: name, by: 'agent' });
    await world.calm();
    assert.deepEqual(
      await rows(),
      [2, 3, 4].map((version) => `${id}:order:o1:${version}:changed`),
    );
    await Promise.all([behind.close(), ahead.close()]);
  });
});
