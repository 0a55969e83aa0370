// The twelve operators of assignments: what each makes of numbers, money, dates, texts and lists, and what it refuses.
import assert from 'node:assert/strict';
import type { Json } from '../../../../engine/index.js';
import { ElementWorld } from './element-world.js';

const eur = (amount: string) => ({ amount, currency: 'EUR' });

describe('assignment', () => {
  let world: ElementWorld;
  before(async () => {
    world = await ElementWorld.open();
  });
  after(() => world.close());

  const element = (operator: string, value: unknown) => ({
    type: 'assignment',
    assignments: [{ target: 'x', operator, value }],
  });
  const given = (start: Json) => ({ variables: { x: { schema: {}, default: start } } });
  const made = async (start: Json, operator: string, value: unknown): Promise<Json | undefined> =>
    (await world.run({ e: element(operator, value) }, given(start))).root.variables['x'];
  const fault = (start: Json, operator: string, value: unknown) =>
    world.fault(element(operator, value), given(start));

  it('adds and subtracts decimals exactly', async () => {
    assert.equal(await made(0.1, 'add', 0.2), 0.3);
    assert.equal(await made(0.3, 'subtract', 0.1), 0.2);
    assert.equal(await made(null, 'subtract', 0.1), -0.1);
    assert.equal(await fault(1e308, 'add', 1e308), 'expression.number-range');
  });

  it('adds and subtracts money of one currency', async () => {
    assert.deepEqual(await made(eur('0.10'), 'add', eur('0.20')), eur('0.30'));
    assert.deepEqual(await made(null, 'subtract', eur('0.20')), eur('-0.20'));
    const dollar = { amount: '1.00', currency: 'USD' };
    assert.equal(await fault(eur('1.00'), 'add', dollar), 'money.currency-mixed');
  });

  it('moves dates by whole days and points in time by days of 24 hours', async () => {
    assert.equal(await made('2026-01-31', 'add', 1), '2026-02-01');
    assert.equal(await made('2026-03-01', 'subtract', 1), '2026-02-28');
    assert.equal(await made('2026-01-31T10:00:00Z', 'add', 0.5), '2026-01-31T22:00:00Z');
    assert.equal(await fault('2026-01-31', 'add', 1.5), 'assignment.value-invalid');
    assert.equal(await fault('2026-01-31', 'add', 1e9), 'assignment.value-invalid');
    assert.equal(await fault('2026-01-31T10:00:00Z', 'add', 1e15), 'assignment.value-invalid');
  });

  it('appends text to text and items to lists', async () => {
    assert.equal(await made('a', 'add', 'b'), 'ab');
    assert.deepEqual(await made([1], 'add', [2, 3]), [1, 2, 3]);
    assert.deepEqual(await made([1], 'addItem', [2, 3]), [1, [2, 3]]);
    assert.deepEqual(await made([1], 'addAtStart', [2, 3]), [2, 3, 1]);
    assert.equal(await made(null, 'assignCount', [2, 3]), 2);
    assert.equal(await fault('5', 'add', 3), 'assignment.value-invalid');
    assert.equal(await fault('a', 'addItem', 'b'), 'assignment.value-invalid');
  });

  it('takes items out by their value, whatever the order of their fields', async () => {
    const list = [1, 2, 1, 3];
    assert.deepEqual(await made(list, 'removeAll', 1), [2, 3]);
    assert.deepEqual(await made(list, 'subtract', [1, 3]), [2]);
    assert.deepEqual(await made(list, 'removeFirst', 1), [2, 1, 3]);
    assert.deepEqual(await made(list, 'removeFirst', 9), list);
    assert.deepEqual(await made(list, 'removeUncommon', [3, 1, 7]), [1, 1, 3]);
    const objects = [{ a: 1, b: [2] }, { b: [2], a: 1 }, { a: 1 }, eur('1.00')];
    assert.deepEqual(await made(objects, 'removeAll', { a: 1, b: [2] }), [{ a: 1 }, eur('1.00')]);
    assert.deepEqual(await made(objects, 'removeUncommon', [eur('1')]), [eur('1.00')]);
  });

  it('cuts lists before and after an item, and takes one out by its position', async () => {
    const list = [1, 2, 1, 3];
    assert.deepEqual(await made(list, 'removeBeforeFirst', 2), [2, 1, 3]);
    assert.deepEqual(await made(list, 'removeBeforeFirst', 9), list);
    assert.deepEqual(await made(list, 'removeAfterFirst', 2), [1, 2]);
    assert.deepEqual(await made(list, 'removePosition', 2), [1, 1, 3]);
    for (const position of [0, 5, 1.5, '1']) {
      assert.equal(await fault(list, 'removePosition', position), 'assignment.value-invalid');
    }
  });

  it('compares two lists of ten thousand items in one pass', async () => {
    const list = Array.from({ length: 10_000 }, (_, index) => ({ index }));
    const run = await world.run(
      { e: element('removeUncommon', { var: 'other' }) },
      {
        variables: {
          x: { schema: { type: 'array' }, default: list },
          other: { schema: { type: 'array' }, default: list.toReversed() },
        },
      },
    );
    assert.equal((run.root.variables['x'] as Json[]).length, list.length);
  }).timeout(10_000);
});
