// Where a back end answers otherwise than MongoDB documents, and who is wrong. The suite runs these cases all the
// same and fails if one of them has come right, so that the list never outlives its reasons.
import type { Backend } from '../../support/backend.js';
import type { Switch } from './generator.js';

export interface Deviation {
  /** `<theme>: <title>` of the case. */
  readonly id: string;
  readonly backend: Backend['name'];
  /** What it does instead, after the back end's name. */
  readonly does: string;
  /** Where MongoDB documents the behaviour that the case expects. */
  readonly documented: string;
  readonly wrong: string;
}

const manual = 'https://www.mongodb.com/docs/manual';
const operator = `${manual}/reference/operator`;

/** Deviations of mongo-java-server 1.47.0 from one page of MongoDB's manual, by case. */
function java(documented: string, does: Readonly<Record<string, string>>): Deviation[] {
  return Object.entries(does).map(([id, what]) => ({
    id,
    backend: 'java',
    does: what,
    documented,
    wrong: 'mongo-java-server',
  }));
}

const deviations: readonly Deviation[] = [
  ...java(`${operator}/query/eq/`, {
    'equality: an array matches as an element of an array': 'compares an array with the whole field only',
    'equality: an empty array matches an empty array and one that holds an empty array':
      'compares an array with the whole field only',
    'equality: a document matches an array that holds it': 'lets elements with further fields match',
    'equality: an empty document matches only an empty document': 'takes {} for a missing field',
  }),
  ...java(`${manual}/tutorial/query-array-of-documents/`, {
    'equality: a number in a path is also a field name': 'takes a number in a path for a position only',
  }),
  ...java(`${manual}/reference/bson-type-comparison-order/`, {
    'equality: a Decimal128 filter matches the double of exactly that value only':
      'compares a decimal with the shortest text of a double',
    'comparison: strings beyond the basic plane come after all others': 'compares strings by UTF-16 units',
    'comparison: NaN is in no range': 'takes NaN for greater than all numbers',
    'comparison: $gte null and $lte null match null and missing fields': 'never matches a range on null',
    'sort and cursor: NaN comes before all other numbers': 'sorts NaN after all numbers',
    'insert: binary _ids of other subtypes are other ids': 'forgets subtypes of binary data',
    'BSON type: binary data of any subtype': 'forgets subtypes of binary data',
  }),
  ...java(`${manual}/tutorial/query-arrays/`, {
    'comparison: two bounds on an array may be met by two elements': 'wants one element to meet both bounds',
  }),
  ...java(`${operator}/query/in/`, {
    'comparison: $in without an array is refused': 'fails with a Java class cast and no code',
  }),
  ...java(`${operator}/query/not/`, { 'logic: $not of a plain value is refused': 'answers' }),
  ...java(`${operator}/query/exists/`, {
    'element: $exists on a path through an array: some element has it':
      'finds the path in a document without it',
  }),
  ...java(`${operator}/query/mod/`, {
    'element: $mod by zero is refused': 'divides by zero and fails without a code',
    'element: $mod with one number is refused': 'fails with a Java index error and no code',
  }),
  ...java(`${operator}/query-bitwise/`, {
    'element: $bitsAllSet by mask': 'does not know $bitsAllSet',
    'element: $bitsAllClear by positions': 'does not know $bitsAllClear',
    'element: $bitsAnySet and $bitsAnyClear': 'does not know $bitsAnySet and $bitsAnyClear',
  }),
  ...java(`${operator}/query/type/`, {
    'BSON type: a BSON regular expression matches itself as a value': 'has no type named regex',
  }),
  ...java(`${operator}/query/all/`, {
    'array query: $all of one value matches a scalar field': 'matches arrays only',
    'array query: $all with an array matches that array or one that holds it': 'matches elements only',
    'array query: $all with $elemMatch: each may be met by another element':
      'finds nothing by $elemMatch in $all',
  }),
  ...java(`${operator}/query/elemMatch/`, {
    'array query: $elemMatch of something else than a document is refused': 'answers',
  }),
  ...java(`${operator}/query/size/`, {
    'array query: a negative $size is refused': 'answers nothing',
    'array query: a fractional $size is refused': 'answers nothing',
  }),
  ...java(`${manual}/release-notes/4.4-compatibility/#projection-compatibility-changes`, {
    'projection: inclusion keeps the order of the document, not of the projection':
      'shows fields in the order of the projection',
    'projection: inclusion by a nested document': 'knows dotted paths only',
    'projection: $slice in an inclusion shows the included fields only':
      'shows fields in the order of the projection',
    'projection: an expression adds a computed field at the end': 'has no expressions in projections',
    'projection: a field path in a projection copies the field': 'has no expressions in projections',
    'projection: $literal keeps a number from including': 'has no expressions in projections',
  }),
  ...java(`${operator}/projection/slice/`, {
    'projection: $slice takes from the front and keeps the other fields':
      'takes $slice alone for an inclusion',
  }),
  ...java(`${operator}/projection/positional/`, {
    'projection: $ shows the element that the filter matched': 'shows the first element',
    'projection: $ shows the element that $elemMatch of the filter matched': 'shows no element',
  }),
  ...java(`${manual}/reference/method/cursor.skip/`, {
    'sort and cursor: a negative skip is refused': 'takes it for none',
  }),
  ...java(`${manual}/core/document/#the-_id-field`, {
    'insert: _id is stored first': 'leaves _id where the client put it',
    'insert: a regular expression as _id is refused': 'stores it',
    'upsert: a null _id of the filter is kept': 'makes an ObjectId instead',
  }),
  ...java(`${manual}/core/index-unique/#behavior`, {
    'insert: a duplicate error tells key pattern and value': 'tells them in the text only',
    'index: the error of a unique index tells key pattern and value': 'tells them in the text only',
  }),
  ...java(`${manual}/reference/command/insert/#output`, {
    'insert: insertMany stops at the first error': 'counts documents that it did not insert',
    'bulk write: ordered: stops at the first error and tells what was done':
      'counts documents that it did not insert',
    'bulk write: unordered: goes on after errors and lists them all':
      'counts documents that it did not insert',
  }),
  ...java(`${manual}/core/bulk-write-operations/#ordered-vs-unordered-operations`, {
    'bulk write: an error of an update stops an ordered bulk too': 'goes on after a failed update',
  }),
  ...java(`${operator}/update/set/#behavior`, {
    'field update: $set adds several new fields in the order of their names':
      'adds them in the order of the update, as MongoDB did before 5.0',
    'field update: $set under null is refused': 'replaces null by a document',
    'field update: $set of the same number in another type changes the type': 'keeps the old type',
    'field update: an empty path is refused': 'makes a field without a name',
    'field update: a path with an empty part is refused': 'makes a field without a name',
  }),
  ...java(`${operator}/update/inc/`, {
    'field update: $inc of a long beyond 64 bits is refused': 'makes a double of it',
    'field update: $inc of null is refused': 'takes null for zero',
  }),
  ...java(`${operator}/update/rename/`, { 'field update: $rename to itself is refused': 'does nothing' }),
  ...java(`${operator}/update/bit/`, {
    'field update: $bit computes and, or and exclusive or': 'does not know $bit',
  }),
  ...java(`${operator}/update/push/`, {
    'array update: $push to null is refused': 'replaces null by an array',
    'array update: $each of something else than an array is refused':
      'fails with a Java class cast and no code',
  }),
  ...java(`${operator}/update/addToSet/`, {
    'array update: $addToSet takes numbers of other types as the same': 'tells 1 and 1.0 apart in a set',
    'array update: $addToSet to a scalar is refused': 'answers with the code of MongoDB 2.4',
  }),
  ...java(`${operator}/update/pop/`, {
    'array update: $pop of a scalar is refused': 'answers with the code of MongoDB 2.4',
  }),
  ...java(`${operator}/update/positional-filtered/`, {
    'positional update: $[name] with $or in its filter': 'refuses it',
    'positional update: $[name] without its filter is refused': 'takes $[name] for a field name',
  }),
  ...java(`${manual}/reference/command/findAndModify/#output`, {
    'replace, delete, findOneAnd: findOneAndUpdate tells the id it upserted, if asked':
      'leaves `upserted` out',
  }),
  ...java(`${manual}/reference/operator/aggregation-pipeline/`, {
    'aggregation: $set is $addFields, into sub-documents too': 'has no $set stage',
    'aggregation: $replaceRoot and $replaceWith lift a sub-document': 'has no $replaceWith stage',
    'aggregation: $unionWith adds another collection': 'has no $unionWith stage',
    'aggregation: $limit 0 is refused': 'answers nothing',
  }),
  ...java(`${operator}/aggregation/switch/`, {
    'aggregation: $cond, $ifNull and $switch choose': 'has no $switch',
  }),
  ...java(`${manual}/core/indexes/index-types/index-multikey/#compound-multikey-indexes`, {
    'index: an index of two arrays at once is refused': 'stores the document',
  }),
  ...java(`${manual}/reference/command/createIndexes/`, {
    'index: the same name for another key is refused': 'makes a second index of that name',
    'index: the same key under another name is refused': 'makes a second index of that key',
    'index: an index with a direction that is none is refused': 'makes it',
  }),
  ...java(`${manual}/reference/command/dropIndexes/#behavior`, {
    'index: dropIndex of _id is refused': 'drops it',
  }),
  ...java(`${manual}/reference/command/listIndexes/`, {
    'index: indexes of a collection that does not exist is refused': 'answers an empty list',
  }),
];

/** The listed deviation of a back end in a case, if any. */
export function deviationOf(backend: Backend['name'], id: string): Deviation | undefined {
  return deviations.find((deviation) => deviation.backend === backend && deviation.id === id);
}

/** Every case listed must exist: ids that no theme has registered. */
export function strayDeviations(backend: Backend['name'], registered: ReadonlySet<string>): string[] {
  return deviations
    .filter((deviation) => deviation.backend === backend && !registered.has(deviation.id))
    .map(({ id }) => id);
}

interface Unasked {
  /** What mongo-java-server does there. */
  readonly does: string;
  readonly documented: string;
}

/** What random operations are not asked of mongo-java-server, because it is known to be wrong there. */
const unaskedOfJava: Readonly<Record<Switch, Unasked>> = {
  arraysAndDocumentsAsOperands: {
    does: 'takes {} for missing, lets documents with further fields match, compares arrays with whole fields only',
    documented: `${operator}/query/eq/`,
  },
  nullInRanges: {
    does: 'never matches $gte null or $lte null',
    documented: `${manual}/tutorial/query-for-null-fields/`,
  },
  severalBounds: {
    does: 'wants one element to meet both bounds',
    documented: `${manual}/tutorial/query-arrays/`,
  },
  existsThroughArrays: {
    does: 'finds a path in arrays that have no such element',
    documented: `${operator}/query/exists/`,
  },
  negationThroughArrays: {
    does: 'leaves out documents whose path ends in an empty array',
    documented: `${operator}/query/not/`,
  },
  all: { does: 'matches $all of nothing and not scalars', documented: `${operator}/query/all/` },
  elemMatch: {
    does: 'takes scalar elements for documents without fields',
    documented: `${operator}/query/elemMatch/`,
  },
  sortThroughArrays: {
    does: 'sorts empty arrays and paths through arrays otherwise',
    documented: `${manual}/reference/bson-type-comparison-order/#arrays`,
  },
  severalPathsInUpdates: {
    does: 'adds new fields in the order of the update, as MongoDB did before 5.0',
    documented: `${operator}/update/set/#behavior`,
  },
  pathsUnderScalars: {
    does: 'lets $pull pass on a path that is not viable, and replaces scalars by documents',
    documented: `${operator}/update/pull/`,
  },
  setAcrossNumericTypes: {
    does: 'takes $set of an equal number of another type for no change, and tells 1 and 1.0 apart in $addToSet',
    documented: `${operator}/update/addToSet/`,
  },
  projectionOfSeveral: {
    does: 'shows fields in the order of the projection',
    documented: `${manual}/release-notes/4.4-compatibility/#projection-compatibility-changes`,
  },
  replacements: {
    does: 'keeps the order of the fields that were there before',
    documented: `${manual}/core/document/#field-order`,
  },
  nullThroughArrays: {
    does: 'matches null where a path meets an array of scalars',
    documented: `${manual}/tutorial/query-for-null-fields/`,
  },
  regexes: {
    does: 'matches a pattern against the text of a whole document',
    documented: `${operator}/query/regex/`,
  },
  distinctOfPaths: {
    does: 'closes the connection on a path through scalars in an array',
    documented: `${manual}/reference/command/distinct/#array-fields`,
  },
  addToSetOfDocuments: { does: 'fails on {} in $addToSet', documented: `${operator}/update/addToSet/` },
  nullInDocuments: {
    does: 'takes null for an empty array or zero in $push, $pull, $pop and $inc',
    documented: `${operator}/update/inc/#behavior`,
  },
  decimalArithmetic: {
    does: 'converts doubles to the shortest decimal, not to 15 digits',
    documented: `${operator}/aggregation/toDecimal/`,
  },
  nestedArrays: {
    does: 'looks into arrays within arrays, drops them in projections, and sorts arrays before documents in $push',
    documented: `${manual}/reference/bson-type-comparison-order/#arrays`,
  },
  upsertOfOperators: {
    does: 'orders the fields taken from the filter otherwise',
    documented: `${manual}/reference/method/db.collection.updateOne/#upsert-behavior`,
  },
};

/** What the generator of random operations doesn't ask a reference. */
export function offFor(reference: Backend['name']): ReadonlySet<Switch> {
  return new Set(reference === 'java' ? (Object.keys(unaskedOfJava) as Switch[]) : []);
}
