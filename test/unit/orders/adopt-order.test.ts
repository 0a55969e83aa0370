// Tests that every sample order of the store can be adopted by the ledger: same totals, and nothing left when reversed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  adoptOrder,
  cancelItems,
  cancelOrder,
  defaultSettings,
  newDocuments,
  summarize,
} from '../../../orders/ledger/index.js';
import type { Northwind } from '../../../orders/sample/northwind-source.js';
import { sampleRecords } from '../../../orders/sample/sample-records.js';
import { projectRoot } from '../../../server/project-root.js';

const file = join(projectRoot(), 'orders', 'sample', 'northwind', 'northwind.json');
const { orders } = sampleRecords(JSON.parse(readFileSync(file, 'utf8')) as Northwind);

describe('the orders of the store', () => {
  it('are adopted with their totals to the minor unit', () => {
    for (const order of orders) {
      const { totals } = summarize(newDocuments(adoptOrder(order)));
      assert.equal(totals.grand.total, order.totals.grand, order._id);
      assert.equal(totals.grand.tax, order.totals.tax, order._id);
    }
  });

  it('come to nothing when they are cancelled in two steps', () => {
    for (const order of orders) {
      let summary = summarize(newDocuments(adoptOrder(order)));
      const [first] = summary.lines;
      const items = [{ line: first!.id, quantity: 1 }];
      summary = cancelItems(summary, { items }, defaultSettings).summary;
      assert.ok(summary.totals.grand.total <= order.totals.grand);
      if (summary.lines.every(({ quantities }) => quantities.ordered === quantities.cancelled)) continue;
      summary = cancelOrder(summary, {}, defaultSettings).summary;
      assert.deepEqual(summary.totals.grand, { net: 0n, tax: 0n, total: 0n }, order._id);
    }
  });
});
