// Projections of find: inclusion, exclusion, sub-documents, arrays, expressions.
import type { Document } from 'mongodb';
import { assertSame } from './same.js';
import { type Case, refused, theme } from './theme.js';

async function shows(
  at: Case,
  before: Document,
  projection: Document,
  after: Document,
  filter: Document = {},
) {
  await at.given({ _id: 1, ...before });
  assertSame(await at.collection.find(filter, { projection }).toArray(), [after]);
}

export const projection = theme('projection', (it) => {
  it('inclusion shows the named fields and _id', (at) =>
    shows(at, { a: 1, b: 2, c: 3 }, { a: 1, c: 1 }, { _id: 1, a: 1, c: 3 }));

  it('inclusion keeps the order of the document, not of the projection', (at) =>
    shows(at, { a: 1, b: 2, c: 3 }, { c: 1, a: 1 }, { _id: 1, a: 1, c: 3 }));

  it('_id can be left out of an inclusion', (at) => shows(at, { a: 1, b: 2 }, { a: 1, _id: 0 }, { a: 1 }));

  it('exclusion shows all but the named fields', (at) =>
    shows(at, { a: 1, b: 2, c: 3 }, { b: 0 }, { _id: 1, a: 1, c: 3 }));

  it('_id alone excluded shows all the rest', (at) => shows(at, { a: 1, b: 2 }, { _id: 0 }, { a: 1, b: 2 }));

  it('_id alone included shows nothing else', (at) => shows(at, { a: 1 }, { _id: 1 }, { _id: 1 }));

  it('true and false say the same as 1 and 0', async (at) => {
    await shows(at, { a: 1, b: 2 }, { a: true, _id: false }, { a: 1 });
  });

  it('any number but zero includes', (at) => shows(at, { a: 1, b: 2 }, { a: 7 }, { _id: 1, a: 1 }));

  it('an empty projection shows everything', (at) => shows(at, { a: 1, b: 2 }, {}, { _id: 1, a: 1, b: 2 }));

  it('a missing field is not made up', (at) => shows(at, { a: 1 }, { z: 1 }, { _id: 1 }));

  it('a null field is shown as null', (at) => shows(at, { a: null, b: 1 }, { a: 1 }, { _id: 1, a: null }));

  it('inclusion of a dotted path', (at) =>
    shows(at, { a: { b: 1, c: 2 }, d: 3 }, { 'a.b': 1 }, { _id: 1, a: { b: 1 } }));

  it('inclusion by a nested document', (at) =>
    shows(at, { a: { b: 1, c: 2 }, d: 3 }, { a: { b: 1 } }, { _id: 1, a: { b: 1 } }));

  it('exclusion of a dotted path', (at) =>
    shows(at, { a: { b: 1, c: 2 }, d: 3 }, { 'a.b': 0 }, { _id: 1, a: { c: 2 }, d: 3 }));

  it('inclusion of a path under a scalar leaves the scalar out', (at) =>
    shows(at, { a: 5, d: 3 }, { 'a.b': 1 }, { _id: 1 }));

  it('inclusion of a missing path in a sub-document keeps it, empty', (at) =>
    shows(at, { a: { c: 2 } }, { 'a.b': 1 }, { _id: 1, a: {} }));

  it('inclusion through an array drops its scalars', (at) =>
    shows(at, { a: [{ b: 1, c: 2 }, 5, { c: 1 }] }, { 'a.b': 1 }, { _id: 1, a: [{ b: 1 }, {}] }));

  it('exclusion through an array keeps its scalars', (at) =>
    shows(at, { a: [{ b: 1, c: 2 }, 5] }, { 'a.b': 0 }, { _id: 1, a: [{ c: 2 }, 5] }));

  it('inclusion and exclusion together are refused', async (at) => {
    await at.given({ _id: 1, a: 1, b: 1 });
    await refused(at.collection.find({}, { projection: { a: 1, b: 0 } }).toArray());
  });

  it('a path and its parent together are refused', async (at) => {
    await at.given({ _id: 1, a: { b: 1 } });
    await refused(at.collection.find({}, { projection: { a: 1, 'a.b': 1 } }).toArray());
  });

  it('$slice takes from the front and keeps the other fields', (at) =>
    shows(at, { a: [1, 2, 3], b: 1 }, { a: { $slice: 2 } }, { _id: 1, a: [1, 2], b: 1 }));

  it('a negative $slice takes from the end', (at) =>
    shows(at, { a: [1, 2, 3] }, { a: { $slice: -2 } }, { _id: 1, a: [2, 3] }));

  it('$slice with a start and a length', (at) =>
    shows(at, { a: [1, 2, 3, 4] }, { a: { $slice: [1, 2] } }, { _id: 1, a: [2, 3] }));

  it('$slice with a start from the end', (at) =>
    shows(at, { a: [1, 2, 3, 4] }, { a: { $slice: [-3, 2] } }, { _id: 1, a: [2, 3] }));

  it('$slice of something else than an array shows it whole', (at) =>
    shows(at, { a: 5 }, { a: { $slice: 1 } }, { _id: 1, a: 5 }));

  it('$slice in an inclusion shows the included fields only', (at) =>
    shows(at, { a: [1, 2], b: 1, c: 1 }, { b: 1, a: { $slice: 1 } }, { _id: 1, a: [1], b: 1 }));

  it('$elemMatch shows the first element that matches, and no other fields', (at) =>
    shows(
      at,
      {
        a: [
          { b: 1, c: 1 },
          { b: 2, c: 2 },
          { b: 2, c: 3 },
        ],
        d: 1,
      },
      { a: { $elemMatch: { b: 2 } } },
      { _id: 1, a: [{ b: 2, c: 2 }] },
    ));

  it('$elemMatch without a match leaves the field out', (at) =>
    shows(at, { a: [{ b: 1 }], d: 1 }, { a: { $elemMatch: { b: 9 } }, d: 1 }, { _id: 1, d: 1 }));

  it('$ shows the element that the filter matched', (at) =>
    shows(
      at,
      { a: [{ b: 1 }, { b: 2 }, { b: 3 }] },
      { 'a.$': 1 },
      { _id: 1, a: [{ b: 2 }] },
      { 'a.b': { $gt: 1 } },
    ));

  it('$ shows the element that $elemMatch of the filter matched', (at) =>
    shows(
      at,
      { a: [1, 5, 9], z: 1 },
      { 'a.$': 1 },
      { _id: 1, a: [5] },
      { a: { $elemMatch: { $gt: 4, $lt: 9 } } },
    ));

  it.needing('expressions', 'an expression adds a computed field at the end', (at) =>
    shows(at, { a: 2, b: 3 }, { a: 1, sum: { $add: ['$a', '$b'] } }, { _id: 1, a: 2, sum: 5 }),
  );

  it.needing('expressions', 'a field path in a projection copies the field', (at) =>
    shows(at, { a: { b: 2 } }, { copy: '$a.b' }, { _id: 1, copy: 2 }),
  );

  it.needing('expressions', '$literal keeps a number from including', (at) =>
    shows(at, { a: 5 }, { a: { $literal: 1 } }, { _id: 1, a: 1 }),
  );
});
