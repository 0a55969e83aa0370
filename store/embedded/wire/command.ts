// What a command is to the wire server: its names, the options it takes, and what it does.
import { type Document, Double, Int32, Long } from 'bson';
import { isDocument } from '../bson/fields.js';
import { CommandError } from '../errors.js';
import { toNamespace } from '../namespace.js';
import type { Bytes, Namespace, OnceKey, ReadContext, Store, Transaction } from '../store.js';
import type { CursorOwner, Cursors } from './cursors.js';
import type { WireLimits } from './limits.js';
import type { Session, Sessions, Stamp } from './sessions.js';

/** What the commands of one server share. */
export interface Serving {
  readonly store: Store;
  readonly sessions: Sessions;
  readonly cursors: Cursors;
  readonly limits: WireLimits;
  /** `host:port`, as clients reach it. */
  readonly address: string;
  readonly startedAt: Date;
  connectionCount(): number;
}

/** One command to be carried out. */
export interface Call {
  readonly serving: Serving;
  readonly name: string;
  readonly database: string;
  /** In canonical form. */
  readonly body: Document;
  readonly bodyBytes: Bytes;
  readonly sequences: ReadonlyMap<string, readonly Bytes[]>;
  readonly connectionId: number;
  readonly session?: Session;
  readonly stamp?: Stamp;
  /** The open transaction that the command belongs to. */
  readonly transaction?: Transaction;
  /** Under which the store carries out a write once. */
  readonly once?: OnceKey;
  readonly owner: CursorOwner;
}

/** The fields of a reply, in order; `Raw` values go out as they are. `ok: 1` is added. */
export type Reply = Readonly<Record<string, unknown>>;

export interface Command {
  /** The first is the one we call it by. */
  readonly names: readonly string[];
  /** Fields it takes beside its name and those that every command takes. */
  readonly options: readonly string[];
  /** Its part in sessions; the default is to have none, and to be refused in a transaction. */
  readonly part?: 'read' | 'write' | 'end';
  run(call: Call): Promise<Reply>;
}

export function readContext({ transaction }: Call): ReadContext {
  return transaction === undefined ? {} : { transaction };
}

/** `database.collection` of a command whose first field names the collection. @throws {CommandError} `InvalidNamespace`. */
export function namespaceOf({ body, name, database }: Call, field = name): Namespace {
  const collection: unknown = body[field];
  if (typeof collection !== 'string') {
    throw new CommandError('InvalidNamespace', `collection name has invalid type ${typeof collection}`);
  }
  return toNamespace(database, collection);
}

/** An integer field, or undefined. @throws {CommandError} `TypeMismatch` or `BadValue`. */
export function integerField(fields: Document, name: string): number | undefined {
  const value: unknown = fields[name];
  if (value === undefined || value === null) return undefined;
  if (!(value instanceof Int32) && !(value instanceof Long) && !(value instanceof Double)) {
    throw new CommandError('TypeMismatch', `BSON field '${name}' is the wrong type, expected a number`);
  }
  const number = Number(value.toString());
  if (!Number.isInteger(number))
    throw new CommandError('BadValue', `BSON field '${name}' must be an integer`);
  return number;
}

/** @throws {CommandError} as `integerField`, and `BadValue` for a negative one. */
export function countField(fields: Document, name: string): number | undefined {
  const number = integerField(fields, name);
  if (number !== undefined && number < 0) {
    throw new CommandError('BadValue', `BSON field '${name}' value must be >= 0, actual value '${number}'`);
  }
  return number;
}

/** A boolean, or a number that stands for one. @throws {CommandError} `TypeMismatch`. */
export function flagField(fields: Document, name: string): boolean | undefined {
  const value: unknown = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  return integerField(fields, name) !== 0;
}

/** @throws {CommandError} `TypeMismatch` unless it is a document or absent. */
export function documentField(fields: Document, name: string): Document | undefined {
  const value: unknown = fields[name];
  if (value === undefined || value === null) return undefined;
  if (!isDocument(value)) {
    throw new CommandError('TypeMismatch', `BSON field '${name}' is the wrong type, expected an object`);
  }
  return value;
}

/** A document that says something: an empty sort or projection is none. */
export function optionalDocument(fields: Document, name: string): Document | undefined {
  const value = documentField(fields, name);
  return value === undefined || Object.keys(value).length === 0 ? undefined : value;
}

/** @throws {CommandError} `TypeMismatch` unless it is an array of documents or absent. */
export function documentsField(fields: Document, name: string): Document[] | undefined {
  const value: unknown = fields[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every(isDocument)) {
    throw new CommandError(
      'TypeMismatch',
      `BSON field '${name}' is the wrong type, expected an array of objects`,
    );
  }
  return value;
}

export function textField(fields: Document, name: string): string {
  const value: unknown = fields[name];
  if (typeof value !== 'string') {
    throw new CommandError('TypeMismatch', `BSON field '${name}' is the wrong type, expected a string`);
  }
  return value;
}

/** An index by name or by key pattern. */
export function hintField(fields: Document): string | Document | undefined {
  const value: unknown = fields['hint'];
  return typeof value === 'string' ? value : optionalDocument(fields, 'hint');
}

/** The object without its undefined members, which the store's types tell apart from absent ones. */
export function present<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
