// What an operator records as the output of an action has to be one that the action could have given: else nothing is changed.
import assert from 'node:assert/strict';
import type { Action, ElementDefinition, FlowDefinition, Json } from '../../../../engine/index.js';
import { recordErrors } from '../../../../engine/index.js';
import { agent, type EngineWorld, openWorld, Provider } from '../../../support/engine-world.js';
import { flow } from '../../../support/flows.js';

const who = { by: 'operator', reason: 'because' };
const effect = 'r1:main:pay:1';
const paid: Partial<Action> = {
  output: {
    type: 'object',
    properties: { sum: { type: 'number' } },
    required: ['sum'],
    additionalProperties: false,
  },
};

describe('a recorded output', () => {
  let world: EngineWorld;
  /** What the other side does, call by call. */
  let answer: () => Json;
  beforeEach(async () => {
    const charge: Action = {
      ...new Provider().external('pay', 'never', paid),
      perform: async () => answer(),
      undo: { none: 'for tests' },
    };
    world = await openWorld({ actions: [charge] });
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  const begin = async (element: Partial<ElementDefinition>, value: unknown) => {
    const definition: FlowDefinition = flow(
      'f',
      'pay',
      {
        pay: { type: 'action', label: 'Pay', ...element, next: 'keep' } as ElementDefinition,
        keep: { type: 'assignment', label: 'Keep', assignments: [{ target: 'total', value }] },
      },
      { variables: { total: { schema: { type: 'number' }, output: true } } },
    );
    await world.publish(definition);
    await world.engine.start({ flow: 'f', user: agent, id: 'r1' });
    return world.settle('r1');
  };
  const pay = () => begin({ action: 'pay', input: {} }, { var: 'pay.sum' });
  const refused = async (operation: () => Promise<unknown>, pointer: string) => {
    const before = await world.store.loadRun('r1');
    const effects = await world.store.effectsOf('r1');
    await assert.rejects(operation(), (error: { code?: string; problems?: { pointer: string }[] }) => {
      assert.deepEqual(
        [error.code, error.problems?.map((problem) => problem.pointer)],
        ['run.input-invalid', [pointer]],
      );
      return true;
    });
    await world.settle('r1');
    assert.deepEqual(await world.store.loadRun('r1'), before);
    assert.deepEqual(await world.store.effectsOf('r1'), effects);
  };
  const skip = (output: Json) => world.engine.skip('r1', { output }, who);
  const happened = (output: Json) =>
    world.engine.resolveInDoubt('r1', effect, { happened: true, output }, who);

  it('of an action that acts inside', async () => {
    await begin({ action: 'double', input: { value: 'no number' } }, { var: 'pay' });
    for (const output of ['42', null, {}]) await refused(() => skip(output), '/output');
    assert.deepEqual((await skip(42)).outputs, { total: 42 });
  });

  it('of a call that has failed', async () => {
    answer = () => {
      throw recordErrors.error('unknown', 'no such account');
    };
    assert.equal((await pay()).incident?.kind, 'effect');
    await refused(() => skip({ sum: '12' }), '/output/sum');
    await refused(() => skip(null), '/output');
    await skip({ sum: 12 });
    assert.deepEqual((await world.settle('r1')).outputs, { total: 12 });
  });

  it('of a call that is in doubt', async () => {
    answer = () => {
      throw new Error('connection lost');
    };
    assert.equal((await pay()).incident?.kind, 'inDoubt');
    await refused(() => happened({ sum: '12' }), '/output/sum');
    await refused(() => happened({}), '/output');
    await happened({ sum: 12 });
    assert.deepEqual((await world.settle('r1')).outputs, { total: 12 });
  });

  it('of a call that has answered what it never should', async () => {
    answer = () => ({ sum: '12' });
    assert.equal((await pay()).incident?.error.code, 'action.output-invalid');
    await refused(() => skip({ sum: '12' }), '/output/sum');
    await skip({ sum: 12 });
    assert.deepEqual((await world.settle('r1')).outputs, { total: 12 });
  });
});
