// Rules that are evaluated for each item of a list; the item stands in a variable, as in a loop.
import type { Json, Schema } from '../definition/flow.js';
import type { Visit } from './element.js';

export const itemSchema = (description: string): Schema => ({
  type: 'string',
  minLength: 1,
  maxLength: 64,
  description,
  examples: ['line'],
});

/** Does something with each item while a variable holds it; afterwards it is as it was, unless it was null. */
export function eachItem(
  visit: Visit,
  variable: string,
  items: readonly Json[],
  visitItem: (item: Json) => void,
): void {
  const before = visit.variable(variable) ?? null;
  for (const item of items) {
    visit.assign(variable, item);
    visitItem(item);
  }
  // Null is what a variable is before it is first assigned, whatever its schema says.
  if (before !== null) visit.assign(variable, before);
}
