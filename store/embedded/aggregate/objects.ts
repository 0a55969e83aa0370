// Operators on sub-documents.
import type { Document } from 'bson';
import { fieldOf, isDocument, plainFields, setField } from '../bson/fields.js';
import { CommandError } from '../errors.js';
import { arrayOperand, isNullish, listed, namedArguments, stringOperand, wrongType } from './operands.js';
import type { ExpressionOperator, OperatorTable } from './scope.js';

/** The documents merged, later fields over earlier ones; null and missing are passed over. */
export function mergeDocuments(values: readonly unknown[], name: string): Document {
  const merged: Document = {};
  for (const value of values) {
    if (isNullish(value)) continue;
    if (!isDocument(value)) throw wrongType(name, 'objects', value);
    const fields = plainFields(value);
    for (const key of Object.keys(fields)) setField(merged, key, fields[key]);
  }
  return merged;
}

function fromPairs(pairs: readonly unknown[], name: string): Document {
  const document: Document = {};
  for (const pair of pairs) {
    if (Array.isArray(pair) && pair.length === 2) setField(document, stringOperand(pair[0], name), pair[1]);
    else if (isDocument(pair) && Object.keys(pair).sort().join() === 'k,v') {
      setField(document, stringOperand(pair['k'], name), pair['v']);
    } else throw wrongType(name, 'elements [k, v] or { k, v }', pair);
  }
  return document;
}

const getFieldOperator: ExpressionOperator = (argument, compile, name) => {
  const isNamed = isDocument(argument) && !Object.keys(argument)[0]?.startsWith('$');
  const given = isNamed ? namedArguments(argument, name, ['field', 'input']) : undefined;
  const field = given === undefined ? argument : given.get('field');
  const key = isDocument(field) && Object.keys(field).join() === '$literal' ? field['$literal'] : field;
  if (typeof key !== 'string' || (key === field && key.startsWith('$'))) {
    throw new CommandError('BadValue', '$getField requires `field` to be a constant string');
  }
  const input = compile(given === undefined ? '$$CURRENT' : given.get('input'));
  return (scope) => {
    const value = input(scope);
    if (value === null) return null;
    return isDocument(value) ? fieldOf(value, key) : undefined;
  };
};

export const objectOperators: OperatorTable = {
  $mergeObjects: listed(0, Number.MAX_SAFE_INTEGER, (operands, name) => {
    const [only] = operands;
    return mergeDocuments(operands.length === 1 && Array.isArray(only) ? only : operands, name);
  }),
  $objectToArray: listed(1, 1, ([value], name) => {
    if (isNullish(value)) return null;
    if (!isDocument(value)) throw wrongType(name, 'a document', value);
    return Object.entries(plainFields(value)).map(([k, v]) => ({ k, v: v as unknown }));
  }),
  $arrayToObject: listed(1, 1, ([value], name) =>
    isNullish(value) ? null : fromPairs(arrayOperand(value, name), name),
  ),
  $getField: getFieldOperator,
};
