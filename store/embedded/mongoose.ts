// The embedded store as a mongoose driver: `mongoose.setDriver(embeddedDriver)`, then
// `mongoose.connect('embedded:<directory>')`.
//
// mongoose's own Connection and Collection for MongoDB are kept, through the public `mongoose.driver`, and only
// `createClient` is replaced: they hold all of the buffering, `useDb`, `close`, debug and events, and ask nothing of
// the client but the driver's methods, which ours has. Writing them again on the abstract base classes would copy some
// 600 lines that must then follow every release.
import mongoose from 'mongoose';
import { type ClientExtras, databaseNameDefault, EmbeddedClient } from './client/client.js';
import type { EmbeddedDb } from './client/db.js';
import type { Options } from './client/values.js';

const scheme = 'embedded:';

/** Options that mongoose reads itself and passes on all the same. */
const ofMongoose: ClientExtras = {
  ignoredOptions: new Set([
    '_automatic',
    '_populateBatchSize',
    '_skipCastBulkWrite',
    'clone',
    'context',
    'debug',
    'defaults',
    'isDeleted',
    'lean',
    'middleware',
    'multi',
    'multipleCastError',
    'new',
    'omitUndefined',
    'overwriteDiscriminatorKey',
    'overwriteImmutable',
    'perDocumentLimit',
    'populate',
    'rawResult',
    'retainNullValues',
    'returnOriginal',
    'runValidators',
    'setDefaultsOnInsert',
    'skipValidation',
    'strict',
    'skipInvalidIds',
    'strictPopulate',
    'strictQuery',
    'throwOnError',
    'throwOnValidationError',
    'timestamps',
    'transform',
    'translateAliases',
    'updatePipeline',
    'useMongooseAggCursor',
    'validateBeforeSave',
    'validateModifiedOnly',
    // insertMany: how many documents are validated at a time.
    'insertMany.limit',
    // A schema with `select: false` puts a projection on every query.
    'updateOne.projection',
    'updateMany.projection',
    'replaceOne.projection',
    'deleteOne.projection',
    'deleteMany.projection',
    'countDocuments.projection',
    'distinct.projection',
    // Reading queries may have been given what only a write of theirs would use.
    'find.upsert',
    // Of the schema, on each of its models' collections.
    'createCollection.autoCreate',
    'createCollection.autoIndex',
  ]),
};

/** What is used of mongoose's Connection beyond its public type. */
interface DriverConnection {
  _destroyCalled?: boolean;
  _closeCalled?: boolean;
  _connectionOptions?: Options;
  _connectionString?: string;
  $dbName?: string;
  readyState: number;
  readonly states: { readonly connecting: number; readonly connected: number };
  readonly otherDbs: DriverConnection[];
  readonly config: Record<string, unknown>;
  name: string;
  host: string;
  client: EmbeddedClient | undefined;
  db: EmbeddedDb | undefined;
  onOpen(): void;
}

/** The part of a mongoose driver's Connection that a driver of one's own replaces. */
type ConnectionClass = new (...parameters: unknown[]) => DriverConnection;

const { driver } = mongoose as unknown as {
  driver: { get(): { Connection: ConnectionClass; Collection: unknown } };
};
const native = driver.get();

/** Options of a connection that mongoose keeps as its configuration. */
const configured = [
  'autoIndex',
  'autoCreate',
  'autoSearchIndex',
  'sanitizeFilter',
  'bufferTimeoutMS',
  'bufferCommands',
];

class EmbeddedConnection extends native.Connection {
  /** mongoose calls this from `connect`, `createConnection` and `openUri`. */
  async createClient(uri: unknown, options: Options = {}): Promise<this> {
    if (typeof uri !== 'string' || !uri.startsWith(scheme) || uri === scheme) {
      throw new mongoose.MongooseError(
        `the embedded driver opens "embedded:<directory>" or "embedded::memory:", not ${JSON.stringify(uri)}`,
      );
    }
    if (this._destroyCalled) {
      throw new mongoose.MongooseError(
        'Connection has been closed and destroyed, and cannot be used for re-opening the connection. ' +
          'Please create a new connection with `mongoose.createConnection()` or `mongoose.connect()`.',
      );
    }
    const { connecting, connected } = this.states;
    const active = this.readyState === connecting || this.readyState === connected;
    if (active && this._connectionString !== uri) {
      throw new mongoose.MongooseError(
        "Can't call `openUri()` on an active connection with different connection strings. " +
          "Make sure you aren't calling `mongoose.connect()` multiple times.",
      );
    }
    const { dbName, config, ...rest } = options;
    const settings: Record<string, unknown> = { ...rest };
    const autoIndex = (config as Options | undefined)?.['autoIndex'];
    if (autoIndex !== undefined) settings['autoIndex'] ??= autoIndex;
    for (const name of configured) {
      if (settings[name] !== undefined && settings[name] !== null) this.config[name] = settings[name];
      delete settings[name];
    }
    if (typeof dbName === 'string') this.$dbName = dbName;
    this._connectionOptions = settings;
    this.readyState = connecting;
    this._connectionString = uri;
    const client = new EmbeddedClient(uri.slice(scheme.length), settings, ofMongoose);
    // Every connection made by `useDb` may listen.
    client.setMaxListeners(0);
    await client.connect();
    attach(this, client, typeof dbName === 'string' ? dbName : databaseNameDefault);
    // Those made by `useDb` before there was a client.
    for (const other of this.otherDbs) {
      if (other.client !== client) attach(other, client, other.name);
    }
    return this;
  }
}

function attach(connection: DriverConnection, client: EmbeddedClient, databaseName: string): void {
  connection.client = client;
  connection.db = client.db(databaseName);
  connection.name = databaseName;
  connection.host = 'embedded';
  connection._closeCalled = false;
  connection.onOpen();
}

/** For `mongoose.setDriver`. */
export const embeddedDriver = { Connection: EmbeddedConnection, Collection: native.Collection };
