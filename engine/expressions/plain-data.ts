// What counts as data: own properties of plain objects and lists, read without running anyone's code.
import { expressionErrors } from './expression-errors.js';
import { expressionLimits } from './expression-limits.js';

/** Names that are never looked up, even if data has them as its own: each opens the way to a prototype somewhere. */
export const forbiddenNames: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export type PlainObject = Readonly<Record<string, unknown>>;

/** Whether a value is an object made of own properties only: no class instance, no list. */
export function isPlainObject(value: unknown): value is PlainObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/**
 * An own data property, or undefined when there is none.
 *
 * @throws {RecourseError} `expression.data-invalid` when the property is a getter: reading it would run code
 */
export function ownValue(value: object, name: string): unknown {
  const property = Object.getOwnPropertyDescriptor(value, name);
  if (property === undefined) return undefined;
  if (!('value' in property)) {
    throw expressionErrors.error('data-invalid', `${JSON.stringify(name)} is computed by code, not data`);
  }
  return property.value;
}

/** @throws {RecourseError} `expression.output-too-large` */
export function boundText(text: string): string {
  if (text.length > expressionLimits.textCharsMax) {
    throw expressionErrors.error(
      'output-too-large',
      `a text is longer than ${expressionLimits.textCharsMax} characters`,
    );
  }
  return text;
}

/** @throws {RecourseError} `expression.output-too-large` */
export function boundList<Item>(list: Item[]): Item[] {
  if (list.length > expressionLimits.listItemsMax) {
    throw expressionErrors.error(
      'output-too-large',
      `a list is longer than ${expressionLimits.listItemsMax} items`,
    );
  }
  return list;
}

/**
 * Checks that a result is plain JSON of bounded size; parts that occur several times count each time.
 *
 * @throws {RecourseError} `expression.output-too-large`, `expression.data-invalid`
 */
export function checkOutput(value: unknown): void {
  let nodes = 0;
  let chars = 0;
  const visit = (part: unknown, depth: number): void => {
    nodes += 1;
    if (nodes > expressionLimits.outputNodesMax || depth > expressionLimits.outputDepthMax) {
      throw expressionErrors.error('output-too-large', 'the result has too many parts');
    }
    if (typeof part === 'string') {
      chars += boundText(part).length;
      if (chars > expressionLimits.outputCharsMax) {
        throw expressionErrors.error(
          'output-too-large',
          `the result has more than ${expressionLimits.outputCharsMax} characters`,
        );
      }
      return;
    }
    if (part === null || typeof part === 'boolean') return;
    if (typeof part === 'number' && Number.isFinite(part)) return;
    if (Array.isArray(part)) {
      for (const item of boundList(part)) visit(item, depth + 1);
      return;
    }
    if (!isPlainObject(part))
      throw expressionErrors.error('data-invalid', `the result has a ${nameOf(part)} in it`);
    for (const key of Object.keys(part)) visit(ownValue(part, key), depth + 1);
  };
  visit(value, 0);
}

function nameOf(value: unknown): string {
  return typeof value === 'object'
    ? 'class instance'
    : typeof value === 'number'
      ? 'number that is not finite'
      : typeof value;
}
