// The embedded driver in process, in memory.
import mongoose, { type Mongoose } from 'mongoose';
import { embeddedDriver } from '../../../store/embedded/index.js';
import type { Backend } from '../backend.js';

export function embeddedBackend(): Backend {
  return {
    name: 'embedded',
    abilities: new Set(['transactions', 'explain', 'partialIndexes', 'refusals', 'functions']),
    async start() {},
    async open(database) {
      const instance: Mongoose = new mongoose.Mongoose();
      instance.setDriver(embeddedDriver);
      const connection = instance.createConnection('embedded::memory:', { dbName: database });
      await connection.asPromise();
      return { mongoose: instance, connection, db: connection.db!, close: () => connection.close() };
    },
    async stop() {},
  };
}
