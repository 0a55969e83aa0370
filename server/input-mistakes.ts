// What is wrong with one member of what a caller sent, and where in it.
import type { ErrorObject } from 'ajv/dist/2020.js';
import { fromPointer } from '../engine/errors/json-pointer.js';

export interface InputMistake {
  /** From the body, or the query string, to what is wrong. */
  readonly path: readonly string[];
  readonly code: 'unknown' | 'invalid';
  readonly detail: string;
  readonly expected: string;
}

const nameLengthMax = 100;

/** A name that is not known, beside those that are; `noun` is what they are names of. */
export function unknownName(path: readonly string[], known: readonly string[], noun: string): InputMistake {
  const shown = path.map((name) => name.slice(0, nameLengthMax));
  return {
    path: shown,
    code: 'unknown',
    detail: `${JSON.stringify(shown.join('.'))} is not known here`,
    expected: known.length === 0 ? `no ${noun}` : `one of ${known.join(', ')}`,
  };
}

export const missingName = (path: readonly string[], expected: string): InputMistake => ({
  path,
  code: 'invalid',
  detail: `${path.join('.')} is missing`,
  expected,
});

/** The first error of a member's validator, which is a verbose one; `expected` is what the member is to be. */
export function toMistake(member: string, error: ErrorObject, expected: string): InputMistake {
  const { instancePath, keyword, params, parentSchema = {}, propertyName, message = 'is invalid' } = error;
  const path = [member, ...fromPointer(instancePath)];
  const properties = (parentSchema['properties'] ?? {}) as Readonly<Record<string, { description?: string }>>;
  if (keyword === 'additionalProperties') {
    return unknownName([...path, String(params['additionalProperty'])], Object.keys(properties), 'fields');
  }
  if (keyword === 'required') {
    const name = String(params['missingProperty']);
    return missingName([...path, name], properties[name]?.description ?? expected);
  }
  const place = propertyName === undefined ? path : [...path, propertyName.slice(0, nameLengthMax)];
  return {
    path: place,
    code: 'invalid',
    detail: `${place.join('.')} ${message}`,
    expected: place.length === 1 ? expected : expectedWithin(error, expected),
  };
}

/** What is expected inside a member: it says so itself, or lists it. */
function expectedWithin({ keyword, params, parentSchema = {} }: ErrorObject, expected: string): string {
  if (typeof parentSchema['description'] === 'string') return parentSchema['description'];
  return keyword === 'enum' ? `one of ${(params['allowedValues'] as unknown[]).join(', ')}` : expected;
}
