// A TCP proxy that loses the reply of a command: the server has carried it out, the client can't know.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface LossyProxy {
  readonly port: number;
  /** Where new connections go. */
  target: number;
  /** Names of the commands that passed, in order. */
  readonly seen: string[];
  /** Loses the replies of the next `times` commands of this name; `meanwhile` is awaited before the client notices. */
  lose(command: string, times?: number, meanwhile?: () => Promise<void>): void;
  close(): Promise<void>;
}

export async function startLossyProxy(target: number): Promise<LossyProxy> {
  const sockets = new Set<Socket>();
  const seen: string[] = [];
  let loss = { command: '', times: 0, meanwhile: async (): Promise<void> => {} };
  const server = createServer((client) => {
    const upstream = connect(proxy.target, '127.0.0.1');
    let isLost = false;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    client.on('close', end);
    upstream.on('close', () => {
      if (!isLost) end();
    });
    client.on('data', (bytes) => {
      const command = commandOf(bytes);
      seen.push(command);
      if (loss.times > 0 && command === loss.command) {
        loss.times -= 1;
        isLost = true;
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (!isLost) client.write(bytes);
      else loss.meanwhile().then(end, end);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: LossyProxy = {
    port: (server.address() as AddressInfo).port,
    target,
    seen,
    lose: (command, times = 1, meanwhile = async () => {}) => {
      loss = { command, times, meanwhile };
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

/** The first field of an OP_MSG's body: after header, flags, kind, document length and type. */
function commandOf(message: Buffer): string {
  return message.toString('latin1', 26, Math.max(26, message.indexOf(0, 26)));
}
