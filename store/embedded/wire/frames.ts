// Cuts a connection's byte stream into messages.
import { Malformed } from './malformed.js';

export const headerBytes = 16;

/**
 * The messages of a stream, headers included. They share memory with the stream's chunks, which nobody writes to.
 *
 * @throws {Malformed} for a length that no message has; before any of its bytes are kept.
 */
export async function* frames(
  stream: AsyncIterable<Buffer>,
  messageBytesMax: number,
): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = [];
  let held = 0;
  let wanted = headerBytes;
  for await (const chunk of stream) {
    chunks.push(chunk);
    held += chunk.length;
    while (held >= wanted) {
      const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      const length = bytes.readInt32LE(0);
      if (length < headerBytes || length > messageBytesMax) {
        throw new Malformed(`a message of ${length} bytes (at most ${messageBytesMax})`);
      }
      if (held >= length) yield bytes.subarray(0, length);
      const used = held >= length ? length : 0;
      chunks = used === held ? [] : [bytes.subarray(used)];
      held -= used;
      wanted = used > 0 ? headerBytes : length;
    }
  }
  if (held > 0) throw new Malformed('the connection ended within a message');
}
