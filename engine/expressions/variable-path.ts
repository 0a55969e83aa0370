// Paths of variables, `order.lines.0.sku`, and their resolution by own properties only.
import { expressionErrors } from './expression-errors.js';
import { expressionLimits } from './expression-limits.js';
import { forbiddenNames, isPlainObject, ownValue } from './plain-data.js';

/** A marker that can't be data: nothing is there. */
export const absent: unique symbol = Symbol('absent');

const indexShape = /^(?:0|[1-9]\d{0,8})$/;

/** The names of a path; the empty path, `''` or null, is the whole scope. @throws {RecourseError} `expression.variable-invalid` */
export function toSegments(path: unknown): readonly string[] {
  if (path === null || path === undefined || path === '') return [];
  const text = typeof path === 'number' && Number.isInteger(path) ? String(path) : path;
  if (typeof text !== 'string' || text.length > expressionLimits.pathCharsMax) {
    throw expressionErrors.error(
      'variable-invalid',
      `the path of a variable is text of at most ${expressionLimits.pathCharsMax} characters`,
    );
  }
  return text.split('.');
}

/**
 * What stands at a path, or `absent`. A part of null is null, as a record that is not there has no fields.
 *
 * @throws {RecourseError} `expression.data-invalid` for getters, functions and other things that are not data
 */
export function resolvePath(data: unknown, segments: readonly string[]): unknown {
  let current = data;
  for (const name of segments) {
    if (current === null) return null;
    if (forbiddenNames.has(name)) return absent;
    if (Array.isArray(current)) {
      const index = indexShape.test(name) ? Number(name) : Number.POSITIVE_INFINITY;
      if (index >= current.length) return absent;
      current = ownValue(current, name);
    } else if (isPlainObject(current)) {
      current = ownValue(current, name);
    } else {
      return absent;
    }
    if (current === undefined) return absent;
  }
  if (current === undefined) return absent;
  if (isData(current)) return current;
  throw expressionErrors.error('data-invalid', `${segments.join('.') || 'the scope'} is not plain data`);
}

/** The names at the place where a path ends to resolve, for "did you mean"; each prefixed with what did resolve. */
export function namesNear(data: unknown, segments: readonly string[]): string[] {
  for (let length = segments.length - 1; length >= 0; length -= 1) {
    const parent = resolvePath(data, segments.slice(0, length));
    if (parent === absent) continue;
    if (!isPlainObject(parent)) return [];
    const prefix = segments
      .slice(0, length)
      .map((name) => `${name}.`)
      .join('');
    return Object.keys(parent).map((name) => prefix + name);
  }
  return [];
}

function isData(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  return Array.isArray(value) || isPlainObject(value);
}
