// Which version of a flow is active, as an engine that is alone on its store remembers it.
import assert from 'node:assert/strict';
import { systemPermission } from '../../../../engine/index.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { flow } from '../../../support/flows.js';

const admin = { id: 'admin', permissions: [systemPermission] };
const waiting = (seconds: number) =>
  flow('f', 'w', {
    w: { type: 'wait', label: 'W', events: [{ name: 'over', after: `PT${seconds}S` }] },
  });

describe('the active version of a flow', () => {
  let world: EngineWorld;
  let reads = 0;
  beforeEach(async () => {
    world = await openWorld({ engine: { alone: true } });
    const { activeFlow } = world.store;
    world.store.activeFlow = (name) => {
      reads += 1;
      return activeFlow.call(world.store, name);
    };
    reads = 0;
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });
  const started = async () => (await world.engine.start({ flow: 'f', user: agent })).flow.version;

  it('is read once, until another one is made active or it is retired', async () => {
    const { versions } = world.engine;
    await versions.save(waiting(1), 'ana');
    await versions.save(waiting(2), 'ana');
    await versions.activate('f', 1, 0, admin);
    assert.deepEqual([await started(), await started(), reads], [1, 1, 1]);
    await versions.activate('f', 2, 1, admin);
    assert.deepEqual([await started(), await started(), reads], [2, 2, 2]);
    await assert.rejects(versions.activate('f', 1, 1, admin), { code: 'version.conflict' });
    assert.equal(await started(), 2);
    await versions.retire({ name: 'f', version: 2 });
    await assert.rejects(started(), { code: 'run.flow-unknown' });
  });

  it('is another one for all flows that are taken in together, or for none if one was changed since it was seen', async () => {
    const { versions } = world.engine;
    const first = await versions.save(waiting(1), 'ana');
    await versions.activate('f', 1, 0, admin);
    assert.equal(await started(), 1);
    const other = { ...waiting(1), name: 'g' };
    const taken = { definition: waiting(2), newest: first };
    await assert.rejects(
      versions.take(
        [
          { ...taken, replaces: 1 },
          { definition: other, newest: undefined, replaces: 1 },
        ],
        admin,
      ),
      { code: 'version.conflict' },
    );
    assert.deepEqual([(await versions.list()).length, await started()], [1, 1]);
    const made = await versions.take(
      [
        { ...taken, replaces: 1 },
        { definition: other, newest: undefined },
      ],
      admin,
    );
    assert.deepEqual(
      made.map(({ name, version, status }) => [name, version, status]),
      [
        ['f', 2, 'active'],
        ['g', 1, 'draft'],
      ],
    );
    assert.deepEqual([(await versions.list('f'))[0], await started()], [made[0], 2]);
    await assert.rejects(versions.take([taken], admin), { code: 'version.conflict' });
  });

  it('is not given up once another server has made a flow active that calls it, nor called once it is', async () => {
    const { versions } = world.engine;
    const other = world.make().versions;
    const caller = flow('caller', 'sub', { sub: { type: 'subflow', label: 'Sub', flow: 'f', input: {} } });
    await versions.save(waiting(1), 'ana');
    await versions.save(caller, 'ana');
    await versions.activate('f', 1, 0, admin);
    const [seen] = await versions.listActive();
    await other.activate('caller', 1, 0, admin, { validated: true });
    await assert.rejects(versions.retire(seen!), { code: 'version.conflict' });
    await versions.retire((await versions.list('caller'))[0]!);
    await versions.retire((await versions.list('f'))[0]!);
    const late = other.activate('caller', 1, 0, admin, { validated: true });
    await assert.rejects(late, { code: 'version.conflict' });
  });

  it('is asked for again when there was none', async () => {
    const { versions } = world.engine;
    await versions.save(waiting(1), 'ana');
    await assert.rejects(started(), { code: 'run.flow-unknown' });
    await versions.activate('f', 1, 0, admin);
    assert.equal(await started(), 1);
    for (let n = 0; n < 3; n += 1) assert.equal(await versions.active('nobody'), undefined);
    assert.equal(reads, 5);
  });

  it('is asked for again when it could not be read', async () => {
    await world.engine.versions.save(waiting(1), 'ana');
    await world.engine.versions.activate('f', 1, 0, admin);
    const { activeFlow } = world.store;
    world.store.activeFlow = () => Promise.reject(new Error('the store is away'));
    await assert.rejects(started(), /away/);
    world.store.activeFlow = activeFlow;
    assert.equal(await started(), 1);
  });
});
