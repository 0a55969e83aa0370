// Flows that run before a record is saved: what they change, what they refuse, whose rights they have, and that they are
// part of the segment that saves.
import assert from 'node:assert/strict';
import { standardElements } from '../../../../engine/elements/standard-elements.js';
import {
  type Action,
  type ElementDefinition,
  type ElementType,
  engineLimits,
  type FlowDefinition,
  type Json,
  type RecordType,
  type StartDefinition,
} from '../../../../engine/index.js';
import { type EngineWorld, openWorld, type WorldOptions } from '../../../support/engine-world.js';
import { flow } from '../../../support/flows.js';
import { noteElement } from '../../../support/note-element.js';

const caseType: RecordType = {
  name: 'case',
  title: 'Case',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      id: { type: 'string' },
      subject: { type: 'string' },
      status: { enum: ['new', 'open', 'closed'] },
      note: { type: 'string' },
      count: { type: 'number' },
    },
    required: ['subject', 'status'],
  },
  permissions: { read: 'cases.read', create: 'cases.write', update: 'cases.write', delete: 'cases.write' },
};
const ruleType: RecordType = {
  name: 'rule',
  title: 'Rule',
  schema: { type: 'object' },
  permissions: { read: 'rules.read', create: 'rules.write', update: 'rules.write', delete: 'rules.write' },
};
const clerk = { id: 'clerk', permissions: ['cases.read', 'cases.write'] };

type RecordTrigger = Partial<Extract<StartDefinition['trigger'], { type: 'recordChange' }>>;

/** A before-save flow of the elements given; the first is the first of them. */
const early = (
  name: string,
  elements: Readonly<Record<string, Partial<ElementDefinition>>>,
  { conditions, ...trigger }: RecordTrigger & Pick<StartDefinition, 'conditions'> = {},
  more: Partial<FlowDefinition> = {},
): FlowDefinition => {
  const labelled = Object.fromEntries(
    Object.entries(elements).map(([key, one]) => [key, { label: key, ...one } as ElementDefinition]),
  );
  return flow(name, undefined, labelled, {
    ...more,
    start: {
      trigger: {
        type: 'recordChange',
        record: 'case',
        on: ['create', 'update', 'delete'],
        before: true,
        ...trigger,
      },
      ...(conditions === undefined ? {} : { conditions }),
      next: Object.keys(elements)[0]!,
    },
  });
};
const set = (target: string, value: unknown, more: object = {}) => ({
  type: 'assignment',
  assignments: [{ target, value, ...more }],
});
const refuse = { type: 'raiseError', message: 'Not {{$record.status}}.', field: 'status', code: 'unfit' };

/** Writes a case as it is told, and goes on to `caught` when that fails. */
const write = flow(
  'write',
  'save',
  {
    save: {
      type: 'createRecords',
      label: 'Save',
      record: 'case',
      fields: { id: 'c1', subject: { var: 'subject' }, status: { var: 'status' } },
      match: { by: ['id'] },
      next: 'look',
    },
    look: { type: 'getRecords', label: 'Look', record: 'case', id: 'c1', next: 'keep' },
    keep: {
      type: 'assignment',
      label: 'Keep',
      assignments: [{ target: 'seen', value: { var: ['look.note', null] } }],
    },
  },
  {
    variables: {
      subject: { schema: { type: 'string' }, input: true, default: 'Late' },
      status: { schema: { type: ['string', 'null'] }, input: true, default: 'new' },
      seen: { schema: { type: ['string', 'null'] }, output: true },
    },
  },
);
const catching = (name: string, base: FlowDefinition): FlowDefinition => ({
  ...base,
  name,
  elements: {
    ...base.elements,
    save: { ...base.elements['save']!, onFault: { next: 'caught' } },
    caught: {
      type: 'assignment',
      label: 'Caught',
      assignments: [
        { target: 'seen', value: { cat: [{ var: '$error.code' }, ': ', { var: '$error.detail' }] } },
      ],
    },
  },
});

describe('flows before a save', () => {
  let world: EngineWorld;
  const open = async (options: WorldOptions = {}) => {
    world = await openWorld({
      elements: [...standardElements, noteElement as unknown as ElementType],
      types: [caseType, ruleType],
      ...options,
    });
  };
  beforeEach(() => open());
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  let runs = 0;
  const run = async (name: string, input: Readonly<Record<string, Json>> = {}, user = clerk) => {
    runs += 1;
    const { id } = await world.engine.start({ flow: name, user, input, id: `r${runs}` });
    return world.settle(id);
  };
  const stored = async (id = 'c1') => (await world.records.read('case', id))?.value;
  const journalOf = async (id: string) =>
    (await world.engine.journal(id)).flatMap(({ entries }) => entries) as { [name: string]: Json }[];

  describe('that change the record', () => {
    it('set fields of what is saved, which the segment then sees, in the one unit', async () => {
      await world.publish(
        write,
        early('stamp', { note: set('$record.note', { cat: ['re ', { var: '$record.subject' }] }) }),
      );
      const { outputs, seq } = await run('write');
      assert.deepEqual(await stored(), { id: 'c1', subject: 'Late', status: 'new', note: 're Late' });
      assert.deepEqual([outputs?.['seen'], seq], ['re Late', 1]);
      await world.calm();
      const told = world.delivered.find(({ topic }) => topic === 'record.changed');
      assert.equal((told!.payload as { value: { note: string } }).value.note, 're Late');
    });

    it('fill in what the record type requires', async () => {
      await world.publish(write, early('fill', { fill: set('$record.status', 'open') }, { on: ['create'] }));
      await run('write', { status: null });
      assert.equal((await stored())?.['status'], 'open');
    });

    it('run in the order of their names, each on what the one before has left', async () => {
      const add = (name: string) =>
        early(name, { add: set('$record.note', name, { operator: 'add' }) }, { on: ['create'] });
      await world.publish(write, add('b'), add('c'), add('a'));
      await run('write');
      assert.equal((await stored())?.['note'], 'abc');
    });

    it('run by their order first, those without one in the middle', async () => {
      const add = (name: string, order?: number) =>
        early(
          name,
          { add: set('$record.note', name, { operator: 'add' }) },
          order === undefined ? {} : { order },
        );
      await world.publish(
        write,
        ...[
          add('a', 2_000),
          add('b', 1_001),
          add('d'),
          add('c'),
          add('e', 1_000),
          add('g', 10),
          add('f', 10),
        ],
      );
      await run('write');
      assert.equal((await stored())?.['note'], 'fgecdba');
    });

    it('know the record before the change, and that there was none', async () => {
      const was = { if: [{ '==': [{ var: '$recordPrior' }, null] }, 'none', { var: '$recordPrior.status' }] };
      await world.publish(write, early('stamp', { note: set('$record.note', was) }));
      await run('write');
      assert.equal((await stored())?.['note'], 'none');
      await run('write', { status: 'closed' });
      assert.equal((await stored())?.['note'], 'new');
    });

    it('run for the changes that they name, when their conditions hold, newly if they say so', async () => {
      const closed = { '==': [{ var: '$record.status' }, 'closed'] };
      const count = (name: string, trigger: Parameters<typeof early>[2]) =>
        early(name, { add: set('$record.note', name, { operator: 'add' }) }, trigger);
      await world.publish(
        write,
        count('u', { on: ['update'] }),
        count('w', { when: closed }),
        count('n', { when: closed, newlyTrue: true }),
        count('c', { conditions: [{ when: closed, otherwise: 'It is open.' }] }),
      );
      for (const status of ['new', 'closed', 'closed']) await run('write', { status });
      // A change of the one before is what the next one looks at: notes add up over the saves.
      assert.equal((await stored())?.['note'], 'cnuwcuw');
    });

    it('run for what actions save, too', async () => {
      await world.engine.close();
      await world.close();
      const close: Action = {
        name: 'close',
        title: 'Close',
        description: 'Closes two cases side by side.',
        input: { type: 'object' },
        output: {},
        effect: 'records',
        perform: async ({ records }) => {
          const saved = await Promise.all(
            ['c1', 'c2', 'c1'].map((id) => records!.update('case', id, { status: 'closed' })),
          );
          return saved.map(({ note }) => note ?? null);
        },
      };
      await open({ actions: [close] });
      for (const id of ['c1', 'c2']) await world.putRecord('case', { id, subject: 'x', status: 'open' });
      await world.publish(
        flow('closes', 'close', { close: { type: 'action', label: 'Close', action: 'close', input: {} } }),
        early('stamp', { note: set('$record.note', '+', { operator: 'add' }) }),
      );
      const { root } = await run('closes');
      // One after the other, though the action asks for all at once.
      assert.deepEqual(root.outputs['close'], ['+', '+', '++']);
      assert.equal((await stored('c1'))?.['note'], '++');
    });

    it('run their decisions, loops, branches, subflows, queries and reads', async () => {
      await world.engine.close();
      await world.close();
      let asked = 0;
      const rate: Action = {
        name: 'rate',
        title: 'Rate',
        description: 'Asks.',
        input: { type: 'object' },
        output: { type: 'number' },
        effect: 'query',
        perform: async () => {
          asked += 1;
          return asked;
        },
      };
      await open({ actions: [rate] });
      const twice = flow('twice', 'd', {
        d: { type: 'action', label: 'D', action: 'double', input: { value: { var: 'n' } }, next: 'k' },
        k: { type: 'assignment', label: 'K', assignments: [{ target: 'total', value: { var: 'd' } }] },
      });
      const busy = early(
        'busy',
        {
          read: { type: 'getRecords', record: 'case', where: [], next: 'each' },
          each: { type: 'loop', collection: [1, 2, 3], item: 'x', body: 'add', next: 'both' },
          add: { ...set('n', { var: 'x' }, { operator: 'add' }), next: 'each' },
          both: {
            type: 'parallel',
            branches: [
              { name: 'ask', start: 'ask' },
              { name: 'call', start: 'call' },
            ],
            next: 'sum',
          },
          ask: { type: 'action', action: 'rate', input: {} },
          call: { type: 'subflow', flow: 'twice', input: { n: { var: 'n' } } },
          sum: set('$record.count', {
            '+': [{ var: 'ask' }, { var: 'call.total' }, { size: { var: 'read' } }],
          }),
        },
        {},
        { variables: { x: { schema: {} } } },
      );
      await world.publish(twice, write, busy);
      await run('write');
      // What it reads is as it was before this save: the new record is not there yet.
      assert.equal((await stored())?.['count'], 1 + 12 + 0);
      assert.equal(asked, 1);
    });

    it('are held to the schema of the record type', async () => {
      await world.publish(write, early('spoil', { spoil: set('$record.status', { cat: ['gone'] }) }));
      const { incident } = await run('write');
      assert.equal(incident?.error.code, 'records.invalid');
      assert.match(incident?.error.detail ?? '', /before-save flows/);
      assert.equal(await stored(), undefined);
    });
  });

  describe('that refuse the save', () => {
    const guard = early(
      'guard',
      { refuse },
      { on: ['create', 'update'], when: { '==': [{ var: '$record.status' }, 'closed'] } },
    );

    it('stop the run at the element that saves, with message, field and what they had passed', async () => {
      await world.publish(write, guard);
      const { incident, seq } = await run('write', { status: 'closed' });
      assert.deepEqual(incident?.place, { frame: 'main', element: 'save', visit: 1 });
      assert.deepEqual([incident?.error.code, incident?.error.detail], ['raised.error', 'Not closed.']);
      assert.deepEqual(incident?.error.data, {
        code: 'unfit',
        field: 'status',
        beforeSave: { flow: 'guard', version: 1, element: 'refuse' },
      });
      const trace = incident?.trace as { [name: string]: Json }[];
      assert.deepEqual(
        trace.map(({ element, beforeSave }) => element ?? (beforeSave as { name: string }).name),
        ['save', 'guard', 'refuse'],
      );
      assert.equal(seq, 1);
      assert.equal(await stored(), undefined);
    });

    it('lead to its onFault, with what was written before', async () => {
      await world.publish(catching('catch', write), guard);
      await world.putRecord('case', { id: 'c1', subject: 'x', status: 'open' });
      const { outputs } = await run('catch', { status: 'closed' });
      assert.equal(outputs?.['seen'], 'raised.error: Not closed.');
      assert.equal((await stored())?.['status'], 'open');
    });

    it('leave nothing of an element that saves several', async () => {
      const many = flow(
        'many',
        'save',
        {
          save: {
            type: 'createRecords',
            label: 'Save',
            record: 'case',
            collection: ['open', 'new', 'closed'],
            item: 'x',
            fields: { id: { var: 'x' }, subject: 's', status: { var: 'x' } },
          },
        },
        { variables: { x: { schema: {} }, seen: { schema: { type: ['string', 'null'] }, output: true } } },
      );
      await world.publish(catching('many-caught', many), guard);
      const { outputs, status } = await run('many-caught');
      assert.deepEqual([status, outputs?.['seen']], ['done', 'raised.error: Not closed.']);
      assert.deepEqual(await world.records.find({ type: 'case', where: [], limit: 10 }), []);
    });

    it('refuse a start that refuses faults, and the preview of it', async () => {
      await world.publish(write, guard);
      const request = { flow: 'write', user: clerk, input: { status: 'closed' }, id: 'refused' };
      await assert.rejects(world.engine.start({ ...request, refusesFaults: true }), {
        code: 'raised.error',
        message: 'Not closed.',
      });
      assert.equal(await world.store.loadRun('refused'), undefined);
      await assert.rejects(world.engine.preview(request), { code: 'raised.error' });
    });

    it('keep a record from being deleted', async () => {
      await world.publish(
        flow('drop', 'drop', { drop: { type: 'deleteRecords', label: 'Drop', record: 'case', id: 'c1' } }),
        early(
          'keep',
          { refuse: { ...refuse, message: 'Keep {{$recordPrior.subject}}.' } },
          { on: ['delete'], when: { '!=': [{ var: '$recordPrior.status' }, 'closed'] } },
        ),
      );
      await world.putRecord('case', { id: 'c1', subject: 'it', status: 'open' });
      assert.equal((await run('drop')).incident?.error.detail, 'Keep it.');
      await world.putRecord('case', { id: 'c1', subject: 'it', status: 'closed' });
      assert.equal((await run('drop')).status, 'done');
      assert.equal(await stored(), undefined);
    });

    it('refuse it also when their condition can not be told, or they are not valid here', async () => {
      const unclear = early(
        'unclear',
        { x: set('$record.note', 'x') },
        { when: { '>': [{ var: '$record' }, 1] } },
      );
      await world.publish(write, unclear);
      const { incident } = await run('write');
      assert.match(incident?.error.code ?? '', /^expression\./);
      const { beforeSave } = incident!.error.data as { readonly beforeSave?: unknown };
      assert.deepEqual(beforeSave, { flow: 'unclear', version: 1 });
      await world.engine.versions.retire({ name: 'unclear', version: 1 });
      await world.publish(early('spoilt', { x: set('$record.note', 'x') }));
      const flows = world.connection.collection('flows');
      const spoilt = (await flows.findOne({ name: 'spoilt' }))!;
      const text = JSON.stringify(spoilt).replace('"assignment\\"', '"assinment\\"');
      assert.notEqual(text, JSON.stringify(spoilt));
      await flows.replaceOne({ _id: spoilt._id }, JSON.parse(text));
      world.begin();
      assert.equal((await run('write')).incident?.error.code, 'version.invalid');
    });
  });

  describe('and rights', () => {
    const reads = (mode: FlowDefinition['mode']) =>
      early(
        'reads',
        {
          rule: { type: 'getRecords', record: 'rule', id: 'r', next: 'note' },
          note: set('$record.note', { var: 'rule.text' }),
        },
        {},
        mode === undefined ? {} : { mode },
      );
    beforeEach(() => world.putRecord('rule', { id: 'r', text: 'by rule' }));

    it('are those of the user whose run saves', async () => {
      await world.publish(write, reads(undefined));
      assert.equal((await run('write')).incident?.error.code, 'records.forbidden');
      const more = { id: 'lead', permissions: [...clerk.permissions, 'rules.read'] };
      assert.equal((await run('write', {}, more)).status, 'done');
      assert.equal((await stored())?.['note'], 'by rule');
    });

    it('are all of them in system mode, with the reason in the journal', async () => {
      await world.publish(write, reads({ system: { reason: 'rules are secret' } }));
      const { id, status } = await run('write');
      assert.equal(status, 'done');
      const entry = (await journalOf(id)).find(({ beforeSave }) => beforeSave !== undefined);
      assert.equal(entry?.['reason'], 'reads acts in system mode: rules are secret');
    });

    it('refuse the save in system mode that nobody answers for', async () => {
      await world.publish(write);
      const { name, version } = await world.engine.versions.save(
        reads({ system: { reason: 'rules are secret' } }),
        'ana',
      );
      await world.store.takeFlows([], [{ name, version, expected: 0 }]);
      world.begin();
      assert.equal((await run('write')).incident?.error.code, 'version.unconfirmed');
    });
  });

  describe('as part of the segment', () => {
    it('are in its journal with their version, their elements and what they have set', async () => {
      const stamp = early('stamp', { note: set('$record.note', 'x') });
      await world.publish(write, stamp);
      const { id } = await run('write');
      const entries = await journalOf(id);
      const hash = (await world.engine.versions.active('stamp'))?.hash;
      assert.deepEqual(entries.slice(1, 4), [
        {
          frame: 'main',
          element: 'save',
          visit: 1,
          on: 'enter',
          output: { id: 'c1', ids: ['c1'], created: 1, updated: 0 },
          outcome: 'next',
        },
        {
          beforeSave: { name: 'stamp', version: 1, hash },
          frame: 'main/save.1~stamp.1',
          by: 'main:save:1',
          record: { type: 'case', id: 'c1' },
          change: 'create',
          outcome: 'sets note',
        },
        { frame: 'main/save.1~stamp.1', element: 'note', visit: 1, on: 'enter', outcome: 'next' },
      ]);
    });

    it('count towards its elements and its depth', async () => {
      const endless = early('endless', {
        a: { ...set('n', 1), next: 'b' },
        b: { ...set('n', 2), next: 'a' },
      });
      await world.publish(catching('write', write), endless);
      const { incident } = await run('write');
      assert.deepEqual([incident?.kind, incident?.error.code], ['limit', 'run.limit-elements']);
      await world.engine.versions.retire({ name: 'endless', version: 1 });

      const many = (name: string, count: number) =>
        flow(
          name,
          'each',
          {
            each: { type: 'loop', label: 'Each', collection: { var: 'list' }, item: 'x', body: 'save' },
            save: {
              ...write.elements['save']!,
              fields: { id: 'c1', subject: 's', status: 'new' },
              next: 'each',
            },
          },
          {
            variables: {
              list: {
                schema: { type: 'array' },
                default: Array.from({ length: count }, (_, index) => index),
              },
              x: { schema: {} },
            },
          },
        );
      const steps = ['a', 'b', 'c', 'd', 'e', 'f'];
      const long = Object.fromEntries(
        steps.map((name, index) => [
          name,
          { ...set('n', index), ...(index === 5 ? {} : { next: steps[index + 1]! }) },
        ]),
      );
      await world.publish(early('long', long), many('enough', 2_400), many('too-many', 2_600));
      assert.equal((await run('enough')).status, 'done');
      assert.equal((await run('too-many')).incident?.error.code, 'run.limit-elements');
      await world.engine.versions.retire({ name: 'long', version: 1 });

      const deep = flow('deep', 'more', {
        more: {
          type: 'decision',
          label: 'More?',
          outcomes: [{ name: 'yes', when: { '>': [{ var: 'n' }, 1] }, next: 'again' }],
          next: 'save',
        },
        again: {
          type: 'subflow',
          label: 'Again',
          flow: 'deep',
          input: { n: { '-': [{ var: 'n' }, 1] } },
        },
        save: {
          ...write.elements['save']!,
          fields: { id: 'c1', subject: 's', status: 'new' },
          next: undefined,
        },
      } as never);
      await world.publish(deep, early('stamp', { note: set('$record.note', 'x') }));
      assert.equal((await run('deep', { n: engineLimits.frameDepthMax - 1 })).status, 'done');
      const tooDeep = await run('deep', { n: engineLimits.frameDepthMax });
      assert.equal(tooDeep.incident?.error.code, 'run.limit-depth');
    });

    it('run again with it after a conflict', async () => {
      await world.engine.close();
      await world.close();
      let asked = 0;
      const meanwhile: Action = {
        name: 'meanwhile',
        title: 'Meanwhile',
        description: 'The record changes while this is asked for the first time.',
        input: { type: 'object' },
        output: {},
        effect: 'query',
        perform: async () => {
          asked += 1;
          if (asked === 1) await world.putRecord('case', { id: 'c1', subject: 'other', status: 'open' });
          return null;
        },
      };
      await open({ actions: [meanwhile] });
      await world.putRecord('case', { id: 'c1', subject: 'x', status: 'new' });
      await world.publish(
        write,
        early('ask', {
          ask: { type: 'action', action: 'meanwhile', input: {}, next: 'note' },
          note: set('$record.note', { var: '$recordPrior.subject' }),
        }),
      );
      const { id } = await run('write');
      assert.equal(asked, 2);
      assert.equal((await stored())?.['note'], 'other');
      assert.equal((await journalOf(id)).filter(({ beforeSave }) => beforeSave !== undefined).length, 1);
    });

    it('show in a preview what would be saved, and save nothing', async () => {
      await world.publish(write, early('stamp', { note: set('$record.note', 'x') }));
      const { figures, would } = await world.engine.preview({ flow: 'write', user: clerk });
      assert.equal(figures['seen'], 'x');
      assert.deepEqual(would.records, [{ kind: 'create', type: 'case', id: 'c1' }]);
      assert.equal(await stored(), undefined);
    });

    it('are those that are active when it runs, here at once and elsewhere a second later', async () => {
      await world.publish(write);
      const other = world.make();
      other.open();
      const save = async (engine = world.engine) => {
        runs += 1;
        await world.connection.collection('records_case').deleteMany({});
        await engine.start({ flow: 'write', user: clerk, id: `r${runs}` });
        return (await stored())?.['note'];
      };
      assert.deepEqual([await save(), await save(other)], [undefined, undefined]);
      await world.publish(early('stamp', { note: set('$record.note', 'one') }));
      assert.deepEqual([await save(), await save(other)], ['one', undefined]);
      await world.pass(engineLimits.triggersAgeMsMax);
      assert.equal(await save(other), 'one');
      await world.engine.versions.retire({ name: 'stamp', version: 1 });
      assert.equal(await save(), undefined);
      await other.close();
    });
  });

  describe('that do what the validation could not see', () => {
    const refused = async (definition: FlowDefinition, ...more: FlowDefinition[]) => {
      await world.publish(write, ...more, definition);
      const { incident } = await run('write');
      assert.equal(incident?.error.code, 'run.before-save', JSON.stringify(incident?.error));
      assert.equal(await stored(), undefined);
      assert.equal(world.delivered.filter(({ topic }) => topic === 'note').length, 0);
    };

    for (const [what, element] of Object.entries({
      wait: { type: 'wait', events: [{ name: 'later', after: 'PT1H' }] },
      'act outside': { type: 'action', action: 'charge', input: {} },
      'tell others': { type: 'note', text: 'saved' },
      'write records': {
        type: 'createRecords',
        record: 'case',
        fields: { id: 'c2', subject: 's', status: 'new' },
      },
      'roll back': { type: 'rollBack' },
    })) {
      it(`refuse the save when they ${what}`, () => refused(early('bad', { x: element })));
    }

    it('refuse it when a flow that they call does', () =>
      refused(
        early('bad', { x: { type: 'subflow', flow: 'sleep', input: {} } }),
        flow('sleep', 'w', { w: { type: 'wait', label: 'W', events: [{ name: 'later', after: 'PT1H' }] } }),
      ));

    it('refuse it when they would discard what others have written', () =>
      refused(
        early('bad', {
          x: { ...refuse, onFault: { next: 'y', rollBack: true } },
          y: set('$record.note', 'x'),
        }),
      ));
  });

  it('are not started by anybody', async () => {
    await world.putRecord('case', { id: 'c1', subject: 'x', status: 'new' });
    await world.publish(early('stamp', { note: set('$record.note', 'x') }));
    const request = { flow: 'stamp', user: clerk, subject: { type: 'case', id: 'c1' } };
    await assert.rejects(world.engine.start(request), { code: 'run.not-applicable' });
    assert.deepEqual((await world.engine.runs({ limit: 10 })).length, 0);
  });

  it('do not start again after the save', async () => {
    await world.publish(write, early('stamp', { note: set('$record.note', 'x') }));
    await run('write');
    await world.calm();
    assert.equal((await world.store.listRuns({ flow: 'stamp', limit: 10 })).length, 0);
  });
});
