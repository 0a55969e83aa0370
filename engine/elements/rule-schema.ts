// Schemas that several elements share.
import type { Schema } from '../definition/flow.js';
import { namePattern } from '../definition/names.js';

/** A rule, a condition list or a plain value. */
export const ruleSchema = (description: string, example: unknown): Schema => ({
  description,
  examples: [example],
});

/** A name in a flow. */
export const nameSchema = (description: string, example: string, more: Schema = {}): Schema => ({
  type: 'string',
  pattern: namePattern,
  ...more,
  description,
  examples: [example],
});

/** The name of an element that control goes to. */
export const targetSchema = (description: string): Schema => nameSchema(description, 'notifyCustomer');

/** Rules by name: inputs of an action, fields of a record. */
export const rulesSchema = (description: string, example: unknown): Schema => ({
  type: 'object',
  additionalProperties: {},
  description,
  examples: [example],
});
