// Schemas that several elements share.
import type { Schema } from '../definition/flow.js';

/** A rule, a condition list or a plain value. */
export const ruleSchema = (description: string, example: unknown): Schema => ({
  description,
  examples: [example],
});

/** The name of an element that control goes to. */
export const targetSchema = (description: string): Schema => ({
  type: 'string',
  pattern: '^[A-Za-z][A-Za-z0-9_]{0,63}$',
  description,
  examples: ['notifyCustomer'],
});

/** Rules by name: inputs of an action, fields of a record. */
export const rulesSchema = (description: string, example: unknown): Schema => ({
  type: 'object',
  additionalProperties: {},
  description,
  examples: [example],
});
