// "Did you mean": the nearest name, also among many, and none if none is near.
import assert from 'node:assert/strict';
import { didYouMean } from '../../../../engine/expressions/index.js';

describe('did you mean', () => {
  it('finds the name with the fewest slips of the pen', () => {
    assert.equal(didYouMean('custmer', ['consumer', 'customer', 'custom']), 'customer');
    assert.equal(didYouMean('CUSTOMER', ['customs', 'customer']), 'customer');
    assert.equal(didYouMean('ordre', ['order', 'other']), 'order');
    assert.equal(didYouMean('xyz', ['order', 'customer']), undefined);
  });

  it('finds it among the names of a large flow', () => {
    const names = Array.from({ length: 2_000 }, (_, index) => `element${index}withAName`);
    assert.equal(didYouMean('refnd', [...names, 'refund']), 'refund');
    assert.equal(didYouMean('Europe/Berlyn', Intl.supportedValuesOf('timeZone')), 'Europe/Berlin');
  });
});
