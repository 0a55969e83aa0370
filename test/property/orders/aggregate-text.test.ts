// The text of an aggregate is read back as what it was made of: whole amounts, instants, and texts that look like either.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fromAggregateText, toAggregateText } from '../../../orders/aggregate/aggregate-text.js';
import type { OrderAggregate } from '../../../orders/aggregate/order-aggregate.js';

describe('an aggregate as text', () => {
  const odd = fc.constantFrom('~', '~~', '~n1', '~d2026-11-30T00:00:00.000Z', '~~n1', '');
  const value = fc.letrec((tie) => ({
    part: fc.oneof(
      { depthSize: 'small' },
      fc.string(),
      odd,
      fc.bigInt(),
      fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('part')),
      fc.dictionary(fc.oneof(fc.string(), odd, fc.constant('__proto__')), tie('part'), {
        noNullPrototype: true,
      }),
    ),
  })).part;

  it('is what it was', () => {
    fc.assert(
      fc.property(value, (given) => {
        const read = fromAggregateText(toAggregateText({ given } as unknown as OrderAggregate));
        assert.deepStrictEqual(read as unknown, { given });
      }),
      { numRuns: 500 },
    );
  });
});
