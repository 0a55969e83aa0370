// Inserting what may be there already.
import { toStoreError } from './store-faults.js';

const duplicateKey = 11_000;

/** Whether an index has refused a document because it has another one of its key. */
export const isDuplicate = (error: unknown): boolean =>
  (error as { code?: unknown } | null)?.code === duplicateKey;

/** Inserts a document whose `_id` tells whether it has been there before. */
export async function insertOnce(insert: () => Promise<unknown>): Promise<'new' | 'duplicate'> {
  try {
    await insert();
    return 'new';
  } catch (error) {
    if (isDuplicate(error)) return 'duplicate';
    throw toStoreError(error);
  }
}
