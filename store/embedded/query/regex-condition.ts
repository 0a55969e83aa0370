// A regular expression as a condition: on strings, and on a stored regular expression that is the same one.
import { regexParts } from '../bson/compare.js';
import { typeOf } from '../bson/type-of.js';
import { CommandError } from '../errors.js';
import { type Condition, presentLeaf } from './condition.js';
import { compileRegex } from './regex.js';

/** @throws {CommandError} `BadValue` as `compileRegex` does. */
export function regexCondition(regex: unknown): Condition {
  const { pattern, options } = regexParts(regex);
  return patternCondition(pattern, options);
}

function patternCondition(pattern: string, options: string): Condition {
  const test = compileRegex(pattern, options);
  return presentLeaf((value) => {
    if (typeof value === 'string') return test(value);
    const type = typeOf(value);
    if (type === 'symbol') return test(String(value));
    if (type !== 'regex') return false;
    const stored = regexParts(value);
    return stored.pattern === pattern && stored.options === options;
  });
}

/**
 * `$regex` with its `$options`.
 *
 * @throws {CommandError} `BadValue` if an operand is of a wrong type or options are given twice.
 */
export function regexOperator(operand: unknown, options: unknown): Condition {
  if (options !== undefined && typeof options !== 'string') {
    throw new CommandError('BadValue', '$options has to be a string');
  }
  if (typeof operand === 'string') return patternCondition(operand, options ?? '');
  if (typeOf(operand) !== 'regex') throw new CommandError('BadValue', '$regex has to be a string');
  const own = regexParts(operand);
  if (options !== undefined && own.options !== '') {
    throw new CommandError('BadValue', 'options set in both $regex and $options');
  }
  return patternCondition(own.pattern, options ?? own.options);
}
