// Rooms define their codes; the joined catalogue has each code once.
import assert from 'node:assert/strict';
import { assembleCatalogue, defineErrors } from '../../../../engine/errors/catalogue.js';
import { RecourseError } from '../../../../engine/errors/recourse-error.js';

const entry = { status: 409, title: 'Taken', who: 'caller', retryable: true, remedy: 'Wait.' } as const;

describe('the catalogue of errors', () => {
  it('makes errors that carry their entry, problems, data and cause', () => {
    const cause = new Error('inner');
    const problems = [{ pointer: '/a', code: 'seat.taken', detail: 'row 1' }];
    const error = defineErrors('seat', { taken: entry }).error('taken', 'by another', {
      problems,
      data: { row: 1 },
      cause,
    });
    assert.ok(error instanceof RecourseError);
    assert.equal(error.code, 'seat.taken');
    assert.equal(error.message, 'by another');
    assert.equal(error.status, 409);
    assert.equal(error.retryable, true);
    assert.deepEqual(error.problems, problems);
    assert.deepEqual(error.data, { row: 1 });
    assert.equal(error.cause, cause);
  });

  it('joins rooms and refuses one code twice', () => {
    const seat = defineErrors('seat', { taken: entry });
    const row = defineErrors('row', { full: entry });
    assert.deepEqual([...assembleCatalogue([seat, row]).keys()], ['seat.taken', 'row.full']);
    assert.throws(() => assembleCatalogue([seat, seat]), /seat\.taken/);
  });
});
