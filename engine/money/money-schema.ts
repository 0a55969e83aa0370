// Which schemas are of money.
import type { Schema } from '../definition/flow.js';

/** Whether what a schema accepts is an amount, or null. */
export function isMoneySchema({ type, properties }: Schema): boolean {
  const isObject = type === 'object' || (Array.isArray(type) && type.includes('object'));
  return (
    isObject &&
    typeof properties === 'object' &&
    properties !== null &&
    'amount' in properties &&
    'currency' in properties
  );
}
