// Opens the one data layer: mongoose on the embedded driver, or on MongoDB when there is a connection string.
import { join } from 'node:path';
import { type Connection, type Model, Mongoose, type Schema } from 'mongoose';
import { RecourseError } from '../engine/errors/recourse-error.js';
import { embeddedDriver, makeDirectory } from './embedded/index.js';
import { embeddedClientOf } from './embedded-client.js';
import { apiKeySchema } from './models/api-key.js';
import { auditSchema } from './models/audit.js';
import { caseSchema } from './models/case.js';
import { customerSchema } from './models/customer.js';
import { invoiceSchema } from './models/invoice.js';
import { orderSchema } from './models/order.js';
import { jobSchema } from './models/job.js';
import { creditMemoSchema, returnSchema } from './models/order-document.js';
import { paymentSchema } from './models/payment.js';
import { productSchema } from './models/product.js';
import { sessionSchema } from './models/session.js';
import { settingSchema } from './models/setting.js';
import { shipmentSchema } from './models/shipment.js';
import { mailSchema, templateSchema } from './models/template.js';
import { roleSchema, userSchema } from './models/user.js';
import { makeCollections } from './make-collections.js';
import { takeDataDirectory } from './data-directory.js';
import { finishRestore } from './restore.js';
import { storeErrors } from './store-errors.js';
import { toStoreError } from './store-faults.js';

/** Where the data lies. `memory` is for tests: gone when it is closed. */
export type StoreLocation =
  /** `taken`: the caller has the data directory by `takeDataDirectory`, and keeps it until the store is closed. */
  | { readonly kind: 'directory'; readonly dataDir: string; readonly taken?: boolean }
  | { readonly kind: 'mongodb'; readonly uri: string }
  | { readonly kind: 'memory' };

const serverSelectionMsMax = 10_000;

function defineModels(connection: Connection) {
  // A model's own name is its record's; the collection's is in the schema.
  const model = <T>(name: string, schema: Schema<T>): Model<T> => connection.model<T>(name, schema);
  return {
    customers: model('Customer', customerSchema),
    products: model('Product', productSchema),
    orders: model('Order', orderSchema),
    shipments: model('Shipment', shipmentSchema),
    payments: model('Payment', paymentSchema),
    invoices: model('Invoice', invoiceSchema),
    returns: model('Return', returnSchema),
    creditMemos: model('CreditMemo', creditMemoSchema),
    cases: model('Case', caseSchema),
    users: model('User', userSchema),
    roles: model('Role', roleSchema),
    apiKeys: model('ApiKey', apiKeySchema),
    sessions: model('Session', sessionSchema),
    audit: model('Audit', auditSchema),
    jobs: model('Job', jobSchema),
    settings: model('Setting', settingSchema),
    templates: model('Template', templateSchema),
    mails: model('Mail', mailSchema),
  };
}

export type Models = ReturnType<typeof defineModels>;

export interface OpenDatabase {
  readonly kind: StoreLocation['kind'];
  readonly connection: Connection;
  readonly models: Models;
  /**
   * Writes a checked copy of the embedded store to a new file, while it serves.
   *
   * @throws {RecourseError} `store.backup-not-supported` on MongoDB.
   */
  backup(file: string): Promise<{ bytes: number }>;
  /** Throws unless the store answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the store and makes what it lacks of collections and indexes.
 *
 * A mongoose of its own for each call: several can be open in one process, on different drivers.
 *
 * @throws {RecourseError} `store.in-use`, `store.damaged`, `store.standalone`, `store.unavailable`
 */
export async function openDatabase(location: StoreLocation): Promise<OpenDatabase> {
  const mongoose = new Mongoose({ sanitizeFilter: true, strictQuery: 'throw' });
  const mustTake = location.kind === 'directory' && location.taken !== true;
  const taken = mustTake ? takeDataDirectory(location.dataDir) : undefined;
  try {
    await connect(mongoose, location);
    const { connection } = mongoose;
    const models = defineModels(connection);
    await makeCollections(Object.values(models));
    return {
      kind: location.kind,
      connection,
      models,
      backup: (file) => backUp(connection, file),
      ping: async () => {
        await models.settings.exists({ _id: 'ping' });
      },
      close: async () => {
        await mongoose.disconnect();
        taken?.release();
      },
    };
  } catch (error) {
    await mongoose.disconnect().catch(() => undefined);
    taken?.release();
    throw toStoreError(error);
  }
}

async function connect(mongoose: Mongoose, location: StoreLocation): Promise<void> {
  if (location.kind === 'mongodb') {
    await mongoose.connect(location.uri, {
      autoIndex: false,
      autoCreate: false,
      serverSelectionTimeoutMS: serverSelectionMsMax,
      writeConcern: { w: 'majority', journal: true },
      readConcern: { level: 'majority' },
    });
    await refuseStandalone(mongoose.connection);
    return;
  }
  mongoose.setDriver(embeddedDriver);
  if (location.kind === 'memory') {
    await mongoose.connect('embedded::memory:', { autoIndex: false, autoCreate: false });
    return;
  }
  await finishRestore(location.dataDir);
  const directory = storeDirectory(location.dataDir);
  makeDirectory(directory);
  try {
    await mongoose.connect(`embedded:${directory}`, { autoIndex: false, autoCreate: false });
  } catch (error) {
    const fault = toStoreError(error);
    if (fault instanceof RecourseError || !(fault instanceof Error)) throw fault;
    // What remains is a file that can't be read: damaged, of another format, or none of ours.
    throw storeErrors.error('damaged', `${directory}: ${fault.message}`, { cause: error });
  }
}

/** Where in the data directory the embedded store lies. */
export const storeDirectory = (dataDir: string): string => join(dataDir, 'store');

/** Without a replica set or a sharded cluster there are no transactions, and a unit would be torn by a crash. */
async function refuseStandalone(connection: Connection): Promise<void> {
  const admin = connection.db?.admin();
  // Servers that speak the protocol but not its newer commands know only the older name.
  const hello = await admin?.command({ hello: 1 }).catch(() => admin.command({ isMaster: 1 }));
  if (hello?.['setName'] !== undefined || hello?.['msg'] === 'isdbgrid') return;
  throw storeErrors.error(
    'standalone',
    'MONGODB_URI names a standalone MongoDB server, which has no transactions: it must be a replica set or a sharded cluster',
  );
}

async function backUp(connection: Connection, file: string): Promise<{ bytes: number }> {
  const client = embeddedClientOf(connection);
  if (client === undefined) {
    throw storeErrors.error('backup-not-supported', 'the data is in MongoDB, which has its own tools');
  }
  try {
    return await client.store.backup(file);
  } catch (error) {
    throw toStoreError(error);
  }
}
