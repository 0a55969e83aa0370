// $bitsAllSet, $bitsAnySet, $bitsAllClear, $bitsAnyClear on integers and bytes.
import { toBinary } from '../bson/compare.js';
import { isNumber } from '../bson/numbers.js';
import { typeOf } from '../bson/type-of.js';
import { CommandError } from '../errors.js';
import { type Condition, presentLeaf } from './condition.js';
import { exactLong } from './integer.js';

export type BitOperator = '$bitsAllSet' | '$bitsAnySet' | '$bitsAllClear' | '$bitsAnyClear';

type IsSet = (position: number) => boolean;

/** @throws {CommandError} `BadValue` unless the operand is a mask (number or bytes) or a list of positions. */
export function bits(operator: BitOperator, operand: unknown): Condition {
  const positions = bitPositions(operator, operand);
  const wanted = operator.endsWith('Set');
  const every = operator.startsWith('$bitsAll');
  return presentLeaf((value) => {
    const isSet = bitsOf(value);
    if (isSet === undefined) return false;
    const meets = (position: number) => isSet(position) === wanted;
    return every ? positions.every(meets) : positions.some(meets);
  });
}

function bitPositions(operator: BitOperator, operand: unknown): readonly number[] {
  if (Array.isArray(operand)) return (operand as unknown[]).map((item) => bitPosition(operator, item));
  if (typeOf(operand) === 'binData') {
    const { bytes } = toBinary(operand);
    return positionsWhere(bytes.length * 8, bytesTest(bytes));
  }
  const mask = isNumber(operand) ? exactLong(operand) : undefined;
  if (mask === undefined || mask < 0n) {
    throw new CommandError(
      'BadValue',
      `${operator} takes an Array, a number, or a BinData; a number must be a non-negative 64-bit integer`,
    );
  }
  return positionsWhere(64, longTest(mask));
}

function bitPosition(operator: BitOperator, item: unknown): number {
  const position = isNumber(item) ? exactLong(item) : undefined;
  if (position === undefined || position < 0n || position > 0x7fffffffn) {
    throw new CommandError('BadValue', `bit positions of ${operator} must be integers >= 0`);
  }
  return Number(position);
}

function positionsWhere(count: number, isSet: IsSet): number[] {
  return Array.from({ length: count }, (_, position) => position).filter(isSet);
}

function bitsOf(value: unknown): IsSet | undefined {
  if (typeOf(value) === 'binData') return bytesTest(toBinary(value).bytes);
  const integer = isNumber(value) ? exactLong(value) : undefined;
  return integer === undefined ? undefined : longTest(integer);
}

/** The sign fills all higher positions. */
function longTest(value: bigint): IsSet {
  return (position) => ((value >> BigInt(Math.min(position, 63))) & 1n) === 1n;
}

function bytesTest(bytes: Uint8Array): IsSet {
  return (position) => (((bytes[position >> 3] ?? 0) >> (position & 7)) & 1) === 1;
}
