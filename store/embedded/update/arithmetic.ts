// $inc, $mul, $min, $max and $bit: a new value from the old one and the argument. Number types are MongoDB's.
import { Int32, Long } from 'bson';
import { compareValues } from '../bson/compare.js';
import { isDocument, plainFields } from '../bson/fields.js';
import { addNumbers, isNumber, multiplyNumbers, type NumericValue } from '../bson/numbers.js';
import { typeOf } from '../bson/type-of.js';
import { CommandError } from '../errors.js';
import { absent, type FieldContext, type FieldOperator } from './field-update.js';
import { show, showField, showId } from './show.js';

function numeric(
  operator: '$inc' | '$mul',
  verb: string,
  combine: (a: NumericValue, b: NumericValue) => NumericValue,
  start: (argument: NumericValue) => NumericValue,
): FieldOperator {
  return (argument, path) => {
    if (!isNumber(argument)) {
      throw new CommandError(
        'TypeMismatch',
        `Cannot ${verb} with non-numeric argument: ${showField(path, argument)}`,
      );
    }
    return {
      blocked: 'fail',
      next(current, context) {
        if (current === absent) return start(argument);
        if (!isNumber(current)) {
          throw new CommandError(
            'TypeMismatch',
            `Cannot apply ${operator} to a value of non-numeric type. ${showId(context.document)} has the field '${lastPart(context)}' of non-numeric type ${typeOf(current)}`,
          );
        }
        return combine(current, argument);
      },
    };
  };
}

export const incOperator = numeric('$inc', 'increment', addNumbers, (argument) => argument);

/** A missing field becomes zero of the argument's type. */
export const mulOperator = numeric('$mul', 'multiply', multiplyNumbers, (argument) =>
  multiplyNumbers(new Int32(0), argument),
);

function extreme(sign: 1 | -1): FieldOperator {
  return (argument) => ({
    blocked: 'fail',
    next: (current) =>
      current === absent || sign * compareValues(argument, current) > 0 ? argument : current,
  });
}

export const minOperator = extreme(-1);
export const maxOperator = extreme(1);

type Integer = Int32 | Long;

const bitwise: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
};

export const bitOperator: FieldOperator = (argument) => {
  if (!isDocument(argument)) {
    throw new CommandError(
      'BadValue',
      `The $bit modifier is not compatible with a ${typeOf(argument)}. You must use an embedded document: {$bit: {field: {and/or/xor: #}}`,
    );
  }
  const fields = plainFields(argument);
  const operations = Object.entries(fields).map(([name, operand]) => {
    if (!Object.hasOwn(bitwise, name)) {
      throw new CommandError(
        'BadValue',
        `The $bit modifier only supports 'and', 'or', and 'xor', not '${name}' which is an unknown operator: ${show(fields)}`,
      );
    }
    if (!isInteger(operand)) {
      throw new CommandError(
        'BadValue',
        `The $bit modifier field must be an Integer(32/64 bit); a '${typeOf(operand)}' is not supported here: ${showField(name, operand)}`,
      );
    }
    return { combine: bitwise[name]!, operand };
  });
  if (operations.length === 0) {
    throw new CommandError(
      'BadValue',
      'You must pass in at least one bitwise operation. The format is: {$bit: {field: {and/or/xor: #}}',
    );
  }
  return {
    blocked: 'fail',
    next(current, context) {
      const value = current === absent ? new Int32(0) : current;
      if (!isInteger(value)) {
        throw new CommandError(
          'BadValue',
          `Cannot apply $bit to a value of non-integral type. ${showId(context.document)} has the field ${lastPart(context)} of non-integer type ${typeOf(value)}`,
        );
      }
      return operations.reduce<Integer>((result, { combine, operand }) => {
        const bits = combine(toBigInt(result), toBigInt(operand));
        return result instanceof Int32 && operand instanceof Int32
          ? new Int32(Number(bits))
          : Long.fromBigInt(bits);
      }, value);
    },
  };
};

function isInteger(value: unknown): value is Integer {
  return value instanceof Int32 || value instanceof Long;
}

function toBigInt(value: Integer): bigint {
  return value instanceof Int32 ? BigInt(value.value) : value.toBigInt();
}

function lastPart({ path }: FieldContext): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
