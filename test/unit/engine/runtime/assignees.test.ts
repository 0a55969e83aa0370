// Work for somebody who is not there: the run stops where it begins, is seen, and goes on once there is somebody.
import assert from 'node:assert/strict';
import { standardElements } from '../../../../engine/elements/standard-elements.js';
import type { AssigneeKind, ElementDefinition } from '../../../../engine/index.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { flow, hour } from '../../../support/flows.js';

const who = { by: 'operator', reason: 'there is one now' };

describe('work for somebody who is not there', () => {
  let world: EngineWorld;
  const there = new Set<string>();
  beforeEach(async () => {
    there.clear();
    for (const each of ['user:ada', 'group:agents', 'queue:returns']) there.add(each);
    world = await openWorld({
      elements: standardElements,
      engine: {
        assignees: {
          exists: async (kind: AssigneeKind, name: string) => there.has(`${kind}:${name}`),
          includes: async (kind: AssigneeKind, name: string, user: string) =>
            there.has(`${kind}:${name}`) && there.has(`user:${user}`),
        },
      },
    });
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  const begin = async (element: Partial<ElementDefinition>, more = {}) => {
    const e = { label: 'E', subject: 'Look', next: 'done', ...element } as ElementDefinition;
    const definition = flow('work', 'e', { e, done: { type: 'end', label: 'Done' } }, more);
    await world.publish(definition);
    await world.engine.start({ flow: 'work', user: agent, id: 'r1' });
    return world.settle('r1');
  };
  const assigneeOf = async () => {
    const run = (await world.store.loadRun('r1'))!;
    const [wait] = run.root.activities['e']?.waits ?? [];
    return wait?.kind === 'answer' ? (wait.form as { assignee: unknown }).assignee : undefined;
  };

  for (const type of ['task', 'approval']) {
    for (const [kind, known, unknown] of [
      ['user', 'ada', 'adda'],
      ['group', 'agents', 'agent'],
      ['queue', 'returns', 'return'],
    ] as const) {
      it(`is an incident of a ${type} for a ${kind}, and goes on once there is one`, async () => {
        const stopped = await begin({ type, assignee: { [kind]: unknown } });
        assert.equal(stopped.status, 'incident');
        const { code, detail, data } = stopped.incident!.error;
        assert.deepEqual([code, data], ['work.assignee-unknown', { kind, name: unknown }]);
        assert.equal(detail, `the work is for the ${kind} ${unknown}, and there is none`);
        there.add(`${kind}:${unknown}`);
        await world.engine.retry('r1', who);
        assert.equal((await world.settle('r1')).status, 'waiting');
        assert.deepEqual(await assigneeOf(), { kind, name: unknown });
        assert.ok(there.has(`${kind}:${known}`));
      });
    }
  }

  it('is none of work for somebody who is', async () => {
    assert.equal((await begin({ type: 'task', assignee: { group: 'agents' } })).status, 'waiting');
  });

  it('takes the path of a fault, where there is one', async () => {
    const run = await begin({ type: 'task', assignee: { group: 'nobody' }, onFault: { next: 'done' } });
    assert.equal(run.status, 'done');
  });

  it('is an incident when the work would go on to them, and it is not lost for whoever has it', async () => {
    const escalation = { after: 'PT1H', to: { group: 'bosses' } };
    await begin({ type: 'task', assignee: { group: 'agents' }, escalation });
    await world.pass(2 * hour);
    const stopped = await world.store.loadRun('r1');
    assert.equal(stopped?.incident?.error.code, 'work.assignee-unknown');
    assert.deepEqual(await assigneeOf(), { kind: 'group', name: 'agents' });
    there.add('group:bosses');
    await world.engine.retry('r1', who);
    await world.calm();
    assert.deepEqual(await assigneeOf(), { kind: 'group', name: 'bosses' });
  });

  describe('any more', () => {
    const answer = async (by: string, name: string, groups: string[] = ['agents']) => {
      const place = { frame: 'main', element: 'e', visit: 1, name };
      const user = { id: by, groups };
      const payload = name === 'answer' ? { values: {} } : {};
      const id = `${name}:${by}:${Math.trunc(world.clock.now())}`;
      try {
        return await world.engine.answer('r1', place, payload, { id, by, user });
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    const listOf = async (id: string) =>
      (await world.engine.tasks({ id, permissions: [], groups: ['agents'] }, { limit: 9 })).work.map(
        ({ claimedBy }) => claimedBy,
      );
    beforeEach(async () => {
      there.add('user:bob');
      await begin({ type: 'task', assignee: { group: 'agents' } });
      assert.equal(await answer('ada', 'claim'), 'taken');
    });

    it('goes back to the group when who has claimed it is gone', async () => {
      assert.equal(await answer('bob', 'claim'), 'run.answer-invalid');
      assert.deepEqual(await listOf('bob'), []);
      there.delete('user:ada');
      assert.deepEqual(await listOf('bob'), ['ada']);
      await world.pass(hour);
      assert.equal(await answer('bob', 'claim'), 'taken');
      assert.deepEqual(await listOf('ada'), []);
      assert.equal(await answer('bob', 'answer'), 'taken');
      assert.equal((await world.settle('r1')).status, 'done');
    });

    it('is not done by who has claimed it and is not one of the group any more, but given back', async () => {
      assert.equal(await answer('ada', 'answer', ['others']), 'run.answer-invalid');
      assert.equal(await answer('ada', 'release', ['others']), 'taken');
      assert.equal(await answer('bob', 'claim'), 'taken');
    });
  });
});
