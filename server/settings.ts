// Facts of the installation in the store: set once, and the same for every worker and after a restart.
import { randomBytes } from 'node:crypto';
import type { Models } from '../store/connect.js';

const cursorKeyBytes = 32;

export async function readSetting(models: Models, name: string): Promise<string | undefined> {
  return (await models.settings.findById(name).lean())?.value;
}

export async function writeSetting(models: Models, name: string, value: string): Promise<void> {
  await models.settings.updateOne({ _id: name }, { $set: { value } }, { upsert: true });
}

/** The key that signs cursors; made by whoever asks first. */
export async function cursorKey(models: Models): Promise<Uint8Array> {
  const fresh = randomBytes(cursorKeyBytes).toString('base64');
  const setting = await models.settings
    .findOneAndUpdate(
      { _id: 'cursor-key' },
      { $setOnInsert: { value: fresh } },
      { upsert: true, returnDocument: 'after' },
    )
    .lean();
  return Buffer.from(setting?.value ?? fresh, 'base64');
}

/** Sets a setting if it is still what it was (undefined: not there); false if it isn't. */
export async function replaceSetting(
  models: Models,
  name: string,
  before: string | undefined,
  after: string,
): Promise<boolean> {
  if (before !== undefined) {
    const { matchedCount } = await models.settings.updateOne(
      { _id: name, value: before },
      { $set: { value: after } },
    );
    return matchedCount === 1;
  }
  const { upsertedCount } = await models.settings.updateOne(
    { _id: name },
    { $setOnInsert: { value: after } },
    { upsert: true },
  );
  return upsertedCount === 1;
}
