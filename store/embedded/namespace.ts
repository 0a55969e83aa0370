// Which names a collection may have.
import { CommandError } from './errors.js';
import type { Namespace } from './store.js';

/** Bytes of a whole namespace, as in MongoDB. */
const namespaceBytesMax = 255;

/** `database.collection`. @throws {CommandError} `InvalidNamespace` for what MongoDB takes for no name of a collection. */
export function toNamespace(database: string, collection: string): Namespace {
  const namespace = `${database}.${collection}`;
  if (collection === '' || collection.startsWith('.') || /[\0$]/.test(collection)) {
    throw new CommandError('InvalidNamespace', `Invalid namespace specified '${namespace}'`);
  }
  if (Buffer.byteLength(namespace) > namespaceBytesMax) {
    throw new CommandError(
      'InvalidNamespace',
      `Fully qualified namespace is too long (at most ${namespaceBytesMax} bytes)`,
    );
  }
  return namespace;
}
