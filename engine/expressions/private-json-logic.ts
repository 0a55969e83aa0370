// A copy of json-logic-js of our own: operators added to the shared one, by anyone, never reach it, nor ours theirs.
import { createRequire } from 'node:module';

/** What we use of json-logic-js. Its whole recursion goes through `apply`, so replacing it puts us at every step. */
export interface JsonLogic {
  apply(logic: unknown, data: unknown): unknown;
  truthy(value: unknown): boolean;
  add_operation(name: string, operation: (this: unknown, ...operands: unknown[]) => unknown): void;
  rm_operation(name: string): void;
}

const require = createRequire(import.meta.url);

/** Loads the module once more, and leaves the cache of modules as it was. */
export function loadPrivateJsonLogic(): JsonLogic {
  const path = require.resolve('json-logic-js');
  const shared = require.cache[path];
  delete require.cache[path];
  try {
    return require(path) as JsonLogic;
  } finally {
    if (shared === undefined) delete require.cache[path];
    else require.cache[path] = shared;
  }
}
