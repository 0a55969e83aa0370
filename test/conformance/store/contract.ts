// The contract of the data layer: every theme, on one back end. MongoDB's documentation says what is right.
import type { Backend } from '../../support/backend.js';
import { skip } from '../../support/skip.js';
import { Unavailable } from '../../support/unavailable.js';
import { queryArrays } from './query-arrays.js';
import { queryComparison } from './query-comparison.js';
import { queryElements } from './query-elements.js';
import { queryEquality } from './query-equality.js';
import { queryLogic } from './query-logic.js';

const themes = [queryEquality, queryComparison, queryLogic, queryElements, queryArrays];

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
    for (const describeTheme of themes) describeTheme(backend);
  });
}
