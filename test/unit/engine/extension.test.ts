// Elements and actions from outside the engine: one object each and its registration, as docs/extending.md shows it. They
// appear in the schema, the validator and the registries, and run.
import assert from 'node:assert/strict';
import {
  type Action,
  createActionRegistry,
  createElementRegistry,
  type ElementType,
  type FlowDefinition,
  standardElements,
  toFlowSchema,
  validateFlow,
} from '../../../engine/index.js';
import { agent, openWorld } from '../../support/engine-world.js';
import { flow } from '../../support/flows.js';

const shoutElement: ElementType<{ readonly text: unknown }> = {
  type: 'shout',
  title: 'Shout',
  description: 'Writes a text in capitals.',
  schema: {
    type: 'object',
    properties: { text: { description: 'A rule for the text.', examples: [{ var: 'name' }] } },
    required: ['text'],
    additionalProperties: false,
  },
  outlets: ({ next }) => [{ name: 'next', target: next, pointer: '/next' }],
  output: () => ({ type: 'string' }),
  summary: () => 'Shouts',
  compile({ text }, at) {
    const expression = at.expression(text, '/text');
    return {
      enter(visit) {
        visit.output(String(visit.evaluate(expression)).toUpperCase());
        return { kind: 'go', outlet: 'next' };
      },
    };
  },
};

const lengthAction: Action = {
  name: 'length',
  title: 'Length',
  description: 'Counts the characters of a text.',
  input: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
  output: { type: 'number' },
  effect: 'pure',
  perform: async ({ input }) => (input as { text: string }).text.length,
};

const shouting: FlowDefinition = flow('shouting', 'loud', {
  loud: { type: 'shout', label: 'Loud', text: 'hello', next: 'count' },
  count: { type: 'action', label: 'Count', action: 'length', input: { text: { var: 'loud' } }, next: 'keep' },
  keep: { type: 'assignment', label: 'Keep', assignments: [{ target: 'total', value: { var: 'count' } }] },
});

describe('an element and an action from outside', () => {
  const elements = createElementRegistry([...standardElements, shoutElement]);
  const actions = createActionRegistry([lengthAction]);
  const codes = (source: FlowDefinition, known = elements) =>
    validateFlow(source, { elements: known, actions, records: new Map() }).problems.map(({ code }) => code);

  it('appear in the registries and in the schema of flows', () => {
    assert.equal(elements.get('shout')?.title, 'Shout');
    assert.deepEqual([...actions.names()], ['length']);
    assert.match(JSON.stringify(toFlowSchema(elements)), /"const":"shout"/);
    assert.doesNotMatch(JSON.stringify(toFlowSchema(createElementRegistry(standardElements))), /shout/);
  });

  it('are known to the validator, with what they ask for', () => {
    assert.deepEqual(codes(shouting), []);
    const { text: _text, ...loud } = shouting.elements['loud']!;
    assert.notDeepEqual(codes({ ...shouting, elements: { ...shouting.elements, loud } }), []);
    assert.notDeepEqual(codes(shouting, createElementRegistry(standardElements)), []);
    const count = { ...shouting.elements['count']!, action: 'lenght' };
    assert.notDeepEqual(codes({ ...shouting, elements: { ...shouting.elements, count } }), []);
  });

  it('run', async () => {
    const world = await openWorld({ elements: [...standardElements, shoutElement], actions: [lengthAction] });
    try {
      await world.publish(shouting);
      const run = await world.engine.start({ flow: 'shouting', user: agent });
      assert.deepEqual(run.outputs, { total: 5 });
    } finally {
      await world.engine.close();
      await world.close();
    }
  });
});
