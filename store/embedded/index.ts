// The public door of the embedded store: a mongoose driver, a client like the mongodb driver's, and the store itself.
export { EmbeddedBulkWriteResult } from './client/bulk.js';
export { EmbeddedClient } from './client/client.js';
export { EmbeddedCollection } from './client/collection.js';
export { EmbeddedDb } from './client/db.js';
export { EmbeddedSession } from './client/session.js';
export { CommandError, codes, type CodeName, type ErrorLabel, unsupported } from './errors.js';
export { embeddedDriver } from './mongoose.js';
export { openStore } from './open.js';
export { makeDirectory } from './storage/make-directory.js';
export type * from './store.js';
