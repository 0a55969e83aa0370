// The order list and the order: filters, pages that don't shift, exact amounts, and an index for every query.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { orderStatuses } from '../../orders/records/order.js';
import type { Position } from '../../store/newest-first.js';
import { type OrderFilters, orderListQuery } from '../../store/order-list.js';
import { assertProblem } from './problem.js';
import { openSampleApp, type SampleApp } from './sample-app.js';

interface Row {
  readonly number: string;
  readonly status: string;
  readonly placedAt: string;
  readonly customer: { readonly number: string; readonly email: string };
  readonly total: { readonly amount: string; readonly currency: string };
  readonly skus: readonly string[];
}
interface Page {
  readonly items: readonly Row[];
  readonly next: string | null;
}

describe('orders over HTTP', () => {
  let app: SampleApp;
  let authorization: string;
  before(async () => {
    app = await openSampleApp();
    authorization = await app.signIn('agent');
  });
  after(() => app.close());

  const get = (path: string) => app.request().get(path).set('authorization', authorization);
  const query = (parameters: Record<string, string | number>) =>
    new URLSearchParams(
      Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)]),
    ).toString();
  const page = async (parameters: Record<string, string | number>): Promise<Page> =>
    (await get(`/api/v1/orders?${query(parameters)}`).expect(200)).body as Page;
  async function all(parameters: Record<string, string | number>): Promise<Row[]> {
    const rows: Row[] = [];
    let next: string | null | undefined;
    while (next !== null) {
      const got: Page = await page({
        limit: 100,
        ...parameters,
        ...(next === undefined ? {} : { cursor: next }),
      });
      rows.push(...got.items);
      next = got.next;
    }
    return rows;
  }

  const inListOrder = (rows: readonly Row[]): Row[] =>
    [...rows].sort((a, b) =>
      a.placedAt === b.placedAt ? (a.number < b.number ? 1 : -1) : a.placedAt < b.placedAt ? 1 : -1,
    );

  it('lists all 830, newest first, each once', async () => {
    const rows = await all({});
    assert.equal(rows.length, 830);
    assert.equal(new Set(rows.map(({ number }) => number)).size, 830);
    assert.deepEqual(rows, inListOrder(rows));
    assert.equal((await page({})).items.length, 25);
  });

  it('filters by each field as a filter over all rows does', async () => {
    const everything = await all({});
    const cases: [Record<string, string>, (row: Row) => boolean][] = [
      ...orderStatuses.map((status): [Record<string, string>, (row: Row) => boolean] => [
        { status },
        (row) => row.status === status,
      ]),
      [{ customer: 'ALFKI' }, (row) => row.customer.number === 'ALFKI'],
      [{ email: 'Maria.Anders@ALFKI.example' }, (row) => row.customer.number === 'ALFKI'],
      [{ number: '1025' }, (row) => row.number.startsWith('1025')],
      [{ number: '10250' }, (row) => row.number === '10250'],
      [{ sku: 'NW-011' }, (row) => row.skus.includes('NW-011')],
      [{ placedFrom: '2026-05-06' }, (row) => row.placedAt >= '2026-05-06'],
      [{ placedTo: '2024-07-10T00:00:00Z' }, (row) => row.placedAt < '2024-07-10'],
      [
        { placedFrom: '2025-01-01', placedTo: '2025-02-01', status: 'Fulfilled', sku: 'NW-011' },
        (row) =>
          row.placedAt >= '2025-01-01' &&
          row.placedAt < '2025-02-01' &&
          row.status === 'Fulfilled' &&
          row.skus.includes('NW-011'),
      ],
    ];
    for (const [parameters, keeps] of cases) {
      const expected = everything.filter(keeps);
      assert.ok(expected.length > 0, `${JSON.stringify(parameters)} has something to find`);
      assert.deepEqual(await all(parameters), expected, JSON.stringify(parameters));
    }
    assert.deepEqual(await all({ customer: 'alfki' }), []);
  });

  it('answers every combination of filters as a filter over all 830 rows does', async () => {
    const everything = await all({});
    const pick = <Value extends string>(values: readonly Value[]) =>
      // Mostly absent, or hardly any combination would find something.
      fc.oneof(
        { weight: 3, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.constantFrom(...values) },
      );
    const days = [
      '2024-07-04',
      '2025-01-01',
      '2025-06-01T12:00:00Z',
      '2026-03-01T00:00:00+02:00',
      '2026-05-06',
    ];
    const combination = fc.record({
      status: pick(orderStatuses),
      customer: pick(['ALFKI', 'SAVEA', 'ERNSH', 'QUICK', 'NOBODY']),
      email: pick(everything.slice(0, 6).map(({ customer }) => customer.email.toUpperCase())),
      number: pick(['1', '10', '102', '1025', '10250', '11077', '2', '11077x']),
      sku: pick(['NW-011', 'NW-002', 'NW-072', 'NW-999']),
      placedFrom: pick(days),
      placedTo: pick(days),
      limit: fc.constantFrom('1', '7', '100'),
    });
    const keeps = (row: Row, given: Record<string, string | undefined>): boolean =>
      (given['status'] === undefined || row.status === given['status']) &&
      (given['customer'] === undefined || row.customer.number === given['customer']) &&
      (given['email'] === undefined || row.customer.email === given['email'].toLowerCase()) &&
      (given['number'] === undefined || row.number.startsWith(given['number'])) &&
      (given['sku'] === undefined || row.skus.includes(given['sku'])) &&
      (given['placedFrom'] === undefined || Date.parse(row.placedAt) >= Date.parse(given['placedFrom'])) &&
      (given['placedTo'] === undefined || Date.parse(row.placedAt) < Date.parse(given['placedTo']));
    let found = 0;
    await fc.assert(
      fc.asyncProperty(combination, async ({ limit, ...filters }) => {
        const { placedFrom, placedTo } = filters;
        fc.pre(
          placedFrom === undefined || placedTo === undefined || Date.parse(placedFrom) < Date.parse(placedTo),
        );
        const given = Object.fromEntries(
          Object.entries(filters).filter((entry): entry is [string, string] => entry[1] !== undefined),
        );
        const expected = everything.filter((row) => keeps(row, given));
        found += expected.length;
        // Small pages only where there are few of them.
        const size = expected.length > 60 ? '100' : limit;
        assert.deepEqual(await all({ ...given, limit: size }), expected);
      }),
      { numRuns: 200 },
    );
    assert.ok(found > 1000, `${found} rows found`);
  });

  it('refuses an operator, a list and a NUL in every parameter', async () => {
    const names = [
      'status',
      'customer',
      'email',
      'number',
      'sku',
      'placedFrom',
      'placedTo',
      'limit',
      'cursor',
    ];
    for (const name of names) {
      for (const tail of [
        '[$ne]=1',
        '[$gt]=',
        '[]=1',
        '=1&NAME=2',
        '=%00',
        '={"$ne":1}',
        '[__proto__]=1',
        '.$ne=1',
      ]) {
        const parameters = `${name}${tail.replace('NAME', name)}`;
        assertProblem(await get(`/api/v1/orders?${parameters}`), 400, 'server.invalid-request');
      }
    }
  });

  it('pages any filter with any page size without a gap or a repetition', async () => {
    const everything = await all({});
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom<Record<string, string>>(
          { status: 'Being Processed' },
          { customer: 'SAVEA' },
          { number: '109' },
        ),
        async (limit, filter) => {
          const whole = await all(filter);
          const known = new Set(whole.map(({ number }) => number));
          const paged = await all({ ...filter, limit });
          assert.deepEqual(
            paged,
            everything.filter(({ number }) => known.has(number)),
          );
        },
      ),
      { numRuns: 20 },
    );
  });

  it('does not shift when orders come in between two pages', async () => {
    const { orders } = app.database.models;
    const before = await all({ customer: 'ERNSH' });
    const first = await page({ customer: 'ERNSH', limit: 10 });
    const template = await orders.findById(first.items[3]!.number).lean();
    assert.ok(template);
    const added = ['newer-1', 'same-1', 'older-1'].map((number, index) => ({
      ...template,
      _id: number,
      placedAt: new Date(template.placedAt.getTime() + [3_600_000_000, 0, -1][index]!),
    }));
    await orders.collection.insertMany(added as never[]);
    try {
      const rest = await all({ customer: 'ERNSH', limit: 10, cursor: first.next! });
      const seen = [...first.items, ...rest];
      assert.deepEqual(
        seen.map(({ number }) => number),
        before.map(({ number }) => number),
      );
      assert.equal((await all({ customer: 'ERNSH' })).length, before.length + 3);
    } finally {
      for (const { _id } of added) await orders.deleteOne({ _id });
    }
  });

  it('refuses a cursor that is forged, cut, or of another list', async () => {
    const { next } = await page({ status: 'Fulfilled', limit: 1 });
    assert.ok(next);
    const flipped = `${next.slice(0, -1)}${next.endsWith('A') ? 'B' : 'A'}`;
    const bad = [
      [{ status: 'New', cursor: next }],
      [{ cursor: next }],
      [{ status: 'Fulfilled', cursor: flipped.replace(/^./, 'X') }],
      [{ status: 'Fulfilled', cursor: next.slice(3) }],
      [{ status: 'Fulfilled', cursor: 'WzAsIiJd.AAAAAAAAAAAAAAAAAAAAAA' }],
    ] as const;
    for (const [parameters] of bad) {
      const { problems = [] } = assertProblem(
        await get(`/api/v1/orders?${query(parameters)}`),
        400,
        'server.invalid-request',
      );
      assert.deepEqual([problems[0]?.parameter, problems[0]?.code], ['cursor', 'server.invalid-cursor']);
    }
  });

  it('refuses unknown, repeated and wrong parameters, all at once, and says what it expects', async () => {
    const parameters =
      'status=Gone&status[$ne]=x&limit=101&placedFrom=2026-13-01&email=a&sku=a&sku=b&number=%24ne&foo=1&__proto__=1';
    const { problems = [] } = assertProblem(
      await get(`/api/v1/orders?${parameters}`),
      400,
      'server.invalid-request',
    );
    assert.deepEqual(
      new Set(problems.map(({ parameter, code }) => `${parameter} ${code}`)),
      new Set([
        'status server.invalid-parameter',
        'status[$ne] server.unknown-parameter',
        'limit server.invalid-parameter',
        'placedFrom server.invalid-parameter',
        'email server.invalid-parameter',
        'sku server.invalid-parameter',
        'number server.invalid-parameter',
        'foo server.unknown-parameter',
        '__proto__ server.unknown-parameter',
      ]),
    );
    for (const { expected } of problems) assert.ok(expected);
    for (const limit of ['0', '-1', '1.5', '1e1', '0x10', ' 5', '', 'all']) {
      assertProblem(await get(`/api/v1/orders?${query({ limit })}`), 400, 'server.invalid-request');
    }
    // What the format date-time lets pass and Date doesn't read, or reads by its own lights.
    const dates = ['T23:59:60Z', 'T12:00:00+05', 'T12:00:00+0500', ' 12:00:00Z', 't12:00:00z', 'T12:00:00'];
    for (const time of dates) {
      assertProblem(
        await get(`/api/v1/orders?${query({ placedFrom: `2026-06-30${time}` })}`),
        400,
        'server.invalid-request',
      );
    }
    assertProblem(
      await get(`/api/v1/orders?${query({ placedFrom: '2026-05-02', placedTo: '2026-05-01' })}`),
      400,
      'server.invalid-request',
    );
  });

  it('answers every kind of list from an index, without reading what it skips', async () => {
    const after: Position = { at: new Date('2025-05-06T12:00:00Z'), id: '10600' };
    const filters: OrderFilters[] = [
      {},
      { status: 'Being Processed' },
      { customerNumber: 'ALFKI' },
      { email: 'maria.anders@alfki.example' },
      { sku: 'NW-011' },
      { numberPrefix: '1025' },
      { placedFrom: new Date('2025-05-01') },
      { placedTo: new Date('2025-05-01') },
      { status: 'Fulfilled', sku: 'NW-011', placedFrom: new Date('2025-05-01') },
    ];
    for (const filter of filters) {
      for (const position of [{}, { after }]) {
        const plan: unknown = await orderListQuery(app.database.models, filter, {
          ...position,
          limit: 26,
        }).explain();
        const text = JSON.stringify(plan);
        assert.match(text, /IXSCAN|IDHACK/, JSON.stringify(filter));
        assert.doesNotMatch(text, /COLLSCAN/, JSON.stringify(filter));
      }
    }
    const first = (await orderListQuery(app.database.models, {}, { after, limit: 26 }).explain()) as {
      executionStats?: { totalDocsExamined?: number };
    };
    assert.equal(first.executionStats?.totalDocsExamined, 26);
  });

  it('shows the whole order, and its parts add up', async () => {
    const response = await get('/api/v1/orders/10250').expect(200);
    const order = response.body as Record<string, unknown>;
    assert.equal(response.headers['etag'], '"0"');
    assert.equal(order['number'], '10250');
    for (const name of ['changeOrders', 'returnOrders', 'creditMemos', 'invoices', 'charges', 'history']) {
      assert.ok(Array.isArray(order[name]), name);
    }
    assert.equal(order['ledger'], undefined);
    const { lines, deliveryGroups, totals } = response.body as {
      lines: { total: { amount: string } }[];
      deliveryGroups: { total: { amount: string } }[];
      totals: { grand: { total: unknown } };
    };
    const cents = [...lines, ...deliveryGroups].reduce(
      (sum, { total }) => sum + BigInt(total.amount.replace('.', '')),
      0n,
    );
    assert.deepEqual(totals.grand.total, {
      amount: `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`,
      currency: 'USD',
    });
  });

  it('answers 404 for an order that is not there, whatever the number looks like', async () => {
    for (const number of [
      '99999',
      '%24ne',
      '%7B%22%24gt%22%3A%22%22%7D',
      '..%2f..',
      'a'.repeat(2000),
      '%00',
    ]) {
      assertProblem(await get(`/api/v1/orders/${number}`), 404, 'orders.unknown-order');
    }
    assertProblem(await get('/api/v1/orders/10250?fields=x'), 400, 'server.invalid-request');
    assertProblem(await get('/api/v1/orders/%zz'), 400, 'server.malformed-request');
  });
});
