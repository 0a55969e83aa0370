// Sort, filter and transform: their results, null and blanks, exact sums, and what they refuse.
import assert from 'node:assert/strict';
import { ElementWorld } from './element-world.js';

const eur = (amount: string) => ({ amount, currency: 'EUR' });
const item = { variables: { x: { schema: {} }, y: { schema: {} } } } as const;

describe('elements over lists', () => {
  let world: ElementWorld;
  before(async () => {
    world = await ElementWorld.open();
  });
  after(() => world.close());

  describe('sort', () => {
    const sorted = (collection: unknown, by: unknown, more = {}) =>
      world.output({ type: 'sort', collection, by, ...more });

    it('orders by several fields, keeping equals as they were', async () => {
      const list = [
        { a: 1, b: 'x', n: 1 },
        { a: 2, b: 'y', n: 2 },
        { a: 1, b: 'w', n: 3 },
        { a: 2, b: 'y', n: 4 },
      ];
      const result = (await sorted(list, [{ field: 'a', descending: true }, { field: 'b' }])) as {
        n: number;
      }[];
      assert.deepEqual(
        result.map(({ n }) => n),
        [2, 4, 3, 1],
      );
    });

    it('orders numbers by size, texts by characters, money exactly, instants as moments', async () => {
      assert.deepEqual(await sorted([10, 9, 1], [{}]), [1, 9, 10]);
      assert.deepEqual(await sorted(['b', '10', '9'], [{}]), ['10', '9', 'b']);
      const amounts = [eur('90071992547409.93'), eur('90071992547409.92'), eur('-1.00')];
      assert.deepEqual(await sorted(amounts, [{}]), amounts.toReversed());
      const times = ['2026-11-22T10:00:00Z', '2026-11-22T10:30:00+02:00'];
      assert.deepEqual(await sorted(times, [{}]), times.toReversed());
    });

    it('keeps moments apart that are less than a millisecond apart', async () => {
      const times = ['2026-11-22T10:00:00.0001Z', '2026-11-22T10:00:00.0002Z'];
      assert.deepEqual(await sorted(times.toReversed(), [{}]), times);
    });

    it('takes what only looks like money or a moment as it is', async () => {
      const odd = { amount: '3 kg', currency: 'EUR' };
      const unknown = { amount: '1.5', currency: 'BTC' };
      assert.deepEqual(await sorted([odd, eur('2.00'), { ...odd }, eur('1.00'), unknown], [{}]), [
        eur('1.00'),
        eur('2.00'),
        odd,
        odd,
        unknown,
      ]);
      const texts = ['2026-02-30T10:00:00Z', '2026-02-28T10:00:00Z'];
      assert.deepEqual(await sorted(texts, [{}]), texts.toReversed());
    });

    it('finds items of lists by their index, and nothing else of them', async () => {
      const list = [{ tags: ['b', 'x'] }, { tags: ['a', 'x', 'y'] }, { tags: ['c'] }];
      const collection = { preserve: list };
      assert.deepEqual(await sorted(collection, [{ field: 'tags.length' }]), list);
      assert.deepEqual(await sorted(collection, [{ field: 'tags.0' }]), [list[1], list[0], list[2]]);
    });

    it('puts blanks last, or first if that is said, in either direction', async () => {
      assert.deepEqual(await sorted([2, null, 1, ''], [{}]), [1, 2, null, '']);
      assert.deepEqual(await sorted([2, null, 1], [{ descending: true }]), [2, 1, null]);
      assert.deepEqual(await sorted([2, null, 1], [{ blanksFirst: true }]), [null, 1, 2]);
    });

    it('gives only the first so many, and nothing of null', async () => {
      assert.deepEqual(await sorted([3, 1, 2], [{}], { limit: 2 }), [1, 2]);
      assert.deepEqual(await sorted(null, [{}]), []);
    });

    it('refuses what is no list', async () => {
      assert.equal(await world.fault({ type: 'sort', collection: 'abc', by: [{}] }), 'collection.invalid');
    });
  });

  describe('filter', () => {
    it('keeps items for which a rule or a list of conditions holds', async () => {
      const filter = { type: 'filter', collection: [1, 5, 3], item: 'x' };
      assert.deepEqual(await world.output({ ...filter, when: { '>': [{ var: 'x' }, 2] } }, item), [5, 3]);
      const conditions = [{ left: { var: 'x' }, operator: 'lessThan', right: 4 }];
      assert.deepEqual(await world.output({ ...filter, when: { conditions } }, item), [1, 3]);
    });

    it('leaves the variable of the item as it was', async () => {
      const run = await world.run(
        { e: { type: 'filter', collection: [1, 2], item: 'x', when: true } },
        { variables: { x: { schema: { type: 'number' }, default: 7 } } },
      );
      assert.equal(run.root.variables['x'], 7);
    });
  });

  describe('transform', () => {
    const transform = (more: object) => world.output({ type: 'transform', ...more }, item);

    it('maps to values and to objects', async () => {
      const collection = [
        { a: 1, b: 0 },
        { a: 2, b: 0 },
      ];
      const map = { operation: 'map', collection, item: 'x' };
      assert.deepEqual(await transform({ ...map, value: { var: 'x.a' } }), [1, 2]);
      assert.deepEqual(await transform({ ...map, fields: { b: { '*': [{ var: 'x.a' }, 2] } } }), [
        { b: 2 },
        { b: 4 },
      ]);
      assert.deepEqual(
        await transform({ ...map, value: { var: 'x.a' }, when: { '>': [{ var: 'x.a' }, 1] } }),
        [2],
      );
    });

    it('maps to null where the rule gives null, and not to the item', async () => {
      const map = { operation: 'map', collection: { var: 'list' }, item: 'x', value: { var: 'x.a' } };
      const list = { schema: { type: 'array' }, default: [{ a: null }, { a: 1 }] };
      const more = { variables: { ...item.variables, list } };
      assert.deepEqual(await world.output({ type: 'transform', ...map }, more), [null, 1]);
      assert.equal(await world.output({ type: 'transform', ...map, operation: 'sum' }, more), 1);
    });

    it('adds up decimals and money exactly, leaving null out', async () => {
      const sum = { operation: 'sum', item: 'x', value: { var: 'x' } };
      assert.equal(await transform({ ...sum, collection: [0.1, 0.2, null] }), 0.3);
      assert.deepEqual(await transform({ ...sum, collection: [eur('0.10'), eur('0.20')] }), eur('0.30'));
      assert.equal(await transform({ ...sum, collection: [] }), 0);
    });

    it('refuses to add up what is no amount, or two currencies', async () => {
      const sum = { type: 'transform', operation: 'sum', item: 'x', value: { var: 'x' } };
      assert.equal(await world.fault({ ...sum, collection: [1, 'a'] }, item), 'collection.invalid');
      const mixed = [eur('1.00'), { amount: '1.00', currency: 'USD' }];
      assert.equal(await world.fault({ ...sum, collection: mixed }, item), 'money.currency-mixed');
    });

    it('counts', async () => {
      assert.equal(await transform({ operation: 'count', collection: [1, 2, 3] }), 3);
      const when = { '>': [{ var: 'x' }, 1] };
      assert.equal(await transform({ operation: 'count', collection: [1, 2, 3], item: 'x', when }), 2);
    });

    it('looks at 20,000 pairs at most, kept or not', async () => {
      const list = (count: number) => ({ preserve: Array.from({ length: count }, () => ({ k: 1 })) });
      const join = (left: number, right: number, more = {}) => ({
        type: 'transform',
        operation: 'join',
        collection: list(left),
        item: 'x',
        with: { collection: list(right), item: 'y', on: { left: 'k', right: 'k' } },
        ...more,
      });
      const fault = (element: object) => world.fault(element, item);
      assert.equal(await fault(join(201, 100, { when: false })), 'collection.too-large');
      assert.equal(await fault(join(201, 100, { value: 1 })), 'collection.too-large');
      assert.equal(await fault(join(200, 100, { when: false })), undefined);
    });

    it('joins by equal keys, of which null is none', async () => {
      const left = [
        { k: 1, a: 'l' },
        { k: null, a: 'm' },
        { k: 2, a: 'n' },
      ];
      const right = [
        { k: 1, b: 'x' },
        { k: 1, b: 'y' },
        { k: null, b: 'z' },
      ];
      const join = {
        operation: 'join',
        collection: left,
        item: 'x',
        with: { collection: right, item: 'y', on: { left: 'k', right: 'k' } },
      };
      assert.deepEqual(await transform(join), [
        { k: 1, a: 'l', b: 'x' },
        { k: 1, a: 'l', b: 'y' },
      ]);
      const fields = { both: { cat: [{ var: 'x.a' }, { var: 'y.b' }] } };
      assert.deepEqual(await transform({ ...join, fields }), [{ both: 'lx' }, { both: 'ly' }]);
    });
  });
});
