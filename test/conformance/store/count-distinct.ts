// countDocuments, estimatedDocumentCount and distinct.
import assert from 'node:assert/strict';
import { Decimal128, Double, Long } from 'mongodb';
import { type Case, theme } from './theme.js';

async function values(at: Case, field: string, expected: unknown[], filter = {}): Promise<void> {
  const found = await at.collection.distinct(field, filter);
  const order = (list: unknown[]): string[] => list.map((value) => JSON.stringify(value)).sort();
  assert.deepEqual(order(found), order(expected));
}

export const countDistinct = theme('count and distinct', (it) => {
  it('countDocuments counts everything', async (at) => {
    await at.given({ _id: 1 }, { _id: 2 });
    assert.equal(await at.collection.countDocuments(), 2);
  });

  it('countDocuments counts what matches', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 2 }, { _id: 3, a: 3 });
    assert.equal(await at.collection.countDocuments({ a: { $gt: 1 } }), 2);
  });

  it('countDocuments with skip and limit', async (at) => {
    await at.given({ _id: 1 }, { _id: 2 }, { _id: 3 });
    assert.equal(await at.collection.countDocuments({}, { skip: 1 }), 2);
    assert.equal(await at.collection.countDocuments({}, { limit: 1 }), 1);
  });

  it('countDocuments of an empty collection is zero', async (at) => {
    assert.equal(await at.collection.countDocuments({ a: 1 }), 0);
  });

  it('estimatedDocumentCount knows the size', async (at) => {
    await at.given({ _id: 1 }, { _id: 2 });
    assert.equal(await at.collection.estimatedDocumentCount(), 2);
  });

  it('distinct answers each value once', async (at) => {
    await at.given({ _id: 1, a: 'x' }, { _id: 2, a: 'y' }, { _id: 3, a: 'x' });
    await values(at, 'a', ['x', 'y']);
  });

  it('distinct takes a filter', async (at) => {
    await at.given({ _id: 1, a: 'x', b: 1 }, { _id: 2, a: 'y', b: 2 });
    await values(at, 'a', ['y'], { b: 2 });
  });

  it('distinct unfolds arrays', async (at) => {
    await at.given({ _id: 1, a: [1, 2] }, { _id: 2, a: 2 }, { _id: 3, a: [] });
    await values(at, 'a', [1, 2]);
  });

  it('distinct leaves nested arrays whole', async (at) => {
    await at.given({ _id: 1, a: [[1, 2], 1] });
    await values(at, 'a', [[1, 2], 1]);
  });

  it('distinct answers null and leaves missing fields out', async (at) => {
    await at.given({ _id: 1, a: null }, { _id: 2 }, { _id: 3, a: 1 });
    await values(at, 'a', [null, 1]);
  });

  it('distinct of a dotted path, through arrays too', async (at) => {
    await at.given({ _id: 1, a: { b: 1 } }, { _id: 2, a: [{ b: 2 }, { b: 1 }] });
    await values(at, 'a.b', [1, 2]);
  });

  it('distinct takes numbers of all types as one', async (at) => {
    await at.given(
      { _id: 1, a: 1 },
      { _id: 2, a: new Double(1) },
      { _id: 3, a: Long.fromNumber(1) },
      { _id: 4, a: Decimal128.fromString('1.0') },
    );
    assert.equal((await at.collection.distinct('a')).length, 1);
  });

  it('distinct of whole documents', async (at) => {
    await at.given({ _id: 1, a: { b: 1 } }, { _id: 2, a: { b: 1 } }, { _id: 3, a: { b: 2 } });
    await values(at, 'a', [{ b: 1 }, { b: 2 }]);
  });

  it('distinct of nothing is empty', async (at) => {
    await values(at, 'a', []);
  });
});
