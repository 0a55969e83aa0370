// What the store finds is what matches in memory, of any records and by any filters, and in the same order by any field: a segment sees its own writes by the one
// and everybody else's by the other.
import assert from 'node:assert/strict';
import { Mongoose } from 'mongoose';
import type { RecordValue } from '../../../engine/index.js';
import { compareRecords, matchesQuery } from '../../../engine/runtime/record-query.js';
import { embeddedDriver } from '../../../store/embedded/index.js';
import { bindCollection } from '../../../store/record-binding.js';
import { SeededRandom } from '../../simulation/seeded-random.js';
import { orderType } from '../../support/engine-world.js';
import { randomFilter, randomRecord } from './random-filter.js';

const seeds = 60;
const recordsEach = 25;
const filtersEach = 60;

describe('filters of records', () => {
  const mongoose = new Mongoose();
  before(async () => {
    mongoose.setDriver(embeddedDriver);
    await mongoose.connect('embedded::memory:', { autoIndex: false, autoCreate: false });
  });
  after(() => mongoose.disconnect());

  it(`find in the store what they match in memory (${seeds * filtersEach} filters)`, async () => {
    let some = 0;
    for (let seed = 1; seed <= seeds; seed += 1) {
      const random = new SeededRandom(seed);
      const collection = mongoose.connection.collection(`records_${seed}`);
      const records: RecordValue[] = Array.from({ length: recordsEach }, (_, index) =>
        randomRecord(random, `r${String(index).padStart(2, '0')}`),
      );
      await collection.insertMany(
        records.map((value) => ({ _id: value.id as never, version: 1, value })) as never[],
      );
      const binding = bindCollection(orderType, collection);
      for (let count = 0; count < filtersEach; count += 1) {
        const where = [randomFilter(random)];
        const found = await binding.find({ type: 'order', where, limit: recordsEach });
        const matching = records.filter((record) => matchesQuery(record, where));
        const ids = found.map(({ value }) => value.id);
        const differing = records.filter(
          ({ id }) => ids.includes(id) !== matching.some((one) => one.id === id),
        );
        assert.deepEqual(
          ids,
          matching.map(({ id }) => id),
          `seed ${seed}: ${JSON.stringify({ where, differing })}`,
        );
        if (found.length > 0 && found.length < recordsEach) some += 1;
      }
      for (const field of ['a', 'b', 'c', 'd']) {
        for (const descending of [false, true]) {
          const sort = [{ field, descending }];
          const found = await binding.find({ type: 'order', where: [], sort, limit: recordsEach });
          const sorted = records.toSorted((left, right) => compareRecords(left, right, sort));
          assert.deepEqual(
            found.map(({ value }) => value),
            sorted,
            `seed ${seed}: ${JSON.stringify(sort)}`,
          );
        }
      }
    }
    // Filters that tell the records apart, and not only those that find all or none.
    assert.ok(some > (seeds * filtersEach) / 4, String(some));
  });
});
