// Instants in records: however they are written and asked for, filters and sorting know them as points in time, of what is
// stored as well as of what a segment has just written.
import assert from 'node:assert/strict';
import { Mongoose } from 'mongoose';
import {
  type Json,
  type RecordFilter,
  type RecordsPort,
  type RecordType,
  type RecordValue,
  SchemaCompiler,
} from '../../../engine/index.js';
import { filtersWithInstants, withInstants } from '../../../engine/runtime/record-instants.js';
import { SegmentRecords } from '../../../engine/runtime/segment/segment-records.js';
import { embeddedDriver } from '../../../store/embedded/index.js';
import { bindCollection } from '../../../store/record-binding.js';
import { SeededRandom } from '../../simulation/seeded-random.js';

const instant = { type: 'string', format: 'date-time' };
const visitType: RecordType = {
  name: 'visit',
  title: 'Visit',
  schema: {
    type: 'object',
    properties: {
      id: { type: 'string' },
      at: instant,
      closed: { anyOf: [instant, { type: 'null' }] },
      room: { type: 'object', properties: { since: instant } },
      seen: { type: 'array', items: instant },
      named: { type: 'object', additionalProperties: instant },
      note: { type: 'string' },
    },
    required: ['at', 'closed', 'room', 'seen'],
  },
  permissions: { read: 'read', create: 'write', update: 'write', delete: 'write' },
};
const rights = { system: true, permissions: new Set<string>() };
const begin = Date.UTC(2025, 11, 31, 22);

/** A few points in time around a new year, each in many forms. */
function randomInstant(random: SeededRandom): string {
  const ms = begin + random.between(0, 8) * 1_800_000 + random.pick([0, 0, 1, 500]);
  const offset = random.pick([0, 60, -300, 330, 765]);
  const local = new Date(ms + offset * 60_000).toISOString().slice(0, -1);
  const sign = offset < 0 ? '-' : '+';
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const two = (n: number): string => String(n).padStart(2, '0');
  const zone = offset === 0 ? random.pick(['Z', 'z', '+00:00']) : `${sign}${two(hours)}:${two(minutes)}`;
  return (ms % 1_000 === 0 && random.chance(0.5) ? local.slice(0, -4) : local) + zone;
}

const fields = ['at', 'closed', 'room.since'] as const;
const orders = {
  greaterThan: (left: number, right: number) => left > right,
  greaterThanOrEqualTo: (left: number, right: number) => left >= right,
  lessThan: (left: number, right: number) => left < right,
  lessThanOrEqualTo: (left: number, right: number) => left <= right,
  equalTo: (left: number, right: number) => left === right,
  notEqualTo: (left: number, right: number) => left !== right,
} as const;

/** A filter, and what it means of points in time. */
interface Asked {
  readonly filter: RecordFilter;
  readonly holds: (record: RecordValue) => boolean;
}

const timeOf = (record: RecordValue, path: string): number | undefined => {
  const value = path
    .split('.')
    .reduce<unknown>((part, name) => (part as Record<string, unknown>)[name], record);
  return typeof value === 'string' ? Date.parse(value.toUpperCase()) : undefined;
};

function randomAsked(random: SeededRandom, depth = 2): Asked {
  const kind = depth === 0 ? 1 : random.next();
  if (kind < 0.4) {
    const parts = [randomAsked(random, depth - 1), randomAsked(random, depth - 1)];
    const filters = parts.map(({ filter }) => filter);
    return kind < 0.2
      ? { filter: { all: filters }, holds: (record) => parts.every(({ holds }) => holds(record)) }
      : { filter: { any: filters }, holds: (record) => parts.some(({ holds }) => holds(record)) };
  }
  if (kind < 0.5) {
    const { filter, holds } = randomAsked(random, depth - 1);
    return { filter: { not: filter }, holds: (record) => !holds(record) };
  }
  const field = random.pick(fields);
  const value = randomInstant(random);
  const wanted = Date.parse(value.toUpperCase());
  const which = random.next();
  if (which < 0.15) {
    const values = [value, randomInstant(random)];
    const times = values.map((each) => Date.parse(each.toUpperCase()));
    return {
      filter: { field, operator: 'in', value: values },
      holds: (record) => times.includes(timeOf(record, field) ?? Number.NaN),
    };
  }
  if (which < 0.25) {
    return {
      filter: { field: 'seen', operator: 'contains', value },
      holds: ({ seen }) => (seen as string[]).some((each) => Date.parse(each.toUpperCase()) === wanted),
    };
  }
  const operator = random.pick(Object.keys(orders) as (keyof typeof orders)[]);
  return {
    filter: { field, operator, value },
    holds: (record) => {
      const own = timeOf(record, field);
      return own === undefined ? operator === 'notEqualTo' : orders[operator](own, wanted);
    },
  };
}

const randomVisit = (random: SeededRandom, id: string) => ({
  id,
  at: randomInstant(random),
  closed: random.chance(0.3) ? null : randomInstant(random),
  room: { since: randomInstant(random) },
  seen: Array.from({ length: random.between(0, 2) }, () => randomInstant(random)),
});

describe('instants in records', () => {
  const mongoose = new Mongoose();
  const schemas = new SchemaCompiler();
  before(async () => {
    mongoose.setDriver(embeddedDriver);
    await mongoose.connect('embedded::memory:', { autoIndex: false, autoCreate: false });
  });
  after(() => mongoose.disconnect());

  const portOn = (name: string): RecordsPort & { save(records: SegmentRecords): Promise<void> } => {
    const binding = bindCollection(visitType, mongoose.connection.collection(name));
    return {
      types: new Map([['visit', visitType]]),
      read: (_type, id) => binding.read(id),
      find: (query) => binding.find(query),
      async save(records) {
        await mongoose.connection.transaction((session) => binding.write(records.writes('unit'), session));
      },
    };
  };

  it('are left alone in fields that are declared as something else', () => {
    const text = { type: 'string' };
    const type = (schema: object): RecordType => ({ ...visitType, schema: { type: 'object', ...schema } });
    const record = { id: 'a', note: '2026-01-01T01:00:00+01:00', at: '2026-01-01T01:00:00+01:00' };
    const kept = { ...record, at: '2026-01-01T00:00:00.000Z' };
    for (const schema of [
      { properties: { id: text, note: text }, additionalProperties: instant },
      { properties: { id: text, note: text }, anyOf: [{ required: ['at'] }], additionalProperties: instant },
      { allOf: [{ properties: { id: text, note: text }, additionalProperties: instant }] },
    ]) {
      assert.deepEqual(withInstants(type(schema), record), kept);
      const filter = { field: 'note', operator: 'equalTo', value: record.note } as const;
      assert.deepEqual(filtersWithInstants(type(schema), [filter]), [filter]);
    }
  });

  it('are compared as points in time, stored or not, in whatever form they come (1,200 filters)', async () => {
    let some = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = new SeededRandom(seed);
      const port = portOn(`visits_${seed}`);
      const written = Array.from({ length: 25 }, (_, n) => randomVisit(random, `v${10 + n}`));
      const own = new SegmentRecords(port, schemas);
      for (const visit of written) await own.session('k', rights).create('visit', visit);
      const asked = Array.from({ length: 60 }, () => randomAsked(random));
      const find = async (records: SegmentRecords, { filter }: Asked) =>
        (await records.session('k', rights).find({ type: 'visit', where: [filter], limit: 100 })).map(
          ({ id }) => id,
        );
      const inMemory = await Promise.all(asked.map((each) => find(own, each)));
      await port.save(own);
      const stored = new SegmentRecords(port, schemas);
      for (const [index, each] of asked.entries()) {
        const expected = written.filter(each.holds).map(({ id }) => id);
        const what = `seed ${seed}: ${JSON.stringify(each.filter)}`;
        assert.deepEqual(inMemory[index], expected, `in memory, ${what}`);
        assert.deepEqual(await find(stored, each), expected, `in the store, ${what}`);
        if (expected.length > 0 && expected.length < written.length) some += 1;
      }
    }
    assert.ok(some > 400, String(some));
  });

  it('are sorted as points in time', async () => {
    const random = new SeededRandom(7);
    const port = portOn('visits_sorted');
    const records = new SegmentRecords(port, schemas);
    for (let n = 0; n < 30; n += 1) {
      await records.session('k', rights).create('visit', randomVisit(random, `v${10 + n}`));
    }
    const sorted = async (from: SegmentRecords) =>
      (
        await from
          .session('k', rights)
          .find({ type: 'visit', where: [], sort: [{ field: 'at' }], limit: 100 })
      ).map(({ at }) => Date.parse(String(at)));
    const own = await sorted(records);
    assert.deepEqual(
      own,
      own.toSorted((left, right) => left - right),
    );
    await port.save(records);
    assert.deepEqual(await sorted(new SegmentRecords(port, schemas)), own);
  });

  it('are kept in UTC with milliseconds, wherever the schema has them, and nothing else is touched', async () => {
    const records = new SegmentRecords(portOn('visits_kept'), schemas);
    const session = records.session('k', rights);
    const text = '2026-01-01T01:00:00+01:00';
    const created = await session.create('visit', {
      id: 'v1',
      at: text,
      closed: text,
      room: { since: text },
      seen: [text],
      named: { arrived: text },
      note: text,
    });
    const kept = '2026-01-01T00:00:00.000Z';
    const expected: Record<string, Json> = {
      id: 'v1',
      at: kept,
      closed: kept,
      room: { since: kept },
      seen: [kept],
      named: { arrived: kept },
      note: text,
    };
    assert.deepEqual(created, expected);
    for (const at of ['2026-01-01T00:00:00.0009Z', '2026-01-01t00:00:00.0009999999999999z']) {
      assert.deepEqual(await session.update('visit', 'v1', { closed: null, at }), {
        ...expected,
        closed: null,
      });
    }
  });

  it('that are none are refused, and text that is none is compared as text', async () => {
    const records = new SegmentRecords(portOn('visits_wrong'), schemas);
    const session = records.session('k', rights);
    const visit = { id: 'v1', at: '2026-01-01T00:00:00Z', closed: null, room: {}, seen: [] };
    for (const at of ['2026-01-01', 'soon', '2026-02-30T00:00:00Z', '9999-12-31T23:59:59-01:00']) {
      await assert.rejects(session.create('visit', { ...visit, at }), { code: 'records.invalid' }, at);
    }
    await session.create('visit', visit);
    const found = async (operator: 'greaterThan' | 'startsWith', value: string) =>
      (await session.find({ type: 'visit', where: [{ field: 'at', operator, value }], limit: 5 })).length;
    assert.equal(await found('greaterThan', '2025-12-31'), 1);
    assert.equal(await found('startsWith', '2026-01'), 1);
    assert.equal(await found('startsWith', '2026-02'), 0);
  });
});
