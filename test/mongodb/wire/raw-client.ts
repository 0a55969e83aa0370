// Speaks the wire protocol without a driver, so that a test decides over every field and byte.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { deserialize, type Document, serialize } from 'bson';

export interface RawClient {
  readonly socket: Socket;
  /** Sends a command and waits for its reply. */
  command(document: Document): Promise<Document>;
  close(): void;
}

export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  let held = Buffer.alloc(0);
  const closed = once(socket, 'close').then(() =>
    Promise.reject(new Error('the server closed the connection')),
  );
  closed.catch(() => {});
  const reply = async (): Promise<Document> => {
    while (held.length < 4 || held.length < held.readInt32LE(0)) {
      const [bytes] = (await Promise.race([once(socket, 'data'), closed])) as [Buffer];
      held = Buffer.concat([held, bytes]);
    }
    const length = held.readInt32LE(0);
    const document = deserialize(held.subarray(held.readInt32LE(12) === 1 ? 36 : 21, length));
    held = held.subarray(length);
    return document;
  };
  return {
    socket,
    async command(document) {
      socket.write(opMsg(document));
      return reply();
    },
    close: () => socket.destroy(),
  };
}

/** An OP_MSG with one section of kind 0. */
export function opMsg(document: Document, flags = 0): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32LE(flags, 0);
  return frame(2013, Buffer.concat([head, serialize(document)]));
}

/** An OP_QUERY, as clients of old begin. */
export function opQuery(collection: string, document: Document): Buffer {
  const counts = Buffer.alloc(8);
  counts.writeInt32LE(-1, 4);
  return frame(
    2004,
    Buffer.concat([Buffer.alloc(4), Buffer.from(`${collection}\0`), counts, serialize(document)]),
  );
}

export function frame(opcode: number, content: Uint8Array, length = 16 + content.length): Buffer {
  const header = Buffer.alloc(16);
  header.writeInt32LE(length, 0);
  header.writeInt32LE(1, 4);
  header.writeInt32LE(opcode, 12);
  return Buffer.concat([header, content]);
}
