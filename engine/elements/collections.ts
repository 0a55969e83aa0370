// Lists as elements take them: null counts as the empty list, anything else that is no list is refused.
import type { Json } from '../definition/flow.js';
import { defineErrors } from '../errors/catalogue.js';

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
  if (items.length <= collectionItemsMax) return items;
  throw collectionErrors.error('too-large', `${element} has more than ${collectionItemsMax} items`);
}

/** The value of a field of an item, by a path of own names; null if there is none. */
export function fieldOf(item: Json, path: string): Json {
  let value: Json | undefined = item;
  for (const name of path.split('.')) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name)) return null;
    value = (value as Readonly<Record<string, Json>>)[name];
  }
  return value ?? null;
}
