// Actions that go on after their end: nothing of what they do then is in the segment that they were part of.
import assert from 'node:assert/strict';
import type { Action, RecordsSession } from '../../../../engine/index.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { flow } from '../../../support/flows.js';

const second = 1_000;

describe('an action that goes on after its end', () => {
  let world: EngineWorld;
  /** What the action had of its late uses of records. */
  let late: Promise<unknown>[];
  /** What it does with records when its time is over, or it has answered. */
  let goOn: (records: RecordsSession) => Promise<unknown>;
  const record = (use: Promise<unknown>): void => {
    // Looked at when the run has ended.
    use.catch(() => undefined);
    late.push(use);
  };
  const slow: Action = {
    name: 'slow',
    title: 'Slow',
    description: 'Takes longer than it may, and goes on.',
    input: { type: 'object' },
    output: {},
    effect: 'records',
    timeoutMs: second,
    async perform({ records }) {
      await records!.update('order', 'o1', { begun: true });
      await world.later(2 * second, null);
      record(goOn(records!));
      return null;
    },
  };
  const hasty: Action = {
    ...slow,
    name: 'hasty',
    title: 'Hasty',
    description: 'Answers, and goes on.',
    async perform({ records }) {
      void world.later(second, null).then(() => record(goOn(records!)));
      return null;
    },
  };
  /** Keeps the segment open meanwhile. */
  const rest: Action = {
    name: 'rest',
    title: 'Rest',
    description: 'Takes a while.',
    input: { type: 'object' },
    output: {},
    effect: 'query',
    perform: () => world.later(5 * second, null),
  };
  const afterwards = {
    rest: { type: 'action', label: 'Rest', action: 'rest', input: {}, next: 'mark' },
    mark: { type: 'updateRecords', label: 'Mark', record: 'order', id: 'o1', fields: { marked: true } },
  };
  const begin = (action: string): object => ({
    type: 'action',
    label: 'Begin',
    action,
    input: {},
    next: 'rest',
    onFault: { next: 'rest' },
  });

  beforeEach(async () => {
    late = [];
    world = await openWorld({ actions: [slow, hasty, rest] });
    for (const id of ['o1', 'o2']) await world.putRecord('order', { id });
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  async function play(action: string): Promise<void> {
    await world.publish(flow('f', 'begin', { begin: begin(action) as never, ...afterwards }));
    const started = world.engine.start({ flow: 'f', user: agent, id: 'r1' });
    await world.pass(10 * second);
    assert.equal((await started).status, 'done');
    assert.deepEqual((await world.records.read('order', 'o1'))!.value, { id: 'o1', marked: true });
    assert.deepEqual((await world.records.read('order', 'o2'))!.value, { id: 'o2' });
    assert.equal(await world.records.read('order', 'o3'), undefined);
    const [entry] = await world.store.journalOf('r1', 0, 9);
    assert.ok(!JSON.stringify(entry).includes('late'));
  }

  const uses: Record<string, (records: RecordsSession) => Promise<unknown>> = {
    update: (records) => records.update('order', 'o2', { late: true }),
    create: (records) => records.create('order', { id: 'o3', late: true }),
    delete: (records) => records.delete('order', 'o2'),
    get: (records) => records.get('order', 'o2'),
    find: (records) => records.find({ type: 'order', where: [], limit: 9 }),
  };
  for (const [use, call] of Object.entries(uses)) {
    it(`can't ${use} records any more once its time is over`, async () => {
      goOn = call;
      await play('slow');
      assert.equal(late.length, 1);
      await assert.rejects(late[0]!, { code: 'action.ended', message: /slow has ended/ });
    });
  }

  it('can’t write records any more once it has answered', async () => {
    goOn = uses['update']!;
    await play('hasty');
    await assert.rejects(late[0]!, { code: 'action.ended' });
  });

  it('has written nothing with what it had begun before its time was over', async () => {
    const never: Action = {
      ...slow,
      name: 'reads-slowly',
      async perform({ records }) {
        record(records!.update('order', 'o2', { late: true }));
        return world.later(9 * second, null);
      },
    };
    await world.close();
    world = await openWorld({ actions: [never, rest] });
    for (const id of ['o1', 'o2']) await world.putRecord('order', { id });
    const { read } = world.records;
    let isFirst = true;
    Object.assign(world.records, {
      read: async (type: string, id: string) => {
        if (id === 'o2' && isFirst) {
          isFirst = false;
          await world.later(2 * second, null);
        }
        return read(type, id);
      },
    });
    await play('reads-slowly');
    await assert.rejects(late[0]!, { code: 'action.ended' });
  });
});
