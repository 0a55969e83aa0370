// Whether values are equal, as a key that can be looked up: lists of many items are compared in one pass.
import type { Json } from '../definition/flow.js';
import { moneyKey } from '../money/money.js';

/** A text that is the same for two values when they are equal: objects whatever the order of their fields, money by its value. */
export function valueKey(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(valueKey).join()}]`;
  const money = moneyKey(value);
  // What only looks like money is an object like others.
  if (money !== undefined) return money;
  const fields = Object.entries(value as Readonly<Record<string, Json>>)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, part]) => `${JSON.stringify(name)}:${valueKey(part)}`);
  return `{${fields.join()}}`;
}
