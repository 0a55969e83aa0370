// Equality and order of values: numbers as numbers, money as money, times as moments; nothing is converted silently.
import { isInstantText, momentOf, toInstant } from '../calendar/instant.js';
import { compareMoney, isMoney, moneyKey } from '../money/money.js';
import { keysAStep, momentSteps } from './comparison-steps.js';
import { numberOfText } from './decimal.js';
import { expressionErrors } from './expression-errors.js';
import { expressionLimits } from './expression-limits.js';
import { asNumber, unexpected } from './operands.js';
import type { Call } from './operator.js';
import { isPlainObject, ownValue } from './plain-data.js';

type Spend = Pick<Call, 'spend'>;

/**
 * JsonLogic's `===`: same kind and same value, all the way down; money by its value.
 *
 * @throws {RecourseError} `expression.too-deep` beyond 64 levels of lists and objects
 */
export function strictlyEqual(left: unknown, right: unknown, call: Spend): boolean {
  return equalAt(0, left, right, call);
}

function equalAt(depth: number, left: unknown, right: unknown, call: Spend): boolean {
  call.spend(1);
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (depth > expressionLimits.outputDepthMax) {
    throw expressionErrors.error(
      'too-deep',
      `values more than ${expressionLimits.outputDepthMax} levels deep are not compared`,
    );
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => equalAt(depth + 1, item, right[index], call));
  }
  if (!isPlainObject(left) || !isPlainObject(right)) return false;
  const [money, otherMoney] = [moneyKey(left), moneyKey(right)];
  if (money !== undefined && otherMoney !== undefined) return money === otherMoney;
  const [keys, otherKeys] = [Object.keys(left), Object.keys(right)];
  // The names are listed even if there are more on one side, and nothing else is looked at.
  call.spend(Math.floor((keys.length + otherKeys.length) / keysAStep));
  if (keys.length !== otherKeys.length) return false;
  return keys.every(
    (key) => Object.hasOwn(right, key) && equalAt(depth + 1, ownValue(left, key), ownValue(right, key), call),
  );
}

/** JsonLogic's `==`: as `===`, except that a number equals the text of it. Null equals null only. */
export function looselyEqual(left: unknown, right: unknown, call: Spend): boolean {
  if (typeof left === 'number' && typeof right === 'string') return left === numberOfText(right);
  if (typeof left === 'string' && typeof right === 'number') return numberOfText(left) === right;
  return strictlyEqual(left, right, call);
}

/**
 * JsonLogic's `<` as a sign: two texts by their characters, money of one currency, otherwise numbers.
 *
 * @throws {RecourseError} `expression.operand-invalid` for null, true, false, lists and text that is not a number
 */
export function order(left: unknown, right: unknown, call: Spend): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') {
    call.spend(Math.ceil(Math.min(left.length, right.length) / 64));
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (isMoney(left) && isMoney(right)) return compareMoney(left, right);
  if (isMoney(left) || isMoney(right)) throw unexpected('money on both sides', isMoney(left) ? right : left);
  const difference = asNumber(left) - asNumber(right);
  return difference;
}

/**
 * Order as conditions see it: as `order`, but two points in time are compared as moments, whatever their offsets.
 *
 * @throws {RecourseError} as `order`
 */
export function orderOfMoments(left: unknown, right: unknown, call: Spend): number {
  if (typeof left === 'string' && typeof right === 'string' && isInstantText(left) && isInstantText(right)) {
    call.spend(momentSteps);
    const [a, b] = [toInstant(left).epochNanoseconds, toInstant(right).epochNanoseconds];
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return order(left, right, call);
}

/** Equality as conditions see it: as `==`, but two points in time are compared as moments, and as texts if one only looks like it. */
export function equalMoments(left: unknown, right: unknown, call: Spend): boolean {
  if (typeof left === 'string' && typeof right === 'string' && left !== right) {
    if (isInstantText(left) && isInstantText(right)) {
      call.spend(momentSteps);
      const moment = momentOf(left);
      return moment !== undefined && moment === momentOf(right);
    }
  }
  return looselyEqual(left, right, call);
}

/** JsonLogic's truth: false, null, 0, empty text and the empty list are false. */
export function isTruthy(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}
