// Input that many routes take.
import { InputCheck } from '../input.js';

export const limitDefault = 25;
export const limitMax = 100;

/** How many rows a page has. */
export const limit = {
  type: 'integer',
  minimum: 1,
  maximum: limitMax,
  description: `a whole number from 1 to ${limitMax}; ${limitDefault} if absent`,
} as const;

/** For a query string, or a body, in which nothing is expected. */
export const nothing = new InputCheck({ type: 'object', properties: {}, additionalProperties: false });

/** Which version becomes the active one. */
export const activateBody = new InputCheck({
  type: 'object',
  properties: { version: { type: 'integer', minimum: 1, description: 'the version to be made active' } },
  required: ['version'],
  additionalProperties: false,
});

/** A number or name of ours. */
export const word = { type: 'string', pattern: '^[A-Za-z0-9._-]{1,40}$' } as const;

export const emailAddress = {
  type: 'string',
  format: 'email',
  maxLength: 254,
  description: 'a whole e-mail address',
} as const;
