// The real mongodb driver, with mongoose, on a server named by its connection string.
import mongoose, { type Mongoose } from 'mongoose';
import type { Opened } from '../backend.js';

/** Connects to `uri` and empties `database`. */
export async function openNative(uri: string, database: string): Promise<Opened> {
  const instance: Mongoose = new mongoose.Mongoose();
  const connection = instance.createConnection(uri, { dbName: database, serverSelectionTimeoutMS: 10_000 });
  await connection.asPromise();
  await connection.dropDatabase();
  return {
    mongoose: instance,
    connection,
    db: connection.db!,
    async close() {
      await connection.dropDatabase();
      await connection.close();
    },
  };
}
