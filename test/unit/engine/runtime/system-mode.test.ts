// System mode: who answers for it, that whoever starts the flow needs no permission for it, and that a call never widens.
import assert from 'node:assert/strict';
import type { FlowDefinition, Json } from '../../../../engine/index.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { flow } from '../../../support/flows.js';

const mode = { system: { reason: 'the warehouse has no accounts' } };
const nobody = { id: 'nobody' };
const admin = { id: 'ada', permissions: ['flows.system'] };

describe('system mode', () => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await openWorld();
    await world.putRecord('order', { id: 'o1', status: 'new' });
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  /** A flow that reads an order, which nobody may who has no permissions. */
  const reads = (name: string, more: Partial<FlowDefinition> = {}): FlowDefinition =>
    flow(
      name,
      'read',
      { read: { type: 'getRecords', label: 'Read', record: 'order', id: 'o1' } as never },
      more,
    );
  const calls = (name: string, called: string, more: Partial<FlowDefinition> = {}): FlowDefinition =>
    flow(name, 'call', { call: { type: 'subflow', label: 'Call', flow: called } }, more);
  const run = async (name: string, user: { id: string } = nobody) => world.engine.start({ flow: name, user });
  const journalOf = async (id: string): Promise<Record<string, Json>[]> =>
    (await world.engine.journal(id)).flatMap(({ entries }) => entries as Record<string, Json>[]);

  it('acts with all rights for a user who has none, whom the journal names, with the reason', async () => {
    await world.publish(reads('own'), reads('all', { mode }));
    assert.equal((await run('own')).incident?.error.code, 'records.forbidden');
    const { id, status, user } = await run('all');
    assert.deepEqual([status, user.id], ['done', 'nobody']);
    const [first] = await world.engine.journal(id);
    assert.equal(first?.by, 'nobody');
    assert.match(JSON.stringify(first?.entries[0]), /all acts in system mode: the warehouse has no accounts/);
  });

  it('leaves the permission of the trigger to be asked of the user', async () => {
    const start = { trigger: { type: 'action', permission: 'orders.cancel' }, next: 'read' } as const;
    await world.publish(reads('all', { mode, start }));
    await assert.rejects(run('all'), { code: 'run.forbidden', message: /orders\.cancel/ });
    const { status } = await world.engine.start({
      flow: 'all',
      user: { ...nobody, permissions: ['orders.cancel'] },
    });
    assert.equal(status, 'done');
  });

  it('is not passed on to a flow that is called and acts for its user', async () => {
    await world.publish(reads('inner'), calls('outer', 'inner', { mode }));
    assert.equal((await run('outer')).incident?.error.code, 'records.forbidden');
    assert.equal((await run('outer', agent)).status, 'done');
  });

  it('of a flow that is called gives its caller nothing', async () => {
    await world.publish(reads('inner', { mode }), calls('outer', 'inner'));
    const stopped = await run('outer');
    assert.equal(stopped.incident?.error.code, 'records.forbidden');
    assert.doesNotMatch(JSON.stringify(await journalOf(stopped.id)), /acts in system mode/);
    await world.publish(calls('top', 'outer', { mode }));
    assert.equal(
      (await run('top')).incident?.error.code,
      'records.forbidden',
      'one between acts for its user',
    );
  });

  it('holds through flows that are all in system mode', async () => {
    await world.publish(reads('inner', { mode }), calls('outer', 'inner', { mode }));
    const { id, status } = await run('outer');
    assert.equal(status, 'done');
    const text = JSON.stringify(await journalOf(id));
    assert.match(text, /outer acts in system mode.*; inner acts in system mode/);
  });

  it('is answered for by whoever makes the version active, who is kept with it', async () => {
    const { versions } = world.engine;
    await versions.save(reads('all', { mode }), 'ana');
    await assert.rejects(versions.activate('all', 1, 0, agent), {
      code: 'version.forbidden',
      data: { flow: 'all', permission: 'flows.system' },
    });
    assert.equal(await versions.active('all'), undefined);
    await versions.activate('all', 1, 0, admin);
    const at = new Date(world.clock.now()).toISOString();
    assert.deepEqual((await versions.get('all', 1)).activated, { by: 'ada', at });
    await versions.save(reads('all'), 'ana');
    await versions.activate('all', 2, 1, agent);
    await assert.rejects(versions.activate('all', 1, 2, agent), { code: 'version.forbidden' });
    await versions.retire({ name: 'all', version: 2 });
    await assert.rejects(versions.activate('all', 1, 0, agent), { code: 'version.forbidden' });
  });

  describe('that nobody answers for', () => {
    /** As it was made active by a release that asked nobody. */
    const unanswered = async (definition: FlowDefinition) => {
      const { name, version } = await world.engine.versions.save(definition, 'ana');
      await world.store.takeFlows([], [{ name, version, expected: 0 }]);
    };

    it('is not started, and the reason is given', async () => {
      await unanswered(reads('all', { mode }));
      await assert.rejects(run('all', agent), {
        code: 'version.unconfirmed',
        message: /version 1 of all acts in system mode/,
      });
      const { applies, reasons } = await world.engine.applicability('all', undefined, agent);
      assert.equal(applies, false);
      assert.match(reasons.join(), /nobody with the permission flows\.system has made it active/);
      await world.engine.versions.activate('all', 1, 1, admin);
      assert.equal((await run('all')).status, 'done');
    });

    it('is not called in system mode either', async () => {
      await unanswered(reads('inner', { mode }));
      await world.publish(calls('outer', 'inner', { mode }), calls('own', 'inner'));
      await assert.rejects(run('outer'), { code: 'version.unconfirmed' });
      assert.equal((await run('own', agent)).status, 'done', 'it acts for its user there');
    });
  });

  it('of a flow that starts by itself needs nobody with permissions', async () => {
    const start = {
      trigger: { type: 'recordChange', record: 'order', on: ['update'] },
      next: 'read',
    } as const;
    const set = flow(
      'set',
      'set',
      {
        set: {
          type: 'updateRecords',
          label: 'Set',
          record: 'order',
          id: 'o1',
          fields: { status: 'paid' },
        } as never,
      },
      {},
    );
    await world.publish(set, reads('follows', { mode, start }));
    await run('set', agent);
    await world.calm();
    const [followed] = await world.store.listRuns({ flow: 'follows', limit: 5 });
    assert.deepEqual([followed?.status, followed?.user], ['done', { id: 'engine' }]);
  });
});
