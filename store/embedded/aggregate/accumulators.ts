// The accumulators of $group and $bucket, on BSON values.
import { Int32 } from 'bson';
import { isDocument, plainFields } from '../bson/fields.js';
import { CommandError, unsupported } from '../errors.js';
import { extremeOf } from './arithmetic.js';
import { averageNumbers, sumNumbers } from './exact.js';
import { compileExpression } from './expression.js';
import { mergeDocuments } from './objects.js';
import { distinctValues } from './order.js';
import type { Place, Scope } from './scope.js';

type Reduce = (values: readonly unknown[], name: string) => unknown;

const present = (value: unknown): boolean => value !== undefined;

const accumulators: ReadonlyMap<string, Reduce> = new Map<string, Reduce>([
  ['$sum', sumNumbers],
  ['$avg', averageNumbers],
  ['$min', (values) => extremeOf(values, 1)],
  ['$max', (values) => extremeOf(values, -1)],
  ['$first', (values) => values[0]],
  ['$last', (values) => values.at(-1)],
  ['$push', (values) => values.filter(present)],
  ['$addToSet', (values) => distinctValues(values.filter(present))],
  ['$mergeObjects', mergeDocuments],
  ['$count', (values) => new Int32(values.length)],
]);

/** The accumulators there are. */
export const supportedAccumulators: readonly string[] = [...accumulators.keys()].sort();

/** One output field of a group, from the scopes of the group's documents; null where MongoDB has nothing. */
export type Accumulate = (scopes: readonly Scope[]) => unknown;

/** @throws {CommandError} `CommandNotSupported` for an accumulator outside the list, `FailedToParse` if malformed. */
export function compileAccumulator(field: string, specification: unknown, place: Place): Accumulate {
  if (field.includes('.') || field.startsWith('$') || field === '') {
    throw new CommandError('BadValue', `The field name '${field}' isn't valid in a group`);
  }
  const entries = isDocument(specification) ? Object.entries(plainFields(specification)) : [];
  if (entries.length !== 1) {
    throw new CommandError('FailedToParse', `The field '${field}' must specify one accumulator`);
  }
  const [name, argument] = entries[0]!;
  if (!name.startsWith('$')) {
    throw new CommandError('FailedToParse', `The field '${field}' must be an accumulator object`);
  }
  const reduce = accumulators.get(name);
  if (reduce === undefined) throw unsupported(`the accumulator ${name}`);
  if (name === '$count' && !(isDocument(argument) && Object.keys(argument).length === 0)) {
    throw new CommandError('TypeMismatch', '$count takes no arguments, i.e. $count:{}');
  }
  if (Array.isArray(argument) && argument.length !== 1) {
    throw new CommandError('BadValue', `The ${name} accumulator is a unary operator`);
  }
  const operand = compileExpression(Array.isArray(argument) ? argument[0] : argument, place);
  return (scopes) => reduce(scopes.map(operand), name) ?? null;
}
