// Choices: from lists, with something entered beside them, and what variables take of what is chosen.
import assert from 'node:assert/strict';
import type { Json } from '../../../../engine/index.js';
import { ElementWorld } from './element-world.js';

const done = { type: 'end' };
const lines = [
  { sku: 'mug', words: { en: 'A mug' }, price: { amount: '9.00', currency: 'EUR' }, left: 3 },
  { sku: 'bag', words: { en: 'A bag' }, price: { amount: '5.00', currency: 'EUR' }, left: 1 },
];
const ofLines = { collection: { var: 'lines' }, label: 'words.en', value: 'sku' };
const other = {
  label: 'Something else',
  value: { code: 0 },
  userInput: { label: 'What is it?', schema: { type: 'string', maxLength: 10 }, required: true },
};

describe('choices', () => {
  let world: ElementWorld;
  beforeEach(async () => {
    world = await ElementWorld.open();
  });
  afterEach(() => world.close());

  const shown = async (id: string) =>
    (await world.form(id))!['fields'] as unknown as Readonly<Record<string, unknown>>[];
  const ask = (field: object, more: object = {}) => ({
    e: {
      type: 'screen',
      fields: [{ name: 'why', label: 'Why?', schema: {}, ...field }],
      next: 'done',
      ...more,
    },
    done,
  });

  it('are the items of a list, as it is when it is shown and when it is answered', async () => {
    const variables = { lines: { schema: { type: 'array' }, default: lines } };
    const choices = { ofLines, none: { label: 'None', value: 'none' } };
    const { id } = await world.run(ask({ choices: ['ofLines', 'none'] }), { variables, choices });
    assert.deepEqual((await shown(id))[0]?.['choices'], [
      { label: 'A mug', value: 'mug' },
      { label: 'A bag', value: 'bag' },
      { label: 'None', value: 'none' },
    ]);
    assert.equal(await world.answer(id, { values: { why: 'cup' } }), 'run.answer-invalid');
    assert.equal(await world.answer(id, { values: { why: 'bag' } }), undefined);
    assert.deepEqual((await world.state(id)).root.outputs['e'], { why: 'bag' });
  });

  it('are as many items as they say, and none of a list that is null', async () => {
    const variables = {
      lines: { schema: {}, default: lines },
      none: { schema: {}, default: null },
      number: { schema: {}, default: 7 },
    };
    const run = async (set: object) =>
      world.run(ask({ choices: 'set' }), { variables, choices: { set: { ...ofLines, ...set } } });
    const one = await run({ limit: 1 });
    assert.deepEqual((await shown(one.id))[0]?.['choices'], [{ label: 'A mug', value: 'mug' }]);
    const none = await run({ collection: { var: 'none' } });
    assert.deepEqual((await shown(none.id))[0]?.['choices'], []);
    const { incident } = await run({ collection: { var: 'number' } });
    assert.equal(incident?.error.code, 'collection.invalid');
  });

  describe('with something entered beside them', () => {
    const choices = { late: { label: 'Too late', value: 'late' }, other };
    const asking = ask({ choices: ['late', 'other'], required: true });

    it('show it as a field that is there while they are selected', async () => {
      const { id } = await world.run(asking, { choices });
      const [why, beside, ...rest] = await shown(id);
      assert.equal(rest.length, 0);
      assert.equal(why?.['beside'], undefined);
      assert.deepEqual(beside, {
        name: 'why_other',
        label: 'What is it?',
        schema: { type: 'string', maxLength: 10 },
        required: true,
        value: null,
        visible: false,
        visibleWhen: { wasSelected: [{ var: 'e.why' }, { preserve: { code: 0 } }] },
        beside: { field: 'why', value: { code: 0 } },
      });
    });

    it('want it, check it, and take it only then', async () => {
      const { id } = await world.run(asking, { choices });
      for (const values of [
        { why: { code: 0 } },
        { why: { code: 0 }, why_other: 'more than ten' },
        { why: { code: 0 }, why_other: 7 },
        { why: 'late', why_late: 'x' },
        { why_other: 'x' },
      ])
        assert.equal(await world.answer(id, { values }), 'run.answer-invalid', JSON.stringify(values));
      assert.equal(await world.answer(id, { values: { why: { code: 0 }, why_other: 'a bee' } }), undefined);
      assert.deepEqual((await world.state(id)).root.outputs['e'], { why: { code: 0 }, why_other: 'a bee' });
      const late = await world.run(asking, { choices });
      assert.equal(await world.answer(late.id, { values: { why: 'late', why_other: 'gone' } }), undefined);
      assert.deepEqual((await world.state(late.id)).root.outputs['e'], { why: 'late', why_other: null });
    });

    it('may be some of several, and are not there with a field that is not', async () => {
      const field = { choices: ['late', 'other'], schema: { type: 'array' }, visible: { var: 'there' } };
      for (const there of [true, false]) {
        const variables = { there: { schema: {}, default: there } };
        const { id } = await world.run(ask(field), { choices, variables });
        const why = ['late', { code: 0 }];
        assert.equal(await world.answer(id, { values: { why, why_other: 'a bee' } }), undefined);
        assert.deepEqual(
          (await world.state(id)).root.outputs['e'],
          there ? { why, why_other: 'a bee' } : { why: null, why_other: null },
        );
      }
    });

    it('are offered by tasks, too', async () => {
      const { e } = ask({ choices: 'other' });
      const task = { ...e, type: 'task', subject: 'Look', assignee: { user: 'ada' } };
      const { id } = await world.run({ e: task, done }, { choices });
      const values = { why: { code: 0 }, why_other: 'a bee' };
      assert.equal(await world.answer(id, { values }, 'ada'), undefined);
      assert.deepEqual((await world.state(id)).root.outputs['e'], { ...values, by: 'ada', late: false });
    });
  });

  describe('with assignments', () => {
    const variables = {
      lines: { schema: { type: 'array' }, default: lines },
      price: { schema: {}, default: 'before' },
      left: { schema: { type: ['integer', 'null'] } },
    };
    const assignments = [
      { target: 'price', field: 'price' },
      { target: 'left', field: 'left' },
    ];
    const choices = { ofLines: { ...ofLines, assignments }, none: { label: 'None', value: 'none' } };
    const taken = async (field: object, why: Json, more: object = {}) => {
      const { id } = await world.run(ask(field), { variables, choices, ...more });
      assert.equal((await world.state(id)).root.variables['price'], 'before');
      assert.equal(await world.answer(id, { values: { why } }), undefined);
      const { price, left } = (await world.state(id)).root.variables;
      return [price, left];
    };

    it('put fields of the chosen item into variables, of several the last', async () => {
      assert.deepEqual(await taken({ choices: ['none', 'ofLines'] }, 'bag'), [lines[1]!.price, 1]);
      const several = { choices: 'ofLines', schema: { type: 'array' } };
      assert.deepEqual(await taken(several, ['bag', 'mug']), [lines[0]!.price, 3]);
    });

    it('empty them when nothing of theirs is chosen', async () => {
      const field = { choices: ['none', 'ofLines'] };
      assert.deepEqual(await taken(field, 'none'), [null, null]);
      assert.deepEqual(await taken(field, null), [null, null]);
      assert.deepEqual(await taken({ ...field, visible: false }, 'bag'), [null, null]);
    });

    it('leave them as they are when an answer is refused, kept for later or goes back', async () => {
      const screen = ask({ choices: 'ofLines' }, { pause: true, back: 'before' });
      const { id } = await world.run(
        { ...screen, before: { type: 'rollBack', next: 'e' } },
        { variables, choices },
      );
      assert.equal(await world.answer(id, { values: { why: 'cup' } }), 'run.answer-invalid');
      assert.equal(await world.answer(id, { go: 'pause', values: { why: 'bag' } }), undefined);
      assert.equal(await world.answer(id, { go: 'back', values: { why: 'bag' } }), undefined);
      assert.equal((await world.state(id)).root.variables['price'], 'before');
    });

    it('put fields of the chosen record into variables', async () => {
      await world.output({ type: 'createRecords', record: 'order', fields: { id: 'a', n: 1 } });
      await world.output({ type: 'createRecords', record: 'order', fields: { id: 'b', n: 5 } });
      const orders = {
        record: 'order',
        label: 'id',
        value: 'id',
        assignments: [{ target: 'left', field: 'n' }],
      };
      assert.deepEqual(await taken({ choices: 'orders' }, 'b', { choices: { orders } }), ['before', 5]);
    });
  });
});
