// What the embedded store can do that MongoDB can't is asked of its client.
import type { Connection } from 'mongoose';
import { EmbeddedClient } from './embedded/index.js';

/** Undefined for MongoDB. */
export function embeddedClientOf(connection: Connection): EmbeddedClient | undefined {
  const client: unknown = connection.getClient();
  return client instanceof EmbeddedClient ? client : undefined;
}
