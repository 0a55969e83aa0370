// Both engine stores pass one suite: the real one on the embedded driver, and the one in memory that the simulation uses.
import { Mongoose } from 'mongoose';
import { embeddedDriver } from '../../store/embedded/index.js';
import { openEngineStore } from '../../store/engine-store.js';
import { bindCollection } from '../../store/record-binding.js';
import { describeEngineStore } from '../conformance/engine-store.js';
import { MemoryEngineStore } from './memory-engine-store.js';
import { orderType } from './simulation.js';

describeEngineStore('in memory', async () => {
  const store = new MemoryEngineStore([orderType]);
  return { store, records: store.records, close: async () => {} };
});

describeEngineStore('mongoose on the embedded driver', async () => {
  const mongoose = new Mongoose();
  mongoose.setDriver(embeddedDriver);
  await mongoose.connect('embedded::memory:', { autoIndex: false, autoCreate: false });
  await mongoose.connection.createCollection('records_order');
  const binding = bindCollection(orderType, mongoose.connection.collection('records_order'));
  const { store, records } = await openEngineStore(mongoose.connection, [binding]);
  return { store, records, close: () => mongoose.disconnect() };
});
