// Whether storing a value would change anything: equality of type and bytes, stricter than the order of values.
import { type Decimal128, type Double, serialize } from 'bson';
import { isDocument, plainFields } from '../bson/fields.js';
import { typeOf } from '../bson/type-of.js';

/** True if both values have the same BSON bytes: 1 and 1.0 differ, and so do documents with fields in another order. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  const type = typeOf(a);
  if (type !== typeOf(b)) return false;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  }
  if (isDocument(a) && isDocument(b)) {
    const fieldsA = plainFields(a);
    const fieldsB = plainFields(b);
    const names = Object.keys(fieldsA);
    const others = Object.keys(fieldsB);
    return (
      names.length === others.length &&
      names.every((name, index) => name === others[index] && sameValue(fieldsA[name], fieldsB[name]))
    );
  }
  switch (type) {
    case 'string':
    case 'bool':
      return false;
    case 'int':
      return Number(a) === Number(b);
    case 'double':
      return Object.is((a as Double).valueOf(), (b as Double).valueOf());
    case 'decimal':
      return Buffer.compare((a as Decimal128).bytes, (b as Decimal128).bytes) === 0;
    default:
      return Buffer.compare(serialize({ v: a }), serialize({ v: b })) === 0;
  }
}
