// How every schema of this room is made: unknown fields are refused, the version guards against lost updates, and
// indexes are made at start, never in a unit.
import { Schema, type SchemaDefinition } from 'mongoose';

/** A record: `_id` is its own business key, `version` counts its writes. */
export function recordSchema<T>(collection: string, definition: SchemaDefinition<T>): Schema<T> {
  return new Schema<T>(definition, {
    collection,
    strict: 'throw',
    strictQuery: 'throw',
    versionKey: 'version',
    optimisticConcurrency: true,
    autoIndex: false,
    autoCreate: false,
    minimize: false,
  }) as Schema<T>;
}

/** A part of a record, without an `_id` of its own. */
export function partSchema<T>(definition: SchemaDefinition<T>): Schema<T> {
  return new Schema<T>(definition, { _id: false, strict: 'throw', minimize: false }) as Schema<T>;
}

/** Required text, at most `max` characters. */
export const text = (max = 200) => ({ type: String, required: true, maxlength: max }) as const;

/** Text that may be absent. */
export const optionalText = (max = 200) => ({ type: String, maxlength: max }) as const;

/** An amount in minor units, as a 64-bit integer. */
export const minor = { type: Schema.Types.BigInt, required: true } as const;

/** ISO 4217. */
export const currency = { type: String, required: true, match: /^[A-Z]{3}$/ } as const;

export const date = { type: Date, required: true } as const;

/** A number of pieces. */
export const pieces = {
  type: Number,
  required: true,
  min: 0,
  validate: { validator: Number.isSafeInteger, message: '{PATH} must be a whole number' },
} as const;
