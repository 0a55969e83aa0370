// What lists call a run: made when it starts, kept, bounded, and never in the way of the start.
import assert from 'node:assert/strict';
import { type FlowDefinition, type Json, silent } from '../../../../engine/index.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { flow, setStatus, waitFor } from '../../../support/flows.js';

const subject = { type: 'order', id: 'o1' };

const labelled = (runLabel: string, more: Partial<FlowDefinition> = {}): FlowDefinition =>
  flow(
    'labelled',
    'rest',
    { rest: waitFor({ name: 'go', signal: 'go' }) },
    {
      runLabel,
      signals: { go: { schema: {} } },
      formulas: { twice: { expression: { '*': [{ var: 'n' }, 2] } } },
      start: { trigger: { type: 'action', record: 'order' }, next: 'rest' },
      ...more,
      variables: { given: { schema: {}, input: true, default: null } },
    },
  );

describe('the label of a run', () => {
  let world: EngineWorld;
  let warned: string[];
  beforeEach(async () => {
    warned = [];
    const log = { ...silent, warn: (_at: unknown, text: string) => void warned.push(text) };
    world = await openWorld({ log, engine: { triggerUser: agent } });
    await world.putRecord('order', { id: 'o1', status: 'new' });
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  const start = (input: Readonly<Record<string, Json>> = {}) =>
    world.engine.start({ flow: 'labelled', user: agent, subject, input, id: 'r1' });
  const labelOf = async (runLabel: string, given: Json = null) => {
    await world.publish(labelled(runLabel));
    return (await start({ given })).label;
  };

  it('is made of inputs, formulas and the record as they were at the start, and is kept', async () => {
    await world.publish(
      labelled('Order {{$record.id}}, {{$record.status}}: {{twice}} of {{total}}'),
      setStatus,
    );
    const label = 'Order o1, new: 6 of 0';
    assert.equal((await start({ n: 3 })).label, label);
    await world.engine.start({ flow: 'set-status', user: agent, subject, input: { status: 'paid' } });
    await world.engine.signal('r1', 'go', null, { by: 'agent' });
    const [run] = await world.engine.runs({ flow: 'labelled', limit: 1 });
    assert.deepEqual([run?.status, run?.label], ['done', label]);
  });

  it('is there for flows that start by themselves, and not for what they call', async () => {
    const trigger = { type: 'recordChange', record: 'order', on: ['update'] } as const;
    await world.publish(
      labelled('Called'),
      setStatus,
      flow(
        'on-change',
        'call',
        { call: { type: 'subflow', label: 'Call', flow: 'labelled' } },
        { runLabel: '{{$recordPrior.status}} to {{$record.status}}', start: { trigger, next: 'call' } },
      ),
    );
    await world.engine.start({ flow: 'set-status', user: agent, subject, input: { status: 'paid' } });
    await world.calm();
    const runs = await world.engine.runs({ limit: 10 });
    assert.deepEqual(runs.map(({ flow: { name }, label }) => [name, label]).sort(), [
      ['on-change', 'new to paid'],
      ['set-status', undefined],
    ]);
  });

  it('is one line of 200 characters at most', async () => {
    assert.equal(await labelOf(' {{given}} ', 'a\n\tb\u001b[31m\u0085c'), 'a b [31m c');
  });

  it('is cut where it is longer, between characters', async () => {
    const label = await labelOf('{{given}}', '😀'.repeat(201));
    assert.equal(label, `${'😀'.repeat(199)}…`);
  });

  it('is left out where it comes to nothing', async () => {
    assert.equal(await labelOf('{{given}}'), undefined);
    assert.deepEqual(warned, []);
  });

  it('is left out where it fails, and the run starts; the log says so', async () => {
    assert.equal(await labelOf('About {{given}}', ['a list']), undefined);
    assert.equal((await world.store.loadRun('r1'))?.status, 'waiting');
    assert.deepEqual(warned, ['a run has no label: it could not be made']);
  });
});
