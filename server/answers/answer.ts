// What routes answer, as JSON Schema 2020-12: for the OpenAPI document, and for the tests that hold every answer against it.
// A schema with a title becomes a component of the document under that title.

export type Schema = { readonly [keyword: string]: unknown };

/** `none`: no body. Errors are the same everywhere and are not listed. */
export type Answer = 'none' | { readonly schema: Schema } | { readonly mediaType: string };
/** By status. */
export type Answers = Readonly<Record<number, Answer>>;

type Properties = Readonly<Record<string, Schema>>;

/** An object with exactly these properties; those in `optional` may be missing. */
export const object = (required: Properties, optional: Properties = {}, title?: string): Schema => ({
  ...(title === undefined ? {} : { title }),
  type: 'object',
  properties: { ...required, ...optional },
  required: Object.keys(required),
  additionalProperties: false,
});
export const list = (items: Schema): Schema => ({ type: 'array', items });
/** An object whose members are named by data. */
export const byName = (values: Schema): Schema => ({ type: 'object', additionalProperties: values });

export const text: Schema = { type: 'string' };
export const nullableText: Schema = { type: ['string', 'null'] };
export const whole: Schema = { type: 'integer' };
export const nullableWhole: Schema = { type: ['integer', 'null'] };
export const flag: Schema = { type: 'boolean' };
export const instant: Schema = { type: 'string', format: 'date-time' };
export const nullableInstant: Schema = { type: ['string', 'null'], format: 'date-time' };
/** Data of flows: its shape is theirs. */
export const anyJson: Schema = {};
export const anyObject: Schema = { type: 'object' };
export const oneOf = (values: readonly string[]): Schema => ({ type: 'string', enum: values });

export const money: Schema = {
  title: 'Money',
  description: 'An exact amount, as decimal text.',
  type: 'object',
  properties: {
    amount: { type: 'string', pattern: '^-?\\d+(\\.\\d+)?$' },
    currency: { type: 'string', pattern: '^[A-Z]{3}$' },
  },
  required: ['amount', 'currency'],
  additionalProperties: false,
};

export const json = (schema: Schema): Answer => ({ schema });
export const none: Answer = 'none';
export const ofType = (mediaType: string): Answer => ({ mediaType });
/** A list that has no pages. */
export const items = (row: Schema): Answer => json(object({ items: list(row) }));
/** A page of a list, and where the next one begins. */
export const page = (row: Schema): Answer => json(object({ items: list(row), next: nullableText }));
/** The same where places are numbers. */
export const numberedPage = (row: Schema): Answer => json(object({ items: list(row), next: nullableWhole }));
