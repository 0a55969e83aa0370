// Writes the sample records as JSON, one file a collection, to look at them without a server:
// `npm run sample-data -- <directory>`. The server doesn't read these files: it maps Northwind itself when it loads.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Northwind } from '../orders/sample/northwind-source.js';
import { sampleRecords } from '../orders/sample/sample-records.js';

const [, , directory] = process.argv;
if (directory === undefined) {
  console.error('usage: npm run sample-data -- <directory>');
  process.exit(2);
}
const source = await readFile(join('orders', 'sample', 'northwind', 'northwind.json'), 'utf8');
const records = sampleRecords(JSON.parse(source) as Northwind);
await mkdir(directory, { recursive: true });
for (const [name, rows] of Object.entries(records)) {
  const text = JSON.stringify(
    rows,
    (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value),
    2,
  );
  await writeFile(join(directory, `${name}.json`), `${text}\n`);
  console.log(`${name}: ${(rows as readonly unknown[]).length}`);
}
