// $mod: the remainder of a number's integer part.
import { isNumber } from '../bson/numbers.js';
import { CommandError } from '../errors.js';
import { type Condition, presentLeaf } from './condition.js';
import { truncatedLong } from './integer.js';

/** @throws {CommandError} `BadValue` unless the operand is `[divisor, remainder]` and the divisor not 0. */
export function modulo(operand: unknown): Condition {
  if (!Array.isArray(operand)) throw new CommandError('BadValue', 'malformed mod, needs to be an array');
  if (operand.length < 2) throw new CommandError('BadValue', 'malformed mod, not enough elements');
  if (operand.length > 2) throw new CommandError('BadValue', 'malformed mod, too many elements');
  const divisor = integerOperand(operand[0], 'divisor');
  const remainder = integerOperand(operand[1], 'remainder');
  if (divisor === 0n) throw new CommandError('BadValue', 'divisor cannot be 0');
  return presentLeaf((value) => {
    const dividend = isNumber(value) ? truncatedLong(value) : undefined;
    return dividend !== undefined && dividend % divisor === remainder;
  });
}

function integerOperand(value: unknown, what: string): bigint {
  const integer = isNumber(value) ? truncatedLong(value) : undefined;
  if (integer === undefined) {
    throw new CommandError('BadValue', `malformed mod, ${what} value is not a number that a long holds`);
  }
  return integer;
}
