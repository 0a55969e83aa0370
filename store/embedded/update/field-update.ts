// What one update operator does to one field, apart from where the field is.
import type { Document } from 'bson';

/** Stands for a field that is not there; as a result it removes the field. */
export const absent = Symbol('absent');

export interface FieldContext {
  /** The field's path in the document, for messages. */
  readonly path: string;
  /** The document as it was, for messages. */
  readonly document: Document;
  /** True while an upsert builds the document it inserts. */
  readonly insert: boolean;
  readonly now: Date;
}

export interface FieldUpdate {
  /**
   * Where the path is blocked by a scalar: `fail` because the field must be created, `check` although nothing would
   * be created (as MongoDB does for `$pull`, `$pullAll` and `$pop`), or `skip`.
   */
  readonly blocked: 'fail' | 'check' | 'skip';
  /** The new value of the field, never changing `current` in place; `current` or `absent` itself for no change. */
  next(current: unknown, context: FieldContext): unknown;
}

/** Makes the update of one field from an operator's argument. @throws {CommandError} if the argument is malformed. */
export type FieldOperator = (argument: unknown, path: string) => FieldUpdate;
