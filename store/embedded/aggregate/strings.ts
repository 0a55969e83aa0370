// Operators on strings. Case is changed in ASCII only, and CP operators count code points, as in MongoDB.
import { Int32 } from 'bson';
import { isNumber } from '../bson/numbers.js';
import { CommandError } from '../errors.js';
import { toText } from './convert.js';
import { intOperand, isNullish, listed, named, stringOperand, wrongType } from './operands.js';
import { boundedArray, boundedString, type ExpressionOperator, type OperatorTable } from './scope.js';

/** MongoDB's white space for `$trim`. */
const whitespace =
  '\0 \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a';

const upper = (text: string): string => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
const lower = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** Null becomes ""; numbers and dates their text. */
function coerced(value: unknown, name: string): string {
  if (isNullish(value)) return '';
  if (typeof value === 'string') return value;
  if (isNumber(value) || value instanceof Date) return toText(value);
  throw wrongType(name, 'a string', value);
}

function trim(left: boolean, right: boolean): ExpressionOperator {
  return named(['input'], ['chars'], ({ input, chars }, name) => {
    if (isNullish(input) || chars === null) return null;
    const points = [...stringOperand(input, name)];
    const cut = new Set(chars === undefined ? whitespace : stringOperand(chars, name));
    let start = 0;
    let end = points.length;
    while (left && start < end && cut.has(points[start]!)) start += 1;
    while (right && end > start && cut.has(points[end - 1]!)) end -= 1;
    return points.slice(start, end).join('');
  });
}

function position(value: unknown, name: string): number {
  const number = intOperand(value, name);
  if (number < 0)
    throw new CommandError('BadValue', `${name}: a position must be at least 0, found: ${number}`);
  return number;
}

const substrCP = listed(3, 3, ([text, start, count], name) => {
  const points = [...coerced(text, name)];
  const from = position(start, name);
  return points.slice(from, from + position(count, name)).join('');
});

const substrBytes = listed(3, 3, ([text, start, count], name) => {
  const bytes = Buffer.from(coerced(text, name), 'utf8');
  const from = position(start, name);
  const length = intOperand(count, name);
  const to = length < 0 ? bytes.length : Math.min(from + length, bytes.length);
  const isInside = (at: number) => at < bytes.length && (bytes[at]! & 0xc0) === 0x80;
  if (isInside(from) || isInside(to)) {
    throw new CommandError('BadValue', `${name}: the range is in the middle of a UTF-8 character.`);
  }
  return bytes.subarray(from, to).toString('utf8');
});

function indexOf(operands: readonly unknown[], name: string): unknown {
  const [text, wanted, start, end] = operands;
  if (isNullish(text)) return null;
  const points = [...stringOperand(text, name)];
  const sought = [...stringOperand(wanted, name)];
  const from = operands.length > 2 ? position(start, name) : 0;
  const to = Math.min(operands.length > 3 ? position(end, name) : points.length, points.length);
  for (let index = from; index + sought.length <= to; index += 1) {
    if (sought.every((point, offset) => points[index + offset] === point)) return new Int32(index);
  }
  return new Int32(-1);
}

function replace(all: boolean): ExpressionOperator {
  return named(['input', 'find', 'replacement'], [], (operands, name) => {
    if (Object.values(operands).some(isNullish)) return null;
    const input = stringOperand(operands['input'], name);
    const find = stringOperand(operands['find'], name);
    const replacement = stringOperand(operands['replacement'], name);
    if (all && find === '') throw new CommandError('BadValue', `${name} with an empty 'find'`);
    if (all) {
      const pieces = input.split(find);
      const length = input.length + (pieces.length - 1) * (replacement.length - find.length);
      if (length > input.length) boundedLength(length, name);
      return pieces.join(replacement);
    }
    const at = input.indexOf(find);
    return at === -1
      ? input
      : boundedString(input.slice(0, at) + replacement + input.slice(at + find.length), name);
  });
}

function boundedLength(length: number, name: string): void {
  if (length > 16 * 1024 * 1024)
    throw new CommandError('BadValue', `${name} makes a string of ${length} characters`);
}

export const stringOperators: OperatorTable = {
  $concat: listed(0, Number.MAX_SAFE_INTEGER, (operands, name) =>
    operands.some(isNullish)
      ? null
      : boundedString(operands.map((operand) => stringOperand(operand, name)).join(''), name),
  ),
  $toUpper: listed(1, 1, ([value], name) => upper(coerced(value, name))),
  $toLower: listed(1, 1, ([value], name) => lower(coerced(value, name))),
  $strcasecmp: listed(2, 2, ([a, b], name) => {
    const order = Buffer.compare(Buffer.from(upper(coerced(a, name))), Buffer.from(upper(coerced(b, name))));
    return new Int32(order);
  }),
  $strLenCP: listed(1, 1, ([value], name) => new Int32([...stringOperand(value, name)].length)),
  $strLenBytes: listed(1, 1, ([value], name) => new Int32(Buffer.byteLength(stringOperand(value, name)))),
  $substrCP: substrCP,
  $substrBytes: substrBytes,
  $substr: substrBytes,
  $indexOfCP: listed(2, 4, indexOf),
  $split: listed(2, 2, ([text, separator], name) => {
    if (isNullish(text) || isNullish(separator)) return null;
    if (separator === '') throw new CommandError('BadValue', '$split requires a non-empty separator');
    return boundedArray(stringOperand(text, name).split(stringOperand(separator, name)), name);
  }),
  $trim: trim(true, true),
  $ltrim: trim(true, false),
  $rtrim: trim(false, true),
  $replaceOne: replace(false),
  $replaceAll: replace(true),
};
