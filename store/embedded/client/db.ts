// A database of the embedded client.
import type { Document } from 'bson';
import { CommandError, unsupported } from '../errors.js';
import { toNamespace } from '../namespace.js';
import type { Executor } from './executor.js';
import { EmbeddedCollection } from './collection.js';
import { type EmbeddedCursor, ListCursor } from './cursor.js';
import { toDriverError } from './errors-out.js';
import { checkOptions } from './options.js';
import { type BsonOptions, bsonOptionsOf, type Options } from './values.js';

export class EmbeddedDb {
  readonly client: Executor;
  readonly databaseName: string;
  readonly bsonOptions: BsonOptions;

  constructor(client: Executor, name: string, options: Options | undefined) {
    if (name === '' || /[/\\. "$\0]/.test(name)) {
      throw toDriverError(new CommandError('InvalidNamespace', `Invalid database name: "${name}"`));
    }
    this.client = client;
    this.databaseName = name;
    this.bsonOptions = bsonOptionsOf(options, client.bsonOptions);
  }

  get namespace(): string {
    return this.databaseName;
  }

  collection(name: string, options?: Options): EmbeddedCollection {
    try {
      toNamespace(this.databaseName, name);
    } catch (error) {
      throw toDriverError(error);
    }
    return new EmbeddedCollection(this, name, options);
  }

  /** Capped, time series, views, validators, collations: refused by the name of their option. */
  async createCollection(name: string, options?: Options): Promise<EmbeddedCollection> {
    checkOptions('createCollection', options, this.client.ignoredOptions);
    const collection = this.collection(name);
    await this.client.outside('create', options?.['session'], () =>
      this.client.store.createCollection(`${this.databaseName}.${name}`),
    );
    return collection;
  }

  async dropCollection(name: string, options?: Options): Promise<boolean> {
    return this.collection(name).drop(options);
  }

  async dropDatabase(options?: Options): Promise<boolean> {
    checkOptions('drop', options, this.client.ignoredOptions);
    await this.client.outside('dropDatabase', options?.['session'], () =>
      this.client.store.dropDatabase(this.databaseName),
    );
    return true;
  }

  /** @param filter By exact name only; anything else is refused. */
  listCollections(filter: Document = {}, options?: Options): EmbeddedCursor {
    const given = options ?? {};
    return new ListCursor(this.client, given, this.bsonOptions, async (store) => {
      checkOptions('listCollections', given, this.client.ignoredOptions);
      const { name: wanted, ...others } = filter;
      if (Object.keys(others).length > 0 || !['undefined', 'string'].includes(typeof wanted)) {
        throw unsupported('listCollections with a filter other than { name: "…" }');
      }
      const names = await store.listCollections(this.databaseName);
      return names
        .filter((name) => wanted === undefined || name === wanted)
        .map((name) =>
          given['nameOnly'] === true
            ? { name, type: 'collection' }
            : {
                name,
                type: 'collection',
                options: {},
                info: { readOnly: false },
                idIndex: { v: 2, key: { _id: 1 }, name: '_id_' },
              },
        );
    });
  }

  async collections(options?: Options): Promise<EmbeddedCollection[]> {
    const found = await this.listCollections({}, { ...options, nameOnly: true }).toArray();
    return found.map(({ name }) => this.collection(name as string));
  }

  async createIndex(name: string, key: unknown, options?: Options): Promise<string> {
    return this.collection(name).createIndex(key, options);
  }

  async indexInformation(name: string, options?: Options): Promise<Document> {
    return this.collection(name).indexInformation(options);
  }

  /** `ping` is all there is. */
  async command(command: Document, options?: Options): Promise<Document> {
    checkOptions('command', options, this.client.ignoredOptions);
    const [name] = Object.keys(command);
    if (name !== 'ping') throw toDriverError(unsupported(`the command "${name}"`));
    return this.client.run(options?.['session'], async () => ({ ok: 1 }));
  }

  admin(): EmbeddedAdmin {
    return new EmbeddedAdmin(this);
  }

  aggregate(): never {
    throw toDriverError(unsupported('an aggregation on a database'));
  }

  watch(): never {
    throw toDriverError(unsupported('change streams (watch)'));
  }

  runCursorCommand(): never {
    throw toDriverError(unsupported('runCursorCommand'));
  }

  async renameCollection(): Promise<never> {
    throw toDriverError(unsupported('renaming a collection'));
  }

  async stats(): Promise<never> {
    throw toDriverError(unsupported('the command "dbStats"'));
  }
}

/** What is left of the driver's `Admin`: everything else goes through `command`, which refuses it. */
export class EmbeddedAdmin {
  readonly #db: EmbeddedDb;

  constructor(db: EmbeddedDb) {
    this.#db = db;
  }

  async ping(options?: Options): Promise<Document> {
    return this.#db.command({ ping: 1 }, options);
  }

  async command(command: Document, options?: Options): Promise<Document> {
    return this.#db.command(command, options);
  }

  /** Names only: sizes are not kept per database. */
  async listDatabases(options?: Options): Promise<Document> {
    const { client } = this.#db;
    checkOptions('listDatabases', options, client.ignoredOptions);
    if (Object.keys((options?.['filter'] ?? {}) as Document).length > 0) {
      throw toDriverError(unsupported('listDatabases with a filter'));
    }
    const names = await client.outside('listDatabases', options?.['session'], () =>
      client.store.listDatabases(),
    );
    return { databases: names.map((name) => ({ name, empty: false })), ok: 1 };
  }
}
