// Broken input ends the connection it came on, with a reason in the log, and never the server or its neighbours.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Binary, BSONSymbol, Code, deserialize, serialize } from 'bson';
import fc from 'fast-check';
import { checkBson } from '../../../store/embedded/wire/check-bson.js';
import { crc32c } from '../../../store/embedded/wire/crc32c.js';
import { frame, opMsg, opQuery, rawClient } from './raw-client.js';
import { type Served, serveInMemory } from './serving.js';

describe('wire: malformed input', () => {
  let served: Served;
  before(async () => {
    served = await serveInMemory({ limits: { messageBytesMax: 1_000_000 } });
    await served.client.db('t').collection('c').insertOne({ a: 1 });
  });
  after(() => served.close());

  /** Sends bytes, ends the sending, and waits until the server has closed. */
  async function send(bytes: Uint8Array): Promise<Buffer> {
    const socket = connect(served.server.port, '127.0.0.1');
    socket.on('error', () => {});
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(chunk));
    const closed = once(socket, 'close');
    socket.end(bytes);
    await closed;
    return Buffer.concat(received);
  }
  const alive = async () => assert.equal(await served.client.db('t').collection('c').countDocuments(), 1);

  const ping = { ping: 1, $db: 't' };
  const body = serialize(ping);
  const section = (kind: number, bytes: Uint8Array) => Buffer.concat([Buffer.from([kind]), bytes]);
  const flags = Buffer.alloc(4);
  const sequence = (name: string, content: Uint8Array, length = 4 + name.length + 1 + content.length) => {
    const head = Buffer.alloc(4);
    head.writeInt32LE(length);
    return section(1, Buffer.concat([head, Buffer.from(`${name}\0`), content]));
  };
  const cases: [string, Uint8Array, RegExp][] = [
    ['a negative length', frame(2013, Buffer.alloc(8), -5), /a message of -5 bytes/],
    ['a length below a header', frame(2013, Buffer.alloc(8), 15), /a message of 15 bytes/],
    ['a huge length', frame(2013, Buffer.alloc(8), 0x7fffffff), /a message of 2147483647 bytes/],
    ['a length above the limit', frame(2013, Buffer.alloc(8), 1_000_001), /a message of 1000001 bytes/],
    ['an end within a message', frame(2013, Buffer.alloc(8), 500), /ended within a message/],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'), /a message of/],
    ['an unknown opcode', frame(9, Buffer.alloc(8)), /opcode 9/],
    ['OP_COMPRESSED', frame(2012, Buffer.alloc(9)), /OP_COMPRESSED/],
    ['no flags', frame(2013, Buffer.alloc(2)), /without flags/],
    ['required flags nobody knows', opMsg(ping, 4), /OP_MSG flags 4/],
    ['a wrong checksum', opMsg(ping, 1), /checksum/],
    ['no body', frame(2013, flags), /without a body/],
    ['two bodies', frame(2013, Buffer.concat([flags, section(0, body), section(0, body)])), /two bodies/],
    ['an unknown section', frame(2013, Buffer.concat([flags, section(2, body)])), /section of kind 2/],
    [
      'a section longer than its message',
      frame(2013, Buffer.concat([flags, section(0, body.subarray(0, -1))])),
      /longer than/,
    ],
    [
      'a sequence without a name',
      frame(2013, Buffer.concat([flags, section(0, body), section(1, Buffer.from([6, 0, 0, 0, 65, 65]))])),
      /without a name/,
    ],
    [
      'two sequences of one name',
      frame(
        2013,
        Buffer.concat([flags, section(0, body), sequence('documents', body), sequence('documents', body)]),
      ),
      /two sequences/,
    ],
    [
      'a broken document in a sequence',
      frame(
        2013,
        Buffer.concat([flags, section(0, body), sequence('documents', Buffer.from([5, 0, 0, 0, 1]))]),
      ),
      /not BSON/,
    ],
    ['an empty command', opMsg({}), /without a name/],
    ['an OP_QUERY on a collection', opQuery('t.c', { hello: 1 }), /OP_QUERY on "t.c"/],
    [
      'an OP_QUERY after the handshake',
      Buffer.concat([opMsg(ping), opQuery('admin.$cmd', { isMaster: 1 })]),
      /OP_QUERY after the handshake/,
    ],
    ['nesting without end', opMsg({ ping: nest(300), $db: 't' }), /nested deeper/],
  ];
  for (const [what, bytes, reason] of cases) {
    it(`closes on ${what}`, async () => {
      served.lines.length = 0;
      await send(bytes);
      await alive();
      assert.equal(served.lines.length, 1);
      assert.match(served.lines[0]!, reason);
    });
  }

  it('answers an OP_QUERY handshake, and no other OP_QUERY', async () => {
    const hello = await send(opQuery('admin.$cmd', { isMaster: 1, helloOk: true }));
    assert.equal(hello.readInt32LE(12), 1);
    assert.equal(deserialize(hello.subarray(36))['ismaster'], true);
    const refused = await send(opQuery('admin.$cmd', { find: 'c' }));
    assert.equal(deserialize(refused.subarray(36))['codeName'], 'UnsupportedOpQueryCommand');
  });

  it('accepts a right checksum', async () => {
    assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
    const head = Buffer.from([1, 0, 0, 0, 0]);
    const whole = frame(2013, Buffer.concat([head, body, Buffer.alloc(4)]));
    whole.writeUInt32LE(crc32c(whole.subarray(0, -4)), whole.length - 4);
    assert.equal(deserialize((await send(whole)).subarray(21))['ok'], 1);
  });

  it('answers messages that come in pieces, and several that come at once', async () => {
    const raw = await rawClient(served.server.port);
    const message = opMsg({ ping: 1, $db: 't' });
    for (const byte of message.subarray(0, -1)) raw.socket.write(Buffer.from([byte]));
    raw.socket.write(message.subarray(-1));
    assert.equal((await raw.command({ ping: 1, $db: 't' }))['ok'], 1);
    assert.equal((await raw.command({ ping: 1, $db: 't' }))['ok'], 1);
    raw.close();
  });

  it('survives random bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        await send(bytes);
      }),
      { numRuns: 150 },
    );
    await alive();
  });

  it('survives well-framed messages of random content', async () => {
    const opcodes = fc.constantFrom(2013, 2013, 2013, 2004, 1);
    await fc.assert(
      fc.asyncProperty(opcodes, fc.uint8Array({ maxLength: 300 }), async (opcode, bytes) => {
        await send(frame(opcode, bytes));
      }),
      { numRuns: 150 },
    );
    await alive();
  });

  it('survives inserts with bytes changed at random, while others write', async () => {
    const neighbour = served.client.db('t').collection('neighbour');
    const command = serialize({ insert: 'fuzzed', $db: 't' });
    const inserted = serialize({ _id: 1, text: 'text', list: [1, { a: true }], code: /a/i, at: new Date(1) });
    const whole = frame(2013, Buffer.concat([flags, section(0, command), sequence('documents', inserted)]));
    const at = fc.integer({ min: 16, max: whole.length - 1 });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(at, fc.nat(255)), { minLength: 1, maxLength: 3 }),
        async (changes) => {
          const changed = Buffer.from(whole);
          for (const [position, byte] of changes) changed[position] = byte;
          count += 1;
          await Promise.all([send(changed), neighbour.insertOne({ count })]);
        },
      ),
      { numRuns: 300 },
    );
    assert.equal(await neighbour.countDocuments(), count);
    assert.deepEqual(
      served.lines.filter((line) => line.includes('command ')),
      [],
    );
  });

  it('lets through only what can be decoded', () => {
    const valid = serialize({
      a: 'text',
      b: [1, { c: true }],
      d: new Binary(Buffer.from('x'), 2),
      e: /x/i,
      f: new Code('c', { s: 1 }),
      h: new BSONSymbol('s'),
      g: 1.5,
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(valid);
        for (const [position, byte] of changes) bytes[position] = byte;
        try {
          checkBson(bytes);
        } catch {
          return;
        }
        assert.ok(deserialize(bytes, { promoteValues: false, bsonRegExp: true }));
      }),
      { numRuns: 20_000 },
    );
  });
});

function nest(depth: number): object {
  let document = {};
  for (let level = 0; level < depth; level += 1) document = { a: document };
  return document;
}
