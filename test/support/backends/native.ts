// The real mongodb driver, with mongoose, on a server named by its connection string.
import mongoose, { type Mongoose } from 'mongoose';
import type { Opened } from '../backend.js';

/** Connects to `uri`; what is in `database` stays. */
export async function openNative(uri: string, database: string): Promise<Opened> {
  const instance: Mongoose = new mongoose.Mongoose();
  const connection = instance.createConnection(uri, { dbName: database, serverSelectionTimeoutMS: 10_000 });
  await connection.asPromise();
  return { mongoose: instance, connection, db: connection.db!, close: () => connection.close() };
}
