// A name server over UDP that says what a test tells it to, another address each time if it likes, and counts what it is asked.
import { createSocket, type Socket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import type { Lookup } from '../../connections/http-caller.js';

export class NameServer {
  readonly asked: string[] = [];
  readonly #socket: Socket = createSocket('udp4');
  readonly #answers: (host: string, count: number) => readonly string[];
  readonly #resolver = new Resolver({ timeout: 2_000, tries: 2 });

  private constructor(answers: (host: string, count: number) => readonly string[]) {
    this.#answers = answers;
  }

  /** @param answers IPv4 addresses of a host, when it is asked for the count-th time */
  static async start(answers: (host: string, count: number) => readonly string[]): Promise<NameServer> {
    const server = new NameServer(answers);
    server.#socket.on('message', (query, { port, address }) => {
      server.#socket.send(server.#answer(query), port, address);
    });
    server.#socket.bind(0, '127.0.0.1');
    await once(server.#socket, 'listening');
    server.#resolver.setServers([`127.0.0.1:${server.#socket.address().port}`]);
    return server;
  }

  readonly lookup: Lookup = async (host) =>
    (await this.#resolver.resolve4(host)).map((address) => ({ address, family: 4 }));

  close(): void {
    this.#resolver.cancel();
    this.#socket.close();
  }

  /** RFC 1035: the header and the question again, and A records without caching. */
  #answer(query: Buffer): Buffer {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at]!; length > 0; length = query[at]!) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const host = labels.join('.');
    this.asked.push(host);
    const addresses = this.#answers(host, this.asked.filter((each) => each === host).length);
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(0x8180, 2);
    header.writeUInt16BE(addresses.length, 6);
    header.writeUInt32BE(0, 8);
    const records = addresses.map((address) =>
      Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
    );
    return Buffer.concat([header, query.subarray(12, at + 5), ...records]);
  }
}
