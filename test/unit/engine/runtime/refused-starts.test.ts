// A start or an answer that a fault has refused says at which element of which flow, as an incident would have.
import assert from 'node:assert/strict';
import type { ElementDefinition, FlowDefinition } from '../../../../engine/index.js';
import { standardElements } from '../../../../engine/elements/standard-elements.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { flow } from '../../../support/flows.js';

const keep: ElementDefinition = {
  type: 'assignment',
  label: 'Keep',
  assignments: [{ target: 'item', value: { var: 'given' } }],
};
const variables = { item: { schema: { type: 'string' } }, given: { schema: {}, default: 7, input: true } };

describe('what a fault refuses', () => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await openWorld({ elements: standardElements });
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  const refusal = async (work: () => Promise<unknown>) => {
    const error = await work().then(
      () => assert.fail('it was not refused'),
      (thrown: { code: string; message: string; data: unknown }) => thrown,
    );
    return [error.code, error.message, error.data];
  };
  const starting = async (definition: FlowDefinition) => {
    await world.publish(definition);
    return (id: string) => ({ flow: definition.name, user: agent, refusesFaults: true, id });
  };

  it('names the element and its flow, and so does the preview', async () => {
    const request = await starting(flow('f', 'keep', { keep }, { variables }));
    const expected = [
      'run.variable-invalid',
      'item: must be string (keep of f)',
      { variable: 'item', place: { flow: 'f', element: 'keep' } },
    ];
    assert.deepEqual(await refusal(() => world.engine.start(request('r1'))), expected);
    assert.deepEqual(await refusal(() => world.engine.preview(request('r1'))), expected);
    assert.equal(await world.store.loadRun('r1'), undefined);
  });

  it('names the flow that was called, if it was in there', async () => {
    await world.publish(flow('inner', 'keep', { keep }, { variables }));
    const call: ElementDefinition = { type: 'subflow', label: 'Call', flow: 'inner' };
    const request = await starting(flow('f', 'call', { call }));
    assert.deepEqual(await refusal(() => world.engine.start(request('r1'))), [
      'run.variable-invalid',
      'item: must be string (keep of inner)',
      { variable: 'item', place: { flow: 'inner', element: 'keep' } },
    ]);
  });

  it('leaves alone what an analyst has written for people', async () => {
    const no: ElementDefinition = {
      type: 'raiseError',
      label: 'No',
      message: 'Not on Sundays.',
      field: 'day',
    };
    const request = await starting(flow('f', 'no', { no }));
    const [code, message, data] = await refusal(() => world.engine.start(request('r1')));
    assert.deepEqual([code, message], ['raised.error', 'Not on Sundays.']);
    assert.deepEqual((data as { place: unknown }).place, { flow: 'f', element: 'no' });
  });

  it('names it for an answer, too', async () => {
    const ask: ElementDefinition = {
      type: 'screen',
      label: 'Ask',
      fields: [{ name: 'n', label: 'N', schema: {} }],
      next: 'keep',
    };
    await world.publish(flow('f', 'ask', { ask, keep }, { variables }));
    await world.engine.start({ flow: 'f', user: agent, id: 'r1' });
    const place = { frame: 'main', element: 'ask', visit: 1, name: 'answer' };
    const answering = { by: 'agent', refusesFaults: true };
    assert.deepEqual(await refusal(() => world.engine.answer('r1', place, { values: { n: 1 } }, answering)), [
      'run.variable-invalid',
      'item: must be string (keep of f)',
      { variable: 'item', place: { flow: 'f', element: 'keep' } },
    ]);
  });
});
