// The two shapes of arguments that operators have: a list, and a document of named arguments.
import { isDocument, plainFields } from '../bson/fields.js';
import { isNumber, nearestDouble } from '../bson/numbers.js';
import { typeOf } from '../bson/type-of.js';
import { CommandError } from '../errors.js';
import type { Evaluate, ExpressionOperator, Scope } from './scope.js';

/** An operator of `min` to `max` operands, given as a list, or bare if there is one. */
export function listed(
  min: number,
  max: number,
  apply: (operands: readonly unknown[], name: string, scope: Scope) => unknown,
): ExpressionOperator {
  return (argument, compile, name) => {
    const list: readonly unknown[] = Array.isArray(argument) ? argument : [argument];
    if (list.length < min || list.length > max) {
      const wanted = min === max ? `exactly ${min}` : `${min} to ${max}`;
      throw new CommandError(
        'BadValue',
        `Expression ${name} takes ${wanted} arguments. ${list.length} were passed in.`,
      );
    }
    const operands = list.map((operand) => compile(operand));
    return (scope) =>
      apply(
        operands.map((operand) => operand(scope)),
        name,
        scope,
      );
  };
}

/** The named arguments, unevaluated. @throws {CommandError} `FailedToParse` for a missing or an unknown one. */
export function namedArguments(
  argument: unknown,
  name: string,
  required: readonly string[],
  optional: readonly string[] = [],
): ReadonlyMap<string, unknown> {
  if (!isDocument(argument)) {
    throw new CommandError(
      'FailedToParse',
      `${name} only supports an object as its argument, not ${typeOf(argument)}`,
    );
  }
  const given = new Map<string, unknown>(Object.entries(plainFields(argument)));
  for (const key of given.keys()) {
    if (!required.includes(key) && !optional.includes(key)) {
      throw new CommandError('FailedToParse', `Unrecognized argument to ${name}: ${key}`);
    }
  }
  for (const key of required) {
    if (!given.has(key)) throw new CommandError('FailedToParse', `Missing '${key}' parameter to ${name}`);
  }
  return given;
}

/** An operator of named operands; an absent optional one is `undefined`. */
export function named(
  required: readonly string[],
  optional: readonly string[],
  apply: (operands: Readonly<Record<string, unknown>>, name: string, scope: Scope) => unknown,
): ExpressionOperator {
  return (argument, compile, name) => {
    const given = [...namedArguments(argument, name, required, optional)];
    const operands = given.map(([key, expression]): [string, Evaluate] => [key, compile(expression)]);
    return (scope) =>
      apply(Object.fromEntries(operands.map(([key, operand]) => [key, operand(scope)])), name, scope);
  };
}

export function isNullish(value: unknown): boolean {
  return value === undefined || value === null;
}

/** MongoDB's truth: false, null, missing and zero are false; all else is true, "" and [] too. */
export function isTrue(value: unknown): boolean {
  if (isNullish(value) || value === false) return false;
  return !isNumber(value) || nearestDouble(value) !== 0;
}

/** @throws {CommandError} `BadValue`, naming the operator and the type found. */
export function wrongType(name: string, wanted: string, value: unknown): CommandError {
  return new CommandError('BadValue', `${name} requires ${wanted}, found: ${typeName(value)}`);
}

/** The type's alias, `missing` for a missing value. */
export function typeName(value: unknown): string {
  return value === undefined ? 'missing' : typeOf(value);
}

export function arrayOperand(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrongType(name, 'an array', value);
  return value;
}

export function stringOperand(value: unknown, name: string): string {
  if (typeof value !== 'string') throw wrongType(name, 'a string', value);
  return value;
}

/** A whole number that fits 32 bits, of any number type. */
export function intOperand(value: unknown, name: string): number {
  const number = isNumber(value) ? nearestDouble(value) : Number.NaN;
  if (number !== (number | 0)) throw wrongType(name, 'a 32-bit integer', value);
  return number;
}
