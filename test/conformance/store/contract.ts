// The contract of the data layer: every theme, on one back end. MongoDB's documentation says what is right.
import assert from 'node:assert/strict';
import type { Backend } from '../../support/backend.js';
import { skip } from '../../support/skip.js';
import { Unavailable } from '../../support/unavailable.js';
import { aggregation } from './aggregation.js';
import { strayDeviations } from './deviations.js';
import { bsonTypes } from './bson-types.js';
import { bulk } from './bulk.js';
import { countDistinct } from './count-distinct.js';
import { cursors } from './cursors.js';
import { indexes } from './indexes.js';
import { inserts } from './inserts.js';
import { isolation } from './isolation.js';
import { models } from './models.js';
import { projection } from './projection.js';
import { queryArrays } from './query-arrays.js';
import { queryComparison } from './query-comparison.js';
import { queryElements } from './query-elements.js';
import { queryEquality } from './query-equality.js';
import { queryLogic } from './query-logic.js';
import { refusals } from './refusals.js';
import { replaceDelete } from './replace-delete.js';
import { transactions } from './transactions.js';
import { updateArrays } from './update-arrays.js';
import { updateFields } from './update-fields.js';
import { updatePositional } from './update-positional.js';
import { upserts } from './upserts.js';

const themes = [
  queryEquality,
  queryComparison,
  queryLogic,
  queryElements,
  queryArrays,
  projection,
  cursors,
  inserts,
  updateFields,
  updateArrays,
  updatePositional,
  upserts,
  replaceDelete,
  bulk,
  countDistinct,
  aggregation,
  indexes,
  bsonTypes,
  models,
  refusals,
  transactions,
  isolation,
];

const casesMin = 300;

export function storeContract(backend: Backend): void {
  describe(`store contract on ${backend.name}`, () => {
    before(async function () {
      this.timeout(360_000);
      await backend.start().catch((error: unknown) => {
        if (error instanceof Unavailable) skip(this, error.message);
        throw error;
      });
    });
    after(() => backend.stop());
    const ids = new Set<string>();
    for (const describeTheme of themes) describeTheme(backend, ids);
    it('has at least 300 cases, each with a title of its own', () => {
      assert.ok(ids.size >= casesMin, `${ids.size}`);
      assert.deepEqual(strayDeviations(backend.name, ids), []);
    });
  });
}
