// Creating, upserting and deleting records, rolling back; mails, events and errors of a flow's own; decision tables at work.
import assert from 'node:assert/strict';
import type { RecourseError } from '../../../../engine/errors/recourse-error.js';
import { ElementWorld } from './element-world.js';

describe('elements that write', () => {
  let world: ElementWorld;
  beforeEach(async () => {
    world = await ElementWorld.open();
  });
  afterEach(() => world.close());

  const orders = async () =>
    (await world.world.records.find({ type: 'order', where: [], sort: [{ field: 'id' }], limit: 50 })).map(
      ({ value }) => value,
    );
  const item = { variables: { x: { schema: {} } } } as const;

  it('look for a field in a list, of which null is the empty one', async () => {
    await world.output({ type: 'createRecords', record: 'order', fields: { id: 'a', n: 1 } });
    const found = (value: unknown) => ({
      type: 'getRecords',
      record: 'order',
      where: [{ field: 'id', operator: 'in', value }],
    });
    assert.deepEqual(await world.output(found(['a', 'b'])), [{ id: 'a', n: 1 }]);
    assert.deepEqual(await world.output(found(null)), []);
    assert.equal(await world.fault(found('a')), 'collection.invalid');
  });

  it('read only the fields that are named, and find by how a text ends', async () => {
    await world.output({ type: 'createRecords', record: 'order', fields: { id: 'x-1', n: 1, note: 'a' } });
    const where = [{ field: 'id', operator: 'endsWith', value: '-1' }];
    const get = { type: 'getRecords', record: 'order', fields: ['n', 'missing'] };
    assert.deepEqual(await world.output({ ...get, where }), [{ id: 'x-1', n: 1 }]);
    assert.deepEqual(await world.output({ ...get, where, first: true }), { id: 'x-1', n: 1 });
    assert.deepEqual(await world.output({ ...get, id: 'x-1' }), { id: 'x-1', n: 1 });
    // The same of what the segment itself has written.
    const run = await world.run({
      e: { type: 'createRecords', record: 'order', fields: { id: 'y-1', n: 2 }, next: 'all' },
      all: { ...get, where },
    });
    assert.deepEqual(run.root.outputs['all'], [
      { id: 'x-1', n: 1 },
      { id: 'y-1', n: 2 },
    ]);
  });

  it('never cut off what they find, unless it is said how many', async () => {
    const list = { schema: { type: 'array' }, default: Array.from({ length: 2_001 }, (_, index) => index) };
    await world.output(
      {
        type: 'createRecords',
        record: 'order',
        collection: { var: 'list' },
        item: 'x',
        fields: { n: { var: 'x' } },
      },
      { variables: { ...item.variables, list } },
    );
    const get = { type: 'getRecords', record: 'order' };
    assert.equal(await world.fault(get), 'collection.too-large');
    assert.equal(((await world.output({ ...get, limit: 2_000 })) as unknown[]).length, 2_000);
  });

  it('create one record, and one for each item', async () => {
    await world.output({ type: 'createRecords', record: 'order', fields: { id: 'a', n: 1 } });
    const output = await world.output(
      {
        type: 'createRecords',
        record: 'order',
        collection: ['b', 'c'],
        item: 'x',
        fields: { id: { var: 'x' } },
      },
      item,
    );
    assert.deepEqual(output, { id: 'b', ids: ['b', 'c'], created: 2, updated: 0 });
    assert.deepEqual(
      (await orders()).map(({ id }) => id),
      ['a', 'b', 'c'],
    );
  });

  it('create all of the records or none', async () => {
    const run = await world.run(
      {
        e: {
          type: 'createRecords',
          record: 'order',
          collection: ['a', 'a'],
          item: 'x',
          fields: { id: { var: 'x' } },
        },
      },
      item,
    );
    assert.equal(run.incident?.error.code, 'records.exists');
    assert.deepEqual(await orders(), []);
  });

  it('update what matches, and create what does not', async () => {
    await world.world.putRecord('order', { id: 'a', number: 1, note: 'old' });
    const upsert = (number: unknown, more = {}) =>
      world.output({
        type: 'createRecords',
        record: 'order',
        fields: { number, note: 'new' },
        match: { by: ['number'], ...more },
      });
    assert.deepEqual(await upsert(1), { id: 'a', ids: ['a'], created: 0, updated: 1 });
    assert.equal(((await upsert(2)) as { created: number }).created, 1);
    // Without a value there is nothing to match by.
    assert.equal(((await upsert(null)) as { created: number }).created, 1);
    assert.equal(((await upsert(null)) as { created: number }).created, 1);
    assert.equal((await orders()).length, 4);
  });

  it('say what happens when several match', async () => {
    await world.world.putRecord('order', { id: 'a', number: 1 });
    await world.world.putRecord('order', { id: 'b', number: 1 });
    const upsert = (many?: string) => ({
      type: 'createRecords',
      record: 'order',
      fields: { number: 1, note: many ?? 'x' },
      match: { by: ['number'], ...(many === undefined ? {} : { many }) },
    });
    assert.equal(await world.fault(upsert()), 'upsert.ambiguous');
    assert.deepEqual(await world.output(upsert('none')), { id: null, ids: [], created: 0, updated: 0 });
    assert.equal(((await world.output(upsert('updateAll'))) as { updated: number }).updated, 2);
    assert.deepEqual(
      (await orders()).map(({ note }) => note),
      ['updateAll', 'updateAll'],
    );
  });

  it('update the latest of those that match, which is the first as they are sorted', async () => {
    for (const [id, at] of Object.entries({ a: '2026-01-02', b: '2026-01-03', c: null, d: '2026-01-03' }))
      await world.world.putRecord('order', { id, number: 1, at });
    const upsert = (sort: unknown) => ({
      type: 'createRecords',
      record: 'order',
      fields: { number: 1, note: 'latest' },
      match: { by: ['number'], many: 'updateLatest', sort },
    });
    const latest = upsert([{ field: 'at', descending: true }]);
    assert.deepEqual(await world.output(latest), { id: 'b', ids: ['b'], created: 0, updated: 1 });
    assert.deepEqual(await world.output(upsert([{ field: 'at' }])), {
      id: 'c',
      ids: ['c'],
      created: 0,
      updated: 1,
    });
    // What the segment itself has written counts.
    const run = await world.run({
      e: {
        type: 'createRecords',
        record: 'order',
        fields: { id: 'e', number: 1, at: '2026-01-04' },
        next: 'up',
      },
      up: latest,
    });
    assert.deepEqual(run.root.outputs['up'], { id: 'e', ids: ['e'], created: 0, updated: 1 });
    const none = { ...latest, fields: { number: 7 } };
    assert.equal(((await world.output(none)) as { created: number }).created, 1);
  });

  it('match by any of the fields, or as their logic says; a field without a value is equal to none', async () => {
    const notA = { field: 'id', operator: 'notEqualTo', value: 'a' };
    await world.world.putRecord('order', { id: 'a', number: 1, mail: 'a@shop.example', phone: null });
    const upsert = async (logic: string, fields: Record<string, unknown>) => {
      const match = { by: ['number', 'mail', 'phone'], logic };
      const output = await world.output({ type: 'createRecords', record: 'order', fields, match });
      return (output as { updated: number }).updated;
    };
    const mail = 'a@shop.example';
    assert.equal(await upsert('and', { number: 1, mail, phone: null }), 0);
    await world.output({ type: 'deleteRecords', record: 'order', where: [notA] });
    assert.equal(await upsert('or', { number: 9, mail, phone: null }), 1);
    // It has the number 9 by now.
    assert.equal(await upsert('(1 OR 3) AND 2', { number: 1, mail, phone: null }), 0);
    await world.output({ type: 'deleteRecords', record: 'order', where: [notA] });
    assert.equal(await upsert('(1 OR 3) AND 2', { number: 9, mail, phone: null }), 1);
    assert.equal(await upsert('or', { number: 1, mail: 'b@shop.example', phone: null }), 0);
  });

  const logical = {
    where: [
      { field: 'n', operator: 'greaterThan', value: 5 },
      { field: 'status', operator: 'equalTo', value: 'new' },
      { field: 'note', operator: 'contains', value: 'urgent' },
    ],
  };

  it('join filters by and, or and custom logic, of what is stored and of what the segment has written', async () => {
    const values = [
      { id: 'a', n: 9, status: 'new', note: '' },
      { id: 'b', n: 9, status: 'old', note: 'urgent' },
      { id: 'c', n: 1, status: 'new', note: 'urgent' },
      { id: 'd', n: 1, status: 'old', note: '' },
      { id: 'e', n: 9, status: 'new', note: 'very urgent' },
    ];
    const expected: readonly (readonly [string | undefined, readonly string[]])[] = [
      [undefined, ['e']],
      ['and', ['e']],
      ['or', ['a', 'b', 'c', 'e']],
      ['1 AND (2 OR 3)', ['a', 'b', 'e']],
      ['(1 and not 2) or (3 and not 1)', ['b', 'c']],
    ];
    const find = (logic?: string) => ({
      type: 'getRecords',
      record: 'order',
      ...logical,
      fields: ['n'],
      ...(logic === undefined ? {} : { logic }),
    });
    const write = { type: 'createRecords', record: 'order', item: 'x', collection: values, fields: {} };
    const fields = Object.fromEntries(
      ['id', 'n', 'status', 'note'].map((name) => [name, { var: `x.${name}` }]),
    );
    const gets = Object.fromEntries(
      expected.map(([logic], index) => [`g${index}`, { ...find(logic), next: `g${index + 1}` }]),
    );
    const end = { [`g${expected.length}`]: { type: 'rollBack' } };
    const own = await world.run({ e: { ...write, fields, next: 'g0' }, ...gets, ...end }, item);
    assert.equal(own.status, 'done', JSON.stringify(own.incident?.error));
    for (const value of values) await world.world.putRecord('order', value);
    for (const [index, [logic, ids]] of expected.entries()) {
      const idsOf = (found: unknown) => (found as { id: string }[]).map(({ id }) => id);
      assert.deepEqual(idsOf(own.root.outputs[`g${index}`]), ids, `its own by ${logic}`);
      assert.deepEqual(idsOf(await world.output(find(logic))), ids, `stored by ${logic}`);
    }
  });

  it('update and delete what the logic of their filters says', async () => {
    await world.world.putRecord('order', { id: 'a', n: 9, status: 'old' });
    await world.world.putRecord('order', { id: 'b', n: 1, status: 'new' });
    await world.world.putRecord('order', { id: 'c', n: 1, status: 'old' });
    const which = { record: 'order', ...logical, logic: 'or' };
    const update = { type: 'updateRecords', ...which, fields: { seen: true } };
    assert.deepEqual(await world.output(update), { count: 2 });
    assert.deepEqual(await world.output({ type: 'deleteRecords', ...which }), { count: 2 });
    assert.deepEqual(await orders(), [{ id: 'c', n: 1, status: 'old' }]);
  });

  it('delete one record, or all that match', async () => {
    for (const id of ['a', 'b', 'c']) await world.world.putRecord('order', { id, old: id !== 'c' });
    assert.deepEqual(await world.output({ type: 'deleteRecords', record: 'order', id: 'a' }), { count: 1 });
    const where = [{ field: 'old', operator: 'equalTo', value: true }];
    assert.deepEqual(await world.output({ type: 'deleteRecords', record: 'order', where }), { count: 1 });
    assert.deepEqual(
      (await orders()).map(({ id }) => id),
      ['c'],
    );
  });

  it('roll back what was written since the last wait', async () => {
    const run = await world.run({
      e: { type: 'createRecords', record: 'order', fields: { id: 'a' }, next: 'back' },
      back: { type: 'rollBack', next: 'again' },
      again: { type: 'createRecords', record: 'order', fields: { id: 'b' } },
    });
    assert.equal(run.status, 'done');
    assert.deepEqual(
      (await orders()).map(({ id }) => id),
      ['b'],
    );
  });

  it('raise an error with a message, which a fault path can take', async () => {
    const raise = { type: 'raiseError', message: 'No {{n}} left', code: 'none-left', field: 'n' };
    const alone = await world.run({ e: raise });
    assert.equal(alone.incident?.error.code, 'raised.error');
    assert.equal(alone.incident?.error.detail, 'No 0 left');
    const caught = await world.run(
      {
        e: { ...raise, onFault: { next: 'note' } },
        note: { type: 'assignment', assignments: [{ target: 'why', value: { var: '$error.detail' } }] },
      },
      { variables: { why: { schema: { type: ['string', 'null'] }, output: true } } },
    );
    assert.equal(caught.outputs?.['why'], 'No 0 left');
  });

  it('raise one with several messages, of the whole or of a field', async () => {
    const messages = [{ message: 'No {{n}} left', field: 'n' }, { message: 'Ask again' }];
    const { incident } = await world.run({ e: { type: 'raiseError', messages, code: 'none-left' } });
    assert.equal(incident?.error.detail, 'No 0 left\nAsk again');
    assert.deepEqual(incident.error.data, {
      code: 'none-left',
      messages: [{ message: 'No 0 left', field: 'n' }, { message: 'Ask again' }],
    });
  });

  it('put mails and events into the outbox with what they say, in order per key', async () => {
    const run = await world.run({
      e: {
        type: 'sendMail',
        template: 'refunded',
        to: ['ada@shop.example', 'bob@shop.example'],
        variables: { n: { var: 'n' } },
        locale: 'de',
        key: 'order-1',
        next: 'tell',
      },
      tell: { type: 'emitEvent', event: 'order.refunded', payload: { n: { '+': [{ var: 'n' }, 1] } } },
    });
    assert.equal(run.status, 'done');
    await world.world.calm();
    const rows = world.delivered.toSorted((left, right) => (left.topic > right.topic ? -1 : 1));
    assert.deepEqual(
      rows.map(({ topic, key, payload }) => ({ topic, key, payload })),
      [
        {
          topic: 'mail',
          key: 'order-1',
          payload: {
            template: 'refunded',
            to: ['ada@shop.example', 'bob@shop.example'],
            locale: 'de',
            variables: { n: 0 },
          },
        },
        { topic: 'event', key: run.id, payload: { event: 'order.refunded', payload: { n: 1 } } },
      ],
    );
    assert.equal(new Set(rows.map(({ id }) => id)).size, 2);
  });

  it('refuse addresses that are none, or more than one line', async () => {
    const mail = (to: unknown) => world.fault({ type: 'sendMail', template: 't', to });
    assert.equal(await mail('nobody'), 'mail-address.invalid');
    assert.equal(await mail('ada@shop.example\r\nBcc: eve@x.example'), 'mail-address.invalid');
    assert.equal(await mail(null), 'mail-address.missing');
  });
});

describe('a decision table', () => {
  let world: ElementWorld;
  before(async () => {
    world = await ElementWorld.open();
  });
  after(() => world.close());

  const table = (value: unknown, hitPolicy: string, more = {}) => ({
    type: 'decisionTable',
    hitPolicy,
    inputs: [{ name: 'x', value, schema: { type: ['integer', 'null'] } }],
    rules: [
      { when: { x: { lessThan: 10 } }, output: 'small' },
      { when: { x: { in: [10, 11] } }, output: 'ten', next: 'ten' },
      { when: { x: { greaterThan: 11 } }, output: 'large' },
      { when: { x: null }, output: 'none' },
    ],
    ...more,
  });
  const ends = { ten: { type: 'end' }, other: { type: 'end' } };

  it('takes the rule that holds and its path', async () => {
    for (const [value, rule, output] of [
      [3, 1, 'small'],
      [11, 2, 'ten'],
      [12, 3, 'large'],
      [null, 4, 'none'],
    ]) {
      const run = await world.run({ e: table(value, 'unique', { next: 'other' }), ...ends });
      assert.deepEqual(run.root.outputs['e'], { rule, value: output });
      assert.equal(run.root.visits['ten'] ?? 0, value === 11 ? 1 : 0);
    }
  });

  it('takes the first of several, or collects all of them', async () => {
    const rules = [
      { when: { x: { greaterThan: 0 } }, output: 'a' },
      { when: {}, output: 'b' },
    ];
    const first = await world.run({ e: table(5, 'first', { rules, next: 'other' }), other: { type: 'end' } });
    assert.deepEqual(first.root.outputs['e'], { rule: 1, value: 'a' });
    const all = await world.run({ e: table(5, 'collect', { rules, next: 'other' }), other: { type: 'end' } });
    assert.deepEqual(all.root.outputs['e'], { rule: null, rules: [1, 2], value: ['a', 'b'] });
  });

  /** The gap that is reported of a table of one input. */
  const gapOf = async (schema: object, cells: readonly unknown[]): Promise<string | undefined> => {
    const inputs = [{ name: 'x', value: null, schema }];
    const rules = cells.map((x) => ({ when: { x }, next: 'other' }));
    try {
      await world.run({ e: { type: 'decisionTable', inputs, rules }, other: { type: 'end' } });
      return undefined;
    } catch (error) {
      const [problem] = (error as RecourseError).problems;
      assert.equal(problem?.code, 'flow.table-gap', problem?.detail);
      return problem.detail;
    }
  };

  it('is sound where only values that its schemas refuse are left', async () => {
    const sound: readonly [object, readonly unknown[]][] = [
      [{ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 5 }, [{ greaterThan: 0, lessThan: 5 }]],
      [
        { type: 'number', minimum: 0, multipleOf: 5 },
        [{ lessThanOrEqualTo: 10 }, { greaterThanOrEqualTo: 15 }],
      ],
      [{ type: 'string', minLength: 1 }, [{ greaterThan: '' }]],
      [{ const: 'a' }, ['a']],
      [{ enum: ['a', 'b'], type: ['string', 'null'] }, ['a', 'b']],
      [{ enum: ['a', null], type: 'string' }, ['a']],
      [{ anyOf: [{ const: 'a' }, { type: 'boolean' }] }, ['a', true, false]],
      [{ type: ['string', 'number'] }, [{ notIn: [1] }, 1]],
    ];
    for (const [schema, cells] of sound)
      assert.equal(await gapOf(schema, cells), undefined, JSON.stringify(schema));
  });

  it('has a gap where a value that its schemas allow is left', async () => {
    const numbers = [{ lessThan: 5 }, { greaterThanOrEqualTo: 5 }];
    const gaps: readonly [object, readonly unknown[], RegExp][] = [
      [{ type: ['string', 'number'] }, numbers, /x = "/],
      [{ type: ['boolean', 'string'] }, [true, false], /x = "/],
      [{}, numbers, /x = (?:"|false)/],
      [{ type: ['number', 'null'] }, numbers, /x = null/],
      [{ type: 'number', multipleOf: 5 }, [{ lessThanOrEqualTo: 3 }, { greaterThan: 11 }], /x = (?:5|10)$/],
      [{ type: 'number', exclusiveMinimum: 0 }, [{ greaterThan: 1 }], /x = (?:0\.5|1)$/],
      [{ type: 'string', minLength: 3 }, [{ greaterThanOrEqualTo: 'b' }], /x = "[^"]{3,}"/],
      [{ enum: ['a', 'b', null], type: ['string', 'null'] }, ['a', 'b'], /x = null/],
    ];
    for (const [schema, cells, gap] of gaps)
      assert.match((await gapOf(schema, cells)) ?? 'none', gap, JSON.stringify(schema));
  });

  it('refuses an input that its schema does not expect', async () => {
    const run = await world.run({ e: table('five', 'first', { next: 'other' }), ...ends });
    assert.equal(run.incident?.error.code, 'decision-table.input-invalid');
  });
});
