// What expressions of a running flow find by name: each kind of resource, and each of the globals.
import assert from 'node:assert/strict';
import type { FlowDefinition, Json } from '../../../../engine/index.js';
import { assignmentOperatorNames } from '../../../../engine/elements/assignment-operators.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { flow, hour } from '../../../support/flows.js';

describe('resources of a running flow', () => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await openWorld({ engine: { triggerUser: agent } });
    await world.putRecord('order', { id: 'o1', status: 'new' });
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  const seen = { schema: {}, output: true } as const;
  const note = (target: string, value: Json) => ({ target, value });
  const load = { type: 'getRecords', label: 'Load', record: 'order', id: 'o1', next: 'look' };
  const look = (...assignments: readonly ReturnType<typeof note>[]) => ({
    type: 'assignment',
    label: 'Look',
    assignments,
  });
  const resources = {
    constants: { rates: { full: '0.19' } },
    formulas: { twice: { expression: { '*': [{ var: 'n' }, 2] } } },
  };
  const begun = async (definition: FlowDefinition) => {
    await world.publish(definition);
    return world.engine.start({ flow: definition.name, input: { n: 4 }, user: agent });
  };

  it('are variables, constants, formulas, texts and outputs of elements', async () => {
    const definition = flow(
      'resources',
      'load',
      {
        load,
        look: look(
          note('n', { '+': [{ var: 'n' }, 1] }),
          note('constant', { var: 'rates.full' }),
          // A formula is computed at each reference, over what the variables are then.
          note('formula', { var: 'twice' }),
          note('text', { var: 'greeting' }),
          note('output', { var: 'load.status' }),
        ),
      },
      {
        ...resources,
        texts: { greeting: 'Order {{load.id}}: {{twice}} at {{rates.full}}' },
        variables: { constant: seen, formula: seen, text: seen, output: seen },
      },
    );
    assert.deepEqual((await begun(definition)).outputs, {
      total: 0,
      constant: '0.19',
      formula: 10,
      text: 'Order o1: 10 at 0.19',
      output: 'new',
    });
  });

  it('are all there for a name that is computed, for the whole scope and inside a list', async () => {
    const named = (name: Json): Json => ({ val: [{ var: 'which' }, name] });
    const definition = flow(
      'computed',
      'load',
      {
        load,
        look: look(
          note('which', 'rates'),
          note('constant', named('full')),
          note('which', 'load'),
          note('output', named('status')),
          note('which', 'twice'),
          note('formula', { val: [{ var: 'which' }] }),
          note('which', '$flow'),
          note('global', named('name')),
          note('whole', { var: '' }),
          note('inside', {
            map: [[1], { '+': [{ var: '' }, { var: '$root.n' }, { var: '$root.twice' }] }],
          }),
        ),
      },
      {
        ...resources,
        variables: {
          which: { schema: {} },
          constant: seen,
          output: seen,
          formula: seen,
          global: seen,
          whole: seen,
          inside: seen,
        },
      },
    );
    const { outputs } = await begun(definition);
    const { whole, ...others } = outputs as { whole: object };
    assert.deepEqual(others, {
      total: 0,
      constant: '0.19',
      output: 'new',
      formula: 8,
      global: 'computed',
      inside: [13],
    });
    for (const name of ['n', 'rates', 'load', '$flow', '$now']) assert.ok(name in whole, name);
  });

  it('are what operators look up by themselves, alone and in a formula', async () => {
    const definition = flow(
      'lookups',
      'fail',
      {
        fail: {
          type: 'assignment',
          label: 'Fail',
          assignments: [note('total', { '/': [1, 0] })],
          onFault: { next: 'look' },
        },
        look: look(
          note('visited', { wasVisited: 'fail' }),
          note('failed', { hasError: 'fail' }),
          note('other', { wasVisited: 'elsewhere' }),
          note('byFormula', { var: 'both' }),
        ),
      },
      {
        formulas: { both: { expression: { and: [{ wasVisited: 'fail' }, { hasError: 'fail' }] } } },
        variables: { visited: seen, failed: seen, other: seen, byFormula: seen },
      },
    );
    const { outputs } = await begun(definition);
    assert.deepEqual(outputs, { total: 0, visited: true, failed: true, other: false, byFormula: true });
  });

  it('are suggested where a name is not known', async () => {
    const definition = flow(
      'near',
      'look',
      { look: look(note('total', { val: 'amuont' })) },
      { variables: { amount: { schema: {}, default: 1 } } },
    );
    const run = await begun(definition);
    assert.match(run.incident?.error.detail ?? '', /did you mean "amount"/);
  });

  it('are the record, the record before, the run, the user, its permissions, the time and the last error', async () => {
    const lookAtAll = (target: string) =>
      look(
        note(target, {
          object: [
            'status',
            { var: '$record.status' },
            'before',
            { var: '$recordPrior.status' },
            'flow',
            { var: '$flow.name' },
            'run',
            { var: '$flow.run' },
            'user',
            { var: '$user.id' },
            'groups',
            { var: '$user.groups' },
            'queues',
            { var: '$user.queues' },
            'may',
            { var: '$permission.orders.update' },
            'now',
            { var: '$now' },
            'error',
            { var: ['$error.code', null] },
          ],
        }),
      );
    await world.publish(
      flow(
        'globals',
        'first',
        {
          first: { ...lookAtAll('early'), next: 'same' },
          same: { ...lookAtAll('atOnce'), next: 'rest' },
          rest: { type: 'wait', label: 'Rest', events: [{ name: 'later', after: 'PT1H', next: 'fail' }] },
          fail: {
            type: 'assignment',
            label: 'Fail',
            assignments: [note('total', { '/': [1, { var: 'n' }] })],
            onFault: { next: 'last' },
          },
          last: lookAtAll('late'),
        },
        {
          start: { trigger: { type: 'recordChange', record: 'order', on: ['update'] }, next: 'first' },
          variables: { early: seen, atOnce: seen, late: seen },
        },
      ),
      flow(
        'change',
        'set',
        {
          set: {
            type: 'updateRecords',
            label: 'Set',
            record: 'order',
            id: 'o1',
            fields: { status: 'paid' },
          },
        },
        {},
      ),
    );
    await world.engine.start({ flow: 'change', user: agent, id: 'c1' });
    await world.calm();
    const startedAt = world.clock.now();
    await world.pass(2 * hour);
    const [run] = await world.store.listRuns({ flow: 'globals', limit: 2 });
    const { early, atOnce, late } = (run?.outputs ?? {}) as Record<string, Record<string, Json>>;
    const { now, ...rest } = early!;
    assert.deepEqual(rest, {
      status: 'paid',
      before: 'new',
      flow: 'globals',
      run: run?.id,
      user: 'agent',
      groups: [],
      queues: [],
      may: true,
      error: null,
    });
    assert.deepEqual(atOnce, early);
    assert.equal(Date.parse(String(now)), startedAt);
    // The next segment has a time of its own.
    assert.equal(Date.parse(String(late!['now'])), startedAt + hour);
    assert.equal(late!['error'], 'expression.division-by-zero');
  });

  it('can be changed by each of the twelve operators of an assignment', async () => {
    assert.equal(assignmentOperatorNames.length, 12);
    const cases: Readonly<Record<(typeof assignmentOperatorNames)[number], readonly [Json, Json, Json]>> = {
      assign: [1, 2, 2],
      add: [1, 2, 3],
      subtract: [1, 2, -1],
      addItem: [[1], 2, [1, 2]],
      addAtStart: [[1], 2, [2, 1]],
      assignCount: [null, [1, 1], 2],
      removeAll: [[1, 2, 1], 1, [2]],
      removeFirst: [[1, 2, 1], 1, [2, 1]],
      removeBeforeFirst: [[1, 2, 3], 2, [2, 3]],
      removeAfterFirst: [[1, 2, 3], 2, [1, 2]],
      removePosition: [[1, 2, 3], 2, [1, 3]],
      removeUncommon: [
        [1, 2, 3],
        [3, 1],
        [1, 3],
      ],
    };
    for (const [operator, [before, value, after]] of Object.entries(cases)) {
      const change = {
        type: 'assignment',
        label: operator,
        assignments: [{ target: 'it', operator, value: { preserve: value } }],
      };
      const variables = { it: { schema: {}, output: true, default: before } };
      await world.publish(flow(operator.toLowerCase(), 'change', { change }, { variables }));
      const run = await world.engine.start({ flow: operator.toLowerCase(), user: agent, id: operator });
      assert.deepEqual(run.outputs?.['it'], after, operator);
    }
  });
});
