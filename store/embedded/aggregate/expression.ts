// Aggregation expressions on BSON values, compiled once. A closed list: what isn't in it is refused by name.
import type { Document } from 'bson';
import { fieldOf, isDocument, plainFields, setField } from '../bson/fields.js';
import { CommandError, unsupported } from '../errors.js';
import { arithmeticOperators } from './arithmetic.js';
import { arrayOperators } from './arrays.js';
import { typeOperators } from './convert.js';
import { dateOperators } from './dates.js';
import { logicOperators } from './logic.js';
import { objectOperators } from './objects.js';
import { type Evaluate, type ExpressionOperator, type Place, pipelineDepthMax } from './scope.js';
import { stringOperators } from './strings.js';

const operators: ReadonlyMap<string, ExpressionOperator> = new Map(
  [
    arithmeticOperators,
    arrayOperators,
    dateOperators,
    logicOperators,
    objectOperators,
    stringOperators,
    typeOperators,
  ].flatMap((table) => Object.entries(table)),
);

/** The expression operators there are. */
export const supportedExpressions: readonly string[] = [...operators.keys()].sort();

const top: Place = { depth: 0, names: new Set() };

/**
 * Compiles an expression in canonical form.
 *
 * @throws {CommandError} `CommandNotSupported` for an operator outside the list, `FailedToParse` or `BadValue` for a
 *   malformed one, or one nested deeper than 100 levels.
 */
export function compileExpression(expression: unknown, place: Place = top): Evaluate {
  if (place.depth > pipelineDepthMax) {
    throw new CommandError('BadValue', `an expression is nested deeper than ${pipelineDepthMax} levels`);
  }
  const inner = { ...place, depth: place.depth + 1 };
  if (typeof expression === 'string' && expression.startsWith('$')) return compilePath(expression, place);
  if (Array.isArray(expression)) {
    const items = expression.map((item: unknown) => compileExpression(item, inner));
    return (scope) => items.map((item) => item(scope) ?? null);
  }
  if (!isDocument(expression)) return () => expression;
  const fields = plainFields(expression);
  const names = Object.keys(fields);
  const [first] = names;
  if (!first?.startsWith('$')) return compileDocument(fields, inner);
  if (names.length > 1) {
    throw new CommandError(
      'FailedToParse',
      `an expression specification must contain exactly one field, the name of the expression. Found ${names.length} fields in ${names.slice(0, 5).join(', ')}`,
    );
  }
  const operator = operators.get(first);
  if (operator === undefined) throw unsupported(`the expression ${first}`);
  const compile = (operand: unknown, variables: readonly string[] = []) =>
    compileExpression(
      operand,
      variables.length === 0 ? inner : { ...inner, names: new Set([...inner.names, ...variables]) },
    );
  return operator(fields[first], compile, first);
}

function compileDocument(fields: Document, place: Place): Evaluate {
  const entries = Object.entries(fields).map(([name, value]) => {
    if (name.includes('.') || name.startsWith('$') || name === '') {
      throw new CommandError(
        'BadValue',
        `FieldPath '${name}' isn't valid as a field name in an object expression`,
      );
    }
    return [name, compileExpression(value, place)] as const;
  });
  return (scope) => {
    const document: Document = {};
    for (const [name, evaluate] of entries) {
      const value = evaluate(scope);
      if (value !== undefined) setField(document, name, value);
    }
    return document;
  };
}

function compilePath(text: string, { names }: Place): Evaluate {
  if (!text.startsWith('$$')) {
    const parts = pathParts(text.slice(1));
    return (scope) => valueAtPath(scope.root, parts);
  }
  const [variable = '', ...rest] = text.slice(2).split('.');
  const parts = rest.length === 0 ? [] : pathParts(rest.join('.'));
  if (variable === 'ROOT' || variable === 'CURRENT') return (scope) => valueAtPath(scope.root, parts);
  if (variable === 'NOW') return (scope) => valueAtPath(scope.now, parts);
  if (variable === 'REMOVE') return () => undefined;
  if (!names.has(variable)) {
    if (/^[A-Z]/.test(variable)) throw unsupported(`the variable $$${variable}`);
    throw new CommandError('FailedToParse', `Use of undefined variable: ${variable}`);
  }
  return (scope) => valueAtPath(scope.variables.get(variable), parts);
}

/** The parts of a field path. @throws {CommandError} `BadValue` if one is empty or begins with `$`. */
export function pathParts(path: string): string[] {
  const parts = path.split('.');
  for (const part of parts) {
    if (part === '') throw new CommandError('BadValue', `FieldPath '${path}' has an empty field name`);
    if (part.startsWith('$')) {
      throw new CommandError('BadValue', `FieldPath field names may not start with '$'. Found '${part}'.`);
    }
  }
  if (parts.length > pipelineDepthMax) {
    throw new CommandError('BadValue', `a field path has more than ${pipelineDepthMax} parts`);
  }
  return parts;
}

/** A path's value as expressions see it: through an array it is the array of its sub-documents' values. */
export function valueAtPath(value: unknown, parts: readonly string[], from = 0): unknown {
  if (from === parts.length) return value;
  if (isDocument(value)) return valueAtPath(fieldOf(value, parts[from]!), parts, from + 1);
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((item: unknown) => {
    if (!isDocument(item)) return [];
    const inner = valueAtPath(item, parts, from);
    return inner === undefined ? [] : [inner];
  });
}
