// Records as one segment sees them: the stored ones with their versions, and its own writes over them.
import { createHash } from 'node:crypto';
import type { SchemaCompiler } from '../../compile/schemas.js';
import type { Json } from '../../definition/flow.js';
import { engineLimits } from '../../limits.js';
import type { SeenRecord } from '../../ports/engine-store.js';
import type {
  RecordQuery,
  RecordsPort,
  RecordsSession,
  RecordType,
  RecordValue,
  RecordWrite,
  VersionedRecord,
} from '../../ports/records.js';
import { filtersWithInstants, withInstants } from '../record-instants.js';
import { compareRecords, matchesQuery } from '../record-query.js';
import { recordErrors, runErrors, toErrorProblems } from '../run-errors.js';

/** A record in the segment: `version` undefined: not stored; `value` undefined: none, or deleted. */
interface Entry {
  readonly type: string;
  readonly id: string;
  readonly version: number | undefined;
  stored: RecordValue | undefined;
  value: RecordValue | undefined;
}

/** Whose rights are checked; `system` has all of them. `action`: an action asks, not an element. */
export interface Rights {
  readonly action?: boolean;
  readonly system: boolean;
  readonly permissions: ReadonlySet<string>;
}

/** What an element or an action is about to do to a record. */
export interface Save {
  readonly change: 'create' | 'update' | 'delete';
  readonly type: string;
  readonly id: string;
  /** Undefined when it is deleted. */
  readonly value: RecordValue | undefined;
  /** The record as the segment knew it until now. */
  readonly prior: RecordValue | undefined;
}

export type RunBefore = (save: Save) => Promise<RecordValue | undefined>;

/** What runs before saves of a type, and answers what is saved; undefined: nothing does. At once where that is known. */
export type BeforeSaveHook = (type: string) => RunBefore | undefined | Promise<RunBefore | undefined>;

/** How a save is made. */
interface Saving {
  readonly before: RunBefore | undefined;
  readonly requireOpen: () => void;
}

const alwaysOpen = (): void => {};

const toHash = (key: string): string => createHash('sha256').update(key).digest('hex');
const toId = (key: string): string => toHash(key).slice(0, 24);
/** No two units begin at one, nor does any come to where another begins. */
const toFirstVersion = (unit: string): number => Number.parseInt(toHash(unit).slice(0, 12), 16);

export class SegmentRecords {
  readonly #port: RecordsPort;
  readonly #schemas: SchemaCompiler;
  readonly #entries: Map<string, Entry>;
  readonly #readOnly: boolean;
  /** Saves that something runs before are made one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  /** What was there before each change, in order. */
  readonly #undo: { readonly entry: Entry; readonly value: RecordValue | undefined }[] = [];

  constructor(port: RecordsPort, schemas: SchemaCompiler, shared?: Map<string, Entry>) {
    this.#port = port;
    this.#schemas = schemas;
    this.#entries = shared ?? new Map();
    this.#readOnly = shared !== undefined;
  }

  /** The same records for a flow that runs before a save: it may read them and change none. */
  forReading(): SegmentRecords {
    return new SegmentRecords(this.#port, this.#schemas, this.#entries);
  }

  /**
   * The session of one visit; ids of what it creates follow from `key`, so they are the same when it runs again.
   * `requireOpen` throws once the session is over: what was begun before writes nothing then either.
   */
  session(
    key: string,
    rights: Rights,
    beforeSave?: BeforeSaveHook,
    requireOpen: () => void = alwaysOpen,
  ): RecordsSession {
    let created = 0;
    const inTurn = <T>(type: string, save: (saving: Saving) => Promise<T>): Promise<T> =>
      this.#inTurn(type, beforeSave, (before) => save({ before, requireOpen }));
    return {
      get: async (type, id) => {
        requireOpen();
        this.#allow(type, 'read', rights);
        return (await this.#load(type, id)).value;
      },
      find: async (query) => {
        requireOpen();
        this.#allow(query.type, 'read', rights);
        return this.#find(query);
      },
      create: async (type, value) => {
        requireOpen();
        this.#allow(type, 'create', rights);
        created += 1;
        const given = value['id'];
        if (typeof given === 'string' && given !== '')
          return inTurn(type, (saving) => this.#create(type, { ...value, id: given }, saving));
        const id = toId(`${key}:${created}`);
        // Only this visit could have made it, and would not be made again then.
        this.#remember(type, id, undefined);
        return inTurn(type, (saving) => this.#create(type, Object.assign({ id }, value, { id }), saving));
      },
      update: async (type, id, changes) => {
        requireOpen();
        this.#allow(type, 'update', rights);
        return inTurn(type, (saving) => this.#update(type, id, changes, saving));
      },
      delete: async (type, id) => {
        requireOpen();
        this.#allow(type, 'delete', rights);
        await inTurn(type, (saving) => this.#delete(type, id, saving));
      },
    };
  }

  /** A record without any check of rights, for `$record`. */
  async peek(type: string, id: string): Promise<RecordValue | undefined> {
    return (await this.#load(type, id)).value;
  }

  /** Notes a record that was read for the segment: it is not read again. */
  note({ type, id, seen }: SeenRecord): void {
    this.#remember(type, id, seen);
  }

  /** What the segment has seen of a record, without reading. */
  seen(type: string, id: string): RecordValue | undefined {
    return this.#entries.get(`${type}:${id}`)?.value;
  }

  /** A record as the segment has read it; undefined if it hasn't. `record` is undefined if there was none. */
  seenOf(type: string, id: string): { readonly record: VersionedRecord | undefined } | undefined {
    const entry = this.#entries.get(`${type}:${id}`);
    if (entry === undefined) return undefined;
    const { version, stored } = entry;
    return { record: version === undefined || stored === undefined ? undefined : { version, value: stored } };
  }

  /** A record as it is stored, without reading. */
  storedOf(type: string, id: string): RecordValue | undefined {
    return this.#entries.get(`${type}:${id}`)?.stored;
  }

  /** Where the changes stand, to go back to. */
  mark(): number {
    return this.#undo.length;
  }

  /** Takes back the changes since then: an element that fails has written nothing. */
  backTo(mark: number): void {
    for (const { entry, value } of this.#undo.splice(mark).reverse()) entry.value = value;
  }

  rollBack(): void {
    this.#requireWritable();
    this.#undo.length = 0;
    for (const entry of this.#entries.values()) entry.value = entry.stored;
  }

  /** What `unit`, a name that no other unit has, writes. */
  writes(unit: string): RecordWrite[] {
    const writes: RecordWrite[] = [];
    for (const { type, id, version, stored, value } of this.#entries.values()) {
      if (value === stored) continue;
      if (version === undefined || stored === undefined) {
        if (value !== undefined) writes.push({ kind: 'create', type, value, version: toFirstVersion(unit) });
      } else if (value === undefined) {
        writes.push({ kind: 'delete', type, id, version });
      } else {
        writes.push({ kind: 'update', type, value, prior: stored, version });
      }
    }
    if (writes.length > engineLimits.recordWritesPerSegmentMax) {
      throw recordErrors.error('too-many-writes', `${writes.length} records are written in one segment`);
    }
    return writes;
  }

  #type(name: string): RecordType {
    const type = this.#port.types.get(name);
    if (type === undefined) throw recordErrors.error('type-unknown', `there are no records of type ${name}`);
    return type;
  }

  #allow(name: string, use: keyof RecordType['permissions'], rights: Rights): void {
    const { permissions, writtenBy } = this.#type(name);
    if (use !== 'read') this.#requireWritable();
    if (use !== 'read' && writtenBy === 'actions' && rights.action !== true) {
      throw recordErrors.error('by-actions-only', `${name} records are changed by actions only`);
    }
    const permission = permissions[use];
    if (rights.system || rights.permissions.has(permission)) return;
    throw recordErrors.error('forbidden', `to ${use} ${name} records needs the permission ${permission}`, {
      data: { permission },
    });
  }

  async #load(type: string, id: string): Promise<Entry> {
    const known = this.#entries.get(`${type}:${id}`);
    if (known !== undefined) return known;
    return this.#remember(type, id, await this.#port.read(type, id));
  }

  #remember(type: string, id: string, found: { value: RecordValue; version: number } | undefined): Entry {
    const key = `${type}:${id}`;
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const entry: Entry = { type, id, version: found?.version, stored: found?.value, value: found?.value };
    this.#entries.set(key, entry);
    return entry;
  }

  async #existing(type: string, id: string): Promise<Entry & { value: RecordValue | undefined }> {
    const entry = await this.#load(type, id);
    if (entry.value === undefined) throw recordErrors.error('unknown', `there is no ${type} ${id}`);
    return entry;
  }

  #requireWritable(): void {
    if (!this.#readOnly) return;
    throw runErrors.error('before-save', 'records can only be read while one is being saved');
  }

  /** Most types have nothing that runs before their saves, and nothing to wait for. */
  #inTurn<T>(
    type: string,
    beforeSave: BeforeSaveHook | undefined,
    save: (before: RunBefore | undefined) => Promise<T>,
  ): Promise<T> {
    const found = beforeSave?.(type);
    return found === undefined ? save(undefined) : this.#next(found, save);
  }

  async #next<T>(
    found: RunBefore | Promise<RunBefore | undefined>,
    save: (before: RunBefore | undefined) => Promise<T>,
  ): Promise<T> {
    const before = await found;
    if (before === undefined) return save(undefined);
    const mine = this.#turn.then(() => save(before));
    this.#turn = mine.catch(() => {});
    return mine;
  }

  async #create(type: string, wanted: RecordValue, saving: Saving): Promise<RecordValue> {
    const { id } = wanted;
    const entry = await this.#load(type, id);
    if (entry.value !== undefined) throw recordErrors.error('exists', `there is a ${type} ${id} already`);
    const value = withInstants(this.#type(type), wanted);
    return this.#save(entry, { change: 'create', type, id, value, prior: undefined }, saving);
  }

  async #update(
    type: string,
    id: string,
    changes: Readonly<Record<string, Json>>,
    saving: Saving,
  ): Promise<RecordValue> {
    const entry = await this.#existing(type, id);
    const value = withInstants(this.#type(type), { ...entry.value, ...changes, id });
    return this.#save(entry, { change: 'update', type, id, value, prior: entry.value }, saving);
  }

  async #delete(type: string, id: string, { before, requireOpen }: Saving): Promise<void> {
    const entry = await this.#existing(type, id);
    requireOpen();
    await before?.({ change: 'delete', type, id, value: undefined, prior: entry.value });
    requireOpen();
    this.#put(entry, undefined);
  }

  /** Checked last: what runs before the save may fill in what is missing. */
  #save(
    entry: Entry,
    save: Save & { readonly value: RecordValue },
    { before, requireOpen }: Saving,
  ): RecordValue | Promise<RecordValue> {
    requireOpen();
    const keep = (given: RecordValue): RecordValue => {
      requireOpen();
      const value = given === save.value ? given : withInstants(this.#type(save.type), given);
      this.#check(save.type, value, given === save.value ? '' : ' as before-save flows have changed it');
      this.#put(entry, value);
      return value;
    };
    return before === undefined ? keep(save.value) : before(save).then((value) => keep(value ?? save.value));
  }

  #put(entry: Entry, value: RecordValue | undefined): void {
    this.#undo.push({ entry, value: entry.value });
    entry.value = value;
  }

  #check(type: string, value: RecordValue, how: string): void {
    const problems = this.#schemas.compile(this.#type(type).schema)(value);
    if (problems.length === 0) return;
    throw recordErrors.error('invalid', `the ${type} ${value.id} is not valid${how}`, {
      problems: toErrorProblems(problems, 'records.invalid'),
    });
  }

  async #find(asked: RecordQuery): Promise<RecordValue[]> {
    const query = { ...asked, where: filtersWithInstants(this.#type(asked.type), asked.where) };
    const own = [...this.#entries.values()].filter(
      ({ type, value, stored }) => type === query.type && value !== stored,
    );
    const found = await this.#port.find({ ...query, limit: query.limit + own.length });
    const values: RecordValue[] = [];
    for (const record of found) {
      const { value } = this.#remember(query.type, record.value.id, record);
      if (value !== undefined && matchesQuery(value, query.where)) values.push(value);
    }
    const listed = new Set(values.map(({ id }) => id));
    for (const { value } of own) {
      if (value !== undefined && !listed.has(value.id) && matchesQuery(value, query.where))
        values.push(value);
    }
    if (own.length > 0) values.sort((left, right) => compareRecords(left, right, query.sort ?? []));
    return values.slice(0, query.limit);
  }
}
