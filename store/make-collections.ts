// Collections and indexes are made when a store is opened, never in a unit.
import type { Model } from 'mongoose';

/** Makes what is missing of the collections of models and of their indexes. */
export async function makeCollections(
  models: readonly Pick<Model<unknown>, 'createCollection' | 'createIndexes'>[],
): Promise<void> {
  await Promise.all(
    models.map(async (model) => {
      await model.createCollection();
      await model.createIndexes();
    }),
  );
}
