// Loads the sample orders into an empty store. A marker says how far it has come: after a crash in the middle the rest
// is inserted, and what is there is left alone, so that nothing is doubled and nobody's change is overwritten.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Northwind } from '../orders/sample/northwind-source.js';
import { type SampleRecords, sampleRecords } from '../orders/sample/sample-records.js';
import type { Models } from '../store/connect.js';
import { isDuplicate } from '../store/insert-once.js';
import { projectRoot } from './project-root.js';
import { readSetting, writeSetting } from './settings.js';

const marker = 'sample-data';
const batchSize = 500;

/** The sample records, from the file that they come in. */
export const readSampleRecords = (): SampleRecords =>
  sampleRecords(
    JSON.parse(
      readFileSync(join(projectRoot(), 'orders', 'sample', 'northwind', 'northwind.json'), 'utf8'),
    ) as Northwind,
  );

/** The number of orders that were loaded now; 0 if the store has them, or has other ones. */
export async function loadSampleData(models: Models): Promise<number> {
  const state = await readSetting(models, marker);
  if (state === 'loaded') return 0;
  if (state === undefined) {
    if ((await models.orders.exists({})) !== null) return 0;
    await writeSetting(models, marker, 'loading');
  }
  const records = readSampleRecords();
  for (const name of Object.keys(records) as (keyof SampleRecords)[]) {
    await insertMissing(models[name], records[name]);
  }
  await writeSetting(models, marker, 'loaded');
  return records.orders.length;
}

/**
 * Inserts sample records, or copies of them, that are not there yet; beside the models, which would take seconds to validate
 * them: that all of them are valid is a test.
 */
export async function insertMissing(
  { collection }: Pick<Models[keyof SampleRecords], 'collection'>,
  records: readonly object[],
): Promise<void> {
  const documents = records.map((record) => ({ ...record, version: 0 }));
  for (let from = 0; from < documents.length; from += batchSize) {
    try {
      // The driver's type wants an ObjectId for `_id`; ours are business keys.
      await collection.insertMany(documents.slice(from, from + batchSize) as never[], { ordered: false });
    } catch (error) {
      if (!isDuplicatesOnly(error)) throw error;
    }
  }
}

function isDuplicatesOnly(error: unknown): boolean {
  const { writeErrors } = error as { writeErrors?: unknown };
  return Array.isArray(writeErrors) && writeErrors.length > 0 && writeErrors.every(isDuplicate);
}
