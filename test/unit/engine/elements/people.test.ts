// Screens, tasks and approvals: what is shown, what is accepted, who may answer, and what happens in time.
import assert from 'node:assert/strict';
import type { RunUser } from '../../../../engine/index.js';
import { agent } from '../../../support/engine-world.js';
import { hour } from '../../../support/flows.js';
import { ElementWorld } from './element-world.js';

describe('elements for people', () => {
  let world: ElementWorld;
  beforeEach(async () => {
    world = await ElementWorld.open();
  });
  afterEach(() => world.close());

  describe('screen', () => {
    const screen = {
      type: 'screen',
      title: 'Cancel {{n}}',
      fields: [
        {
          name: 'reason',
          label: 'Why?',
          schema: { enum: ['late', 'other'] },
          required: true,
          default: 'late',
        },
        {
          name: 'words',
          label: 'In words',
          schema: { type: 'string', maxLength: 20 },
          required: true,
          visible: { '==': [{ var: 'e.reason' }, 'other'] },
        },
        {
          name: 'count',
          label: 'How many?',
          schema: { type: 'integer' },
          validate: { when: { '<=': [{ var: 'e.count' }, 3] }, message: 'At most 3, not {{e.count}}.' },
        },
      ],
      next: 'done',
    };
    const done = { type: 'end' };

    it('shows its fields with their defaults and whether they are visible', async () => {
      const { id } = await world.run({ e: screen, done });
      const form = await world.form(id);
      assert.equal(form?.['title'], 'Cancel 0');
      const fields = form?.['fields'] as { name: string; value: unknown; visible: boolean }[];
      assert.deepEqual(
        fields.map(({ name, value, visible }) => [name, value, visible]),
        [
          ['reason', 'late', true],
          ['words', null, false],
          ['count', null, true],
        ],
      );
    });

    it('refuses an answer with all that is wrong in it, and waits on', async () => {
      const { id } = await world.run({ e: screen, done });
      for (const values of [
        {},
        { reason: 'early' },
        { reason: 'other' },
        { reason: 'late', count: 4 },
        { reason: 'late', count: 1.5 },
        { reason: 'late', extra: 1 },
        { reason: 'other', words: 'x'.repeat(21) },
      ]) {
        assert.equal(await world.answer(id, { values }), 'run.answer-invalid', JSON.stringify(values));
      }
      assert.equal((await world.state(id)).status, 'waiting');
    });

    it('takes what is visible, and drops the rest', async () => {
      const { id } = await world.run({ e: screen, done });
      assert.equal(
        await world.answer(id, { values: { reason: 'late', words: 'hidden', count: 2 } }),
        undefined,
      );
      const { status, root } = await world.state(id);
      assert.equal(status, 'done');
      assert.deepEqual(root.outputs['e'], { reason: 'late', words: null, count: 2 });
    });

    it('takes nothing from fields that are not there, nor lets others go by it', async () => {
      const text = { schema: { type: 'string' } };
      const is = (field: string, value: string) => ({ '==': [{ var: `e.${field}` }, value] });
      const fields = [
        { ...text, name: 'last', label: 'C', visible: is('code', 'open') },
        { ...text, name: 'why', label: 'A' },
        { ...text, name: 'code', label: 'B', visible: is('why', 'other'), default: 'open' },
        {
          ...text,
          name: 'limit',
          label: 'D',
          validate: { when: is('code', 'open'), message: 'Not without a code.' },
        },
      ];
      const { id } = await world.run({ e: { type: 'screen', fields, next: 'done' }, done });
      const { fields: shown } = (await world.form(id)) as unknown as { fields: { visible: boolean }[] };
      assert.deepEqual(
        shown.map(({ visible }) => visible),
        [false, true, false, true],
      );
      const given = { code: 'open', last: 'x' };
      assert.equal(
        await world.answer(id, { values: { why: 'late', ...given, limit: 'y' } }),
        'run.answer-invalid',
      );
      assert.equal(await world.answer(id, { values: { why: 'late', ...given } }), undefined);
      const { root } = await world.state(id);
      assert.deepEqual(root.outputs['e'], { last: null, why: 'late', code: null, limit: null });
    });

    it('says what is wrong with a field also where rules read it, and keeps it meanwhile', async () => {
      const many = { '>': [{ '??': [{ var: 'e.n' }, 0] }, 5] };
      const fields = [
        { name: 'n', label: 'N', schema: { type: 'number' } },
        { name: 'why', label: 'Why?', schema: { type: 'string' }, visible: many, required: true },
      ];
      const { id } = await world.run({ e: { type: 'screen', fields, pause: true, next: 'done' }, done });
      assert.equal(await world.answer(id, { values: { n: 'six' } }), 'run.answer-invalid');
      assert.equal(await world.answer(id, { go: 'pause', values: { n: 'six' } }), undefined);
      const { fields: shown } = (await world.form(id)) as unknown as { fields: { value: unknown }[] };
      assert.equal(shown[0]?.value, 'six');
      assert.equal(await world.answer(id, { values: { n: 6 } }), 'run.answer-invalid');
      assert.equal(await world.answer(id, { values: { n: 6, why: 'x' } }), undefined);
    });

    it('goes back and shows again what was entered', async () => {
      const { id } = await world.run({
        e: { ...screen, back: 'before' },
        before: { type: 'rollBack', next: 'e' },
        done,
      });
      assert.equal(
        await world.answer(id, { go: 'back', values: { reason: 'other', words: 'half' } }),
        undefined,
      );
      const fields = (await world.form(id))?.['fields'] as { value: unknown }[];
      assert.deepEqual(
        fields.map(({ value }) => value),
        ['other', 'half', null],
      );
    });

    it('forgets what was entered when it is left by Back, and only then, if it says so', async () => {
      const elements = {
        e: { ...screen, back: 'before', inputsOnNext: 'reset', pause: true, next: 'after' },
        before: { type: 'rollBack', next: 'e' },
        after: { type: 'rollBack', next: 'e' },
      };
      const { id } = await world.run(elements);
      const values = { reason: 'other', words: 'half', count: null };
      const shown = async () =>
        ((await world.form(id))!['fields'] as { value: unknown }[]).map(({ value }) => value);
      for (const go of ['pause', 'next']) {
        assert.equal(await world.answer(id, { go, values }), undefined);
        assert.deepEqual(await shown(), ['other', 'half', null], go);
      }
      assert.equal(
        await world.answer(id, { go: 'back', values: { words: 'x', lost: 1 } }),
        'run.answer-invalid',
      );
      assert.equal(await world.answer(id, { go: 'back', values }), undefined);
      assert.deepEqual(await shown(), ['late', null, null]);
    });

    it('offers the choices of its fields in sections, and takes nothing else', async () => {
      const choices = {
        late: { label: 'Too late', value: 'late' },
        broken: { label: 'It is broken', value: 'broken' },
        dropped: { label: 'Dropped', value: { cause: 'us', code: 3 } },
      };
      const fields = [
        { name: 'why', label: 'Why?', schema: {}, choices: ['late', 'dropped'], section: 'The parcel' },
        {
          name: 'all',
          label: 'All reasons',
          schema: { type: 'array', items: { type: 'string' }, uniqueItems: true },
          choices: ['late', 'broken'],
        },
      ];
      const { id } = await world.run({ e: { type: 'screen', fields, next: 'done' }, done }, { choices });
      const { fields: shown } = (await world.form(id))!;
      const [why, all] = shown as unknown as Record<string, unknown>[];
      assert.deepEqual([why?.['section'], all?.['section']], ['The parcel', undefined]);
      assert.deepEqual(why?.['choices'], [
        { label: 'Too late', value: 'late' },
        { label: 'Dropped', value: { cause: 'us', code: 3 } },
      ]);
      for (const values of [
        { why: 'broken' },
        { why: { cause: 'us', code: 4 } },
        { why: ['late'] },
        { all: ['late', 'lost'] },
        { all: 'late' },
      ])
        assert.equal(await world.answer(id, { values }), 'run.answer-invalid', JSON.stringify(values));
      assert.equal(
        await world.answer(id, { values: { why: { cause: 'us', code: 3 }, all: ['broken', 'late'] } }),
        undefined,
      );
      assert.equal((await world.state(id)).status, 'done');
    });

    it('offers records as they are when it is shown, and takes those that are there when it is answered', async () => {
      await world.output({ type: 'createRecords', record: 'order', fields: { id: 'a', n: 1 } });
      await world.output({ type: 'createRecords', record: 'order', fields: { id: 'b', n: 5 } });
      await world.output({ type: 'createRecords', record: 'order', fields: { id: 'c', n: 9 } });
      const choices = {
        large: {
          record: 'order',
          where: [
            { field: 'n', operator: 'greaterThan' as const, value: { var: 'n' } },
            { field: 'n', operator: 'equalTo' as const, value: 1 },
          ],
          logic: '1 AND NOT 2',
          sort: [{ field: 'n', descending: true }],
          label: 'n',
          value: 'id',
        },
        none: { label: 'None of them', value: 'none' },
      };
      const variables = { n: { schema: { type: 'integer' }, default: 4 } };
      const fields = [{ name: 'order', label: 'Which?', schema: {}, choices: ['large', 'none'] }];
      const asking = { e: { type: 'screen', fields, next: 'done' }, done };
      const { id } = await world.run(asking, { choices, variables });
      const { fields: shown } = (await world.form(id))!;
      const [field] = shown as unknown as { choices: unknown }[];
      assert.deepEqual(field?.choices, [
        { label: '9', value: 'c' },
        { label: '5', value: 'b' },
        { label: 'None of them', value: 'none' },
      ]);
      assert.equal(await world.answer(id, { values: { order: 'a' } }), 'run.answer-invalid');
      await world.output({
        type: 'deleteRecords',
        record: 'order',
        where: [{ field: 'id', operator: 'equalTo', value: 'c' }],
      });
      assert.equal(await world.answer(id, { values: { order: 'c' } }), 'run.answer-invalid');
      assert.equal(await world.answer(id, { values: { order: 'b' } }), undefined);
      assert.equal((await world.state(id)).status, 'done');
    });

    it('keeps what was entered when it is paused, and only if that is offered', async () => {
      const { id } = await world.run({ e: { ...screen, pause: true }, done });
      assert.equal(await world.answer(id, { go: 'pause', values: { reason: 'other' } }), undefined);
      const fields = (await world.form(id))?.['fields'] as { value: unknown; visible: boolean }[];
      assert.equal(fields[0]?.value, 'other');
      assert.equal(fields[1]?.visible, true);
      const other = await world.run({ e: screen, done });
      assert.equal(await world.answer(other.id, { go: 'pause', values: {} }), 'run.answer-invalid');
    });
  });

  describe('an answer', () => {
    const field = { name: 'count', label: 'How many?', schema: { type: ['integer', 'null'] }, default: 2 };
    const e = { type: 'screen', fields: [field], back: 'before', pause: true, next: 'done' };
    const flow = { e, before: { type: 'rollBack', next: 'e' }, done: { type: 'end' } };
    const shown = async (id: string) =>
      ((await world.form(id))!['fields'] as { value: unknown }[]).map(({ value }) => value);

    it('is refused with what nothing reads, however the screen is left', async () => {
      const { id } = await world.run(flow);
      for (const payload of [
        { values: { cuont: 1 } },
        { go: 'pause', values: { cuont: 1 } },
        { go: 'back', values: { cuont: 1 } },
        { valuse: { count: 1 } },
        { values: [1] },
        { go: 'pause', values: 'one' },
      ]) {
        assert.equal(await world.answer(id, payload as never), 'run.answer-invalid', JSON.stringify(payload));
      }
      const task = { type: 'task', subject: 'Look', assignee: { user: 'ada' } };
      const other = await world.run({ e: task });
      assert.equal(await world.answer(other.id, { value: {} }, 'ada'), 'run.answer-invalid');
      const approval = { ...task, type: 'approval' };
      const third = await world.run({ e: approval });
      assert.equal(await world.answer(third.id, { approved: true, note: '' }, 'ada'), 'run.answer-invalid');
    });

    it('that empties a field leaves it empty, and does not bring its default back', async () => {
      const { id } = await world.run(flow);
      assert.deepEqual(await shown(id), [2]);
      assert.equal(await world.answer(id, { go: 'back', values: { count: null } }), undefined);
      assert.deepEqual(await shown(id), [null]);
      assert.equal(await world.answer(id, { go: 'back', values: {} }), undefined);
      assert.deepEqual(await shown(id), [2]);
    });
  });

  describe('task', () => {
    const task = (more: object) => ({
      type: 'task',
      subject: 'Check {{n}}',
      assignee: { queue: 'returns' },
      ...more,
    });

    it('is claimed, given back, and done by whoever has claimed it', async () => {
      const { id } = await world.run({ e: task({ next: 'done' }), done: { type: 'end' } });
      assert.equal(await world.answer(id, {}, 'ada'), 'run.event-not-accepted');
      assert.equal(await world.answer(id, {}, 'ada', 'claim'), undefined);
      assert.equal((await world.form(id))?.['claimedBy'], 'ada');
      assert.equal(await world.answer(id, {}, 'bob'), 'run.answer-invalid');
      assert.equal(await world.answer(id, {}, 'bob', 'release'), 'run.answer-invalid');
      assert.equal(await world.answer(id, {}, 'ada', 'release'), undefined);
      assert.equal(await world.answer(id, {}, 'bob', 'claim'), undefined);
      assert.equal(await world.answer(id, {}, 'bob'), undefined);
      assert.deepEqual((await world.state(id)).root.outputs['e'], { by: 'bob', late: false });
    });

    it('of a user is done by that user, with the fields filled in', async () => {
      const fields = [{ name: 'ok', label: 'OK?', schema: { type: 'boolean' }, required: true }];
      const { id } = await world.run({ e: task({ assignee: { user: 'ada' }, fields }) });
      assert.equal(await world.answer(id, { values: { ok: true } }, 'bob'), 'run.answer-invalid');
      assert.equal(await world.answer(id, { values: {} }, 'ada'), 'run.answer-invalid');
      assert.equal(await world.answer(id, { values: { ok: true } }, 'ada'), undefined);
      assert.deepEqual((await world.state(id)).root.outputs['e'], { ok: true, by: 'ada', late: false });
    });

    it('is not due before a time beyond the years of four digits, nor is a wait for one over', async () => {
      const due = { due: 'P9000Y', late: 'done', next: 'done' };
      const wait = (event: object) => ({ type: 'wait', events: [{ name: 'over', ...event }] });
      for (const e of [task(due), wait({ until: '9999-12-31T23:59:59-05:00' }), wait({ after: 'P9000Y' })]) {
        const { id } = await world.run({ e, done: { type: 'end' } });
        assert.equal((await world.state(id)).status, 'waiting', JSON.stringify(e));
      }
    });

    it('leaves by its late path when it is due', async () => {
      const { id } = await world.run({ e: task({ due: 'PT2H', late: 'remind' }), remind: { type: 'end' } });
      await world.world.pass(hour);
      assert.equal((await world.state(id)).status, 'waiting');
      await world.world.pass(hour);
      const { status, root } = await world.state(id);
      assert.equal(status, 'done');
      assert.deepEqual(root.outputs['e'], { by: null, late: true });
      assert.equal(root.visits['remind'], 1);
    });

    it('is marked as late and stays, without a late path', async () => {
      const { id } = await world.run({ e: task({ due: 'PT2H', assignee: { user: 'ada' } }) });
      await world.world.pass(3 * hour);
      assert.equal((await world.form(id))?.['isLate'], true);
      assert.equal(await world.answer(id, {}, 'ada'), undefined);
      assert.deepEqual((await world.state(id)).root.outputs['e'], { by: 'ada', late: true });
    });

    it('goes to somebody else when nobody does it', async () => {
      const escalation = { after: 'PT1H', to: { user: 'boss' } };
      const { id } = await world.run({ e: task({ escalation }) });
      assert.equal(await world.answer(id, {}, 'ada', 'claim'), undefined);
      await world.world.pass(2 * hour);
      assert.deepEqual((await world.form(id))?.['assignee'], { kind: 'user', name: 'boss' });
      assert.equal(await world.answer(id, {}, 'ada'), 'run.answer-invalid');
      assert.equal(await world.answer(id, {}, 'boss'), undefined);
      assert.equal((await world.state(id)).status, 'done');
    });

    it('for nobody is a fault, and does not wait for ever', async () => {
      const name = { schema: { type: ['string', 'null'] }, default: null };
      const assignee = { group: { var: 'name' } };
      assert.equal(await world.fault(task({ assignee }), { variables: { name } }), 'work.assignee-invalid');
    });

    it('with four eyes is not for whoever started the run', async () => {
      const { id } = await world.run({ e: task({ fourEyes: true }) });
      assert.equal(await world.answer(id, {}, 'agent', 'claim'), 'run.answer-invalid');
      assert.equal(await world.answer(id, {}, 'ada', 'claim'), undefined);
    });
  });

  describe('approval', () => {
    const approval = (more: object) => ({
      type: 'approval',
      subject: 'Refund {{n}}',
      assignee: { group: 'supervisors' },
      next: 'yes',
      rejected: 'no',
      ...more,
    });
    const ends = { yes: { type: 'end' }, no: { type: 'end' } };
    const say = async (id: string, approved: unknown, by: string) =>
      (await world.answer(id, {}, by, 'claim')) ??
      world.answer(id, { approved, comment: 'fine' } as never, by);

    it('goes on with a yes, and aside with a no', async () => {
      for (const approved of [true, false]) {
        const { id } = await world.run({ e: approval({}), ...ends });
        assert.equal(await say(id, approved, 'ada'), undefined);
        const { root } = await world.state(id);
        assert.deepEqual(root.outputs['e'], { approved, by: ['ada'], comment: 'fine' });
        assert.equal(root.visits[approved ? 'yes' : 'no'], 1);
      }
    });

    it('wants as many different people as it says', async () => {
      const { id } = await world.run({ e: approval({ approvers: 2 }), ...ends });
      assert.equal(await say(id, true, 'ada'), undefined);
      assert.equal((await world.state(id)).status, 'waiting');
      assert.equal(await say(id, true, 'ada'), 'run.answer-invalid');
      assert.equal(await world.answer(id, {}, 'ada', 'release'), undefined);
      assert.equal(await say(id, true, 'bob'), undefined);
      assert.deepEqual((await world.state(id)).root.outputs['e'], {
        approved: true,
        by: ['ada', 'bob'],
        comment: 'fine',
      });
    });

    it('takes nothing but a yes or a no, and never the starter with four eyes', async () => {
      const { id } = await world.run({
        e: approval({ fourEyes: true, assignee: { user: 'agent' } }),
        ...ends,
      });
      assert.equal(await world.answer(id, { approved: true }, 'agent'), 'run.answer-invalid');
      const other = await world.run({ e: approval({ assignee: { user: 'ada' } }), ...ends });
      assert.equal(await world.answer(other.id, { approved: 'yes' }, 'ada'), 'run.answer-invalid');
      assert.equal(await world.answer(other.id, { approved: true }, 'ada'), undefined);
    });

    it('by a program is by the person whose it is', async () => {
      const groups = ['supervisors'];
      const program = { id: 'ada/erp', person: 'ada', groups };
      const sayAs = async (id: string, user: RunUser) =>
        (await world.answer(id, {}, user.id, 'claim', user)) ??
        world.answer(id, { approved: true }, user.id, 'answer', user);
      const { id } = await world.run({ e: approval({ approvers: 2 }), ...ends });
      assert.equal(await sayAs(id, program), undefined);
      assert.equal(await sayAs(id, { id: 'ada', groups }), 'run.answer-invalid');
      const { id: own } = await world.run({ e: approval({ fourEyes: true }), ...ends });
      assert.equal(await sayAs(own, { id: 'agent/erp', person: 'agent', groups }), 'run.answer-invalid');
      const started = { ...agent, ...program };
      await world.world.engine.start({ flow: 'f2', user: started, id: 'by-program' });
      await world.world.settle('by-program');
      assert.equal(await sayAs('by-program', { id: 'ada', groups }), 'run.answer-invalid');
      assert.equal(await sayAs('by-program', { id: 'bob', groups }), undefined);
    });
  });
});
