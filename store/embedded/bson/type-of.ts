// Which BSON type a value has. Documents are data: a field named `_bsontype` or `constructor` never decides.

/** MongoDB's aliases of the BSON types, as `$type` takes them. */
export type BsonType =
  | 'double'
  | 'string'
  | 'object'
  | 'array'
  | 'binData'
  | 'undefined'
  | 'objectId'
  | 'bool'
  | 'date'
  | 'null'
  | 'regex'
  | 'javascript'
  | 'symbol'
  | 'javascriptWithScope'
  | 'int'
  | 'timestamp'
  | 'long'
  | 'decimal'
  | 'minKey'
  | 'maxKey';

const byClass: ReadonlyMap<unknown, BsonType> = new Map<unknown, BsonType>([
  ['Int32', 'int'],
  ['Double', 'double'],
  ['Long', 'long'],
  ['Decimal128', 'decimal'],
  ['ObjectId', 'objectId'],
  ['Binary', 'binData'],
  ['BSONRegExp', 'regex'],
  ['Timestamp', 'timestamp'],
  ['MinKey', 'minKey'],
  ['MaxKey', 'maxKey'],
  ['BSONSymbol', 'symbol'],
  ['DBRef', 'object'],
]);

/** The type of a value in canonical form; JS numbers, bigints, regular expressions and bytes are typed as BSON would. */
export function typeOf(value: unknown): BsonType {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'undefined':
      return 'undefined';
    case 'number':
      return Number.isInteger(value) && value === (value | 0) && !Object.is(value, -0) ? 'int' : 'double';
    case 'bigint':
      return 'long';
    case 'object':
      return value === null ? 'null' : typeOfObject(value);
    default:
      throw new TypeError(`a ${typeof value} is no BSON value`);
  }
}

function typeOfObject(value: object): BsonType {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return 'object';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Date) return 'date';
  const name = (value as { _bsontype?: unknown })._bsontype;
  if (name === 'Code') return (value as { scope?: unknown }).scope ? 'javascriptWithScope' : 'javascript';
  const type = byClass.get(name);
  if (type !== undefined) return type;
  if (value instanceof Uint8Array) return 'binData';
  if (value instanceof RegExp) return 'regex';
  return 'object';
}
