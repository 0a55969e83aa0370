// Lists as elements take them: null counts as the empty list, anything else that is no list is refused.
import type { Json, Rule } from '../definition/flow.js';
import { defineErrors } from '../errors/catalogue.js';
import type { Expression } from '../expressions/index.js';
import { absent, resolvePath } from '../expressions/variable-path.js';
import type { CompileSite } from './element.js';

export const collectionErrors = defineErrors('collection', {
  invalid: {
    status: 422,
    title: 'Not a list',
    who: 'caller',
    retryable: false,
    remedy: 'Give the element a list.',
  },
  'too-large': {
    status: 422,
    title: 'List too long',
    who: 'caller',
    retryable: false,
    remedy: 'Filter or limit the list first.',
  },
});

export const collectionItemsMax = 20_000;

/** The list that an element goes through; what is never one is reported. */
export function compileList(
  rule: Rule,
  pointer: string,
  at: Pick<CompileSite, 'expression' | 'constant'>,
): Expression {
  const list = at.expression(rule, pointer);
  const isList = (value: Json): boolean => value === null || Array.isArray(value);
  at.constant?.(list, pointer, 'a list', (value) => (isList(value) ? undefined : 'it is no list'), [
    'list',
    'null',
  ]);
  return list;
}

/** @throws {RecourseError} `collection.invalid`, `collection.too-large` */
export function toItems(value: Json, element: string): readonly Json[] {
  if (value === null) return [];
  if (!Array.isArray(value)) {
    throw collectionErrors.error('invalid', `${element} works on a list, not on ${typeof value}`);
  }
  return bounded(value, element);
}

/** @throws {RecourseError} `collection.too-large` */
export function bounded(items: readonly Json[], element: string): readonly Json[] {
  boundCount(items.length, `items in ${element}`);
  return items;
}

/** @throws {RecourseError} `collection.too-large` */
export function boundCount(count: number, what: string): void {
  if (count <= collectionItemsMax) return;
  throw collectionErrors.error('too-large', `there are more than ${collectionItemsMax} ${what}`);
}

/** The value of a field of an item, by a path as those of variables are; null if there is none. */
export function fieldOf(item: Json, path: string): Json {
  const value = resolvePath(item, path.split('.'));
  return value === absent ? null : (value as Json);
}
