// Runs on the kernel: elements, waits, signals, subflows, loops, branches and ends, on the real store.
import assert from 'node:assert/strict';
import type { FlowDefinition } from '../../../../engine/index.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { callsEach, flow, hour } from '../../../support/flows.js';

describe('the kernel', () => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  const begin = async (definition: FlowDefinition, input = {}, ...others: FlowDefinition[]) => {
    await world.publish(...others, definition);
    return world.engine.start({ flow: definition.name, input, user: agent, id: 'r1' });
  };

  it('assigns, decides and ends within one unit', async () => {
    const run = await begin(
      flow('small', 'add', {
        add: {
          type: 'assignment',
          label: 'Add',
          assignments: [{ target: 'total', operator: 'add', value: { var: 'n' } }],
          next: 'big',
        },
        big: {
          type: 'decision',
          label: 'Big?',
          outcomes: [{ name: 'yes', when: { '>': [{ var: 'total' }, 10] }, next: 'twice' }],
        },
        twice: {
          type: 'action',
          label: 'Twice',
          action: 'double',
          input: { value: { var: 'total' } },
          next: 'keep',
        },
        keep: {
          type: 'assignment',
          label: 'Keep',
          assignments: [{ target: 'total', value: { var: 'twice' } }],
        },
      }),
      { n: 20 },
    );
    assert.equal(run.status, 'done');
    assert.equal(run.seq, 1);
    assert.deepEqual(run.outputs, { total: 40 });
  });

  it('performs external actions after their intent, one unit each', async () => {
    await begin(
      flow('outside', 'a', {
        a: { type: 'action', label: 'A', action: 'charge', input: { amount: 1 }, next: 'b' },
        b: { type: 'action', label: 'B', action: 'book', input: { amount: 2 } },
      }),
    );
    const run = await world.settle('r1');
    assert.equal(run.status, 'done');
    assert.equal(run.seq, 3);
    assert.deepEqual(
      world.provider.log.map(({ kind, key }) => `${kind} ${key}`),
      ['perform r1:main:a:1', 'perform r1:main:b:1'],
    );
  });

  it('waits for a signal or a time, whichever is first', async () => {
    const waits = flow(
      'waits',
      'w',
      {
        w: {
          type: 'wait',
          label: 'W',
          events: [
            { name: 'came', signal: 'go', next: 'took' },
            { name: 'late', after: 'PT1H' },
          ],
        },
        took: {
          type: 'assignment',
          label: 'T',
          assignments: [{ target: 'total', value: { var: 'w.payload.n' } }],
        },
      },
      { signals: { go: { schema: { type: 'object', properties: { n: { type: 'number' } } } } } },
    );
    assert.equal((await begin(waits)).status, 'waiting');
    assert.equal(await world.engine.signal('r1', 'go', { n: 7 }, { id: 's1', by: 'me' }), 'taken');
    assert.deepEqual((await world.settle('r1')).outputs, { total: 7 });
    assert.equal(await world.engine.signal('r1', 'go', { n: 7 }, { id: 's1', by: 'me' }), 'duplicate');
    await world.engine.start({ flow: 'waits', user: agent, id: 'r2' });
    await world.pass(hour);
    assert.equal((await world.engine.run('r2')).status, 'done');
  });

  it('nests a wait in a subflow in a loop in a branch', async () => {
    const inner = flow('inner', 'w', {
      w: { type: 'wait', label: 'W', events: [{ name: 'over', after: 'PT1H', next: 'sum' }] },
      sum: {
        type: 'assignment',
        label: 'S',
        assignments: [{ target: 'total', value: { '*': [{ var: 'n' }, 2] } }],
      },
    });
    const outer = flow(
      'outer',
      'p',
      {
        p: {
          type: 'parallel',
          label: 'P',
          branches: [
            { name: 'left', start: 'each' },
            { name: 'right', start: 'pay' },
          ],
          next: 'done',
        },
        ...callsEach(),
        pay: { type: 'action', label: 'Pay', action: 'charge', input: {} },
        done: { type: 'end', label: 'End' },
      },
      {
        variables: {
          list: { schema: { type: 'array' }, default: [1, 2, 3] },
          item: { schema: { type: ['number', 'null'] } },
        },
      },
    );
    await begin(outer, {}, inner);
    await world.pass(3 * hour);
    const run = await world.engine.run('r1');
    assert.equal(run.status, 'done');
    assert.deepEqual(run.outputs, { total: 12 });
  });
});
