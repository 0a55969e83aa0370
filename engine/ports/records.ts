// The records a flow reads and writes: orders, customers, … declared by whoever embeds the engine.
import type { Json, Schema } from '../definition/flow.js';

/** A record type: what it is made of and which permissions its use needs. */
export interface RecordType {
  readonly name: string;
  readonly title: string;
  /** JSON Schema of an object; `id` is always there. */
  readonly schema: Schema;
  readonly permissions: {
    readonly read: string;
    readonly create: string;
    readonly update: string;
    readonly delete: string;
  };
  /** `actions`: written by actions only; elements that create, update or delete such records are refused. */
  readonly writtenBy?: 'actions';
  /** A field that only actions read the inside of: it is left out of what is told of changes. */
  readonly opaque?: string;
}

export interface RecordValue {
  readonly id: string;
  readonly [field: string]: Json;
}

/** What a field of a record has to be. An operator but `contains` says nothing of what is inside a list. */
export interface RecordCondition {
  readonly field: string;
  readonly operator: RecordOperator;
  readonly value: Json;
}

/** A condition, or several that are joined: `all` of none always holds, `any` of none never does. */
export type RecordFilter =
  | RecordCondition
  | { readonly all: readonly RecordFilter[] }
  | { readonly any: readonly RecordFilter[] }
  | { readonly not: RecordFilter };

export interface RecordQuery {
  readonly type: string;
  /** All must hold. */
  readonly where: readonly RecordFilter[];
  readonly sort?: readonly { readonly field: string; readonly descending?: boolean }[];
  readonly limit: number;
}

export const recordOperators = [
  'equalTo',
  'notEqualTo',
  'greaterThan',
  'greaterThanOrEqualTo',
  'lessThan',
  'lessThanOrEqualTo',
  'startsWith',
  'endsWith',
  'contains',
  'in',
  'isNull',
] as const;

export type RecordOperator = (typeof recordOperators)[number];

/** A record with the version that a write of it is guarded by. */
export interface VersionedRecord {
  readonly value: RecordValue;
  readonly version: number;
}

/** A guarded change; the unit is refused if the version isn't the one that was read. Versions of an id never come again. */
export type RecordWrite =
  /** Under a version that no record of this id has had. */
  | { readonly kind: 'create'; readonly type: string; readonly value: RecordValue; readonly version: number }
  | {
      readonly kind: 'update';
      readonly type: string;
      readonly value: RecordValue;
      /** As it was read. */
      readonly prior: RecordValue;
      readonly version: number;
    }
  | { readonly kind: 'delete'; readonly type: string; readonly id: string; readonly version: number }
  /** Changes nothing and bumps the version: whoever decided on the old one is refused. */
  | { readonly kind: 'touch'; readonly type: string; readonly id: string; readonly version: number };

/** Reads records outside any transaction; writes go through the unit. */
export interface RecordsPort {
  readonly types: ReadonlyMap<string, RecordType>;
  read(type: string, id: string): Promise<VersionedRecord | undefined>;
  find(query: RecordQuery): Promise<VersionedRecord[]>;
}

/** Records as one segment sees them: what is stored, and its own writes over it; checks the run's rights. */
export interface RecordsSession {
  get(type: string, id: string): Promise<RecordValue | undefined>;
  find(query: RecordQuery): Promise<RecordValue[]>;
  create(type: string, value: Readonly<Record<string, Json>>): Promise<RecordValue>;
  update(type: string, id: string, changes: Readonly<Record<string, Json>>): Promise<RecordValue>;
  delete(type: string, id: string): Promise<void>;
}
