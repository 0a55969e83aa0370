// The handshake: what a client may expect of this server.
import type { Call, Command, Reply } from '../command.js';
import { documentBytesMax } from '../../bson/codec.js';

/** The replica set whose only member we are. */
export const setName = 'recourse';

/** MongoDB 7.0's: sessions, transactions and OP_MSG, not yet the bulkWrite command of 8.0. */
export const wireVersionMax = 21;

async function hello({ serving, connectionId, name, body }: Call): Promise<Reply> {
  const { address, limits } = serving;
  return {
    ...(body['helloOk'] === true && { helloOk: true }),
    ...(name === 'hello' ? { isWritablePrimary: true } : { ismaster: true }),
    secondary: false,
    setName,
    // Never changes, so that a restarted server isn't taken for a primary of the past.
    setVersion: 1,
    hosts: [address],
    primary: address,
    me: address,
    maxBsonObjectSize: documentBytesMax,
    maxMessageSizeBytes: limits.messageBytesMax,
    maxWriteBatchSize: limits.writeBatchMax,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: limits.sessionIdleMinutesMax,
    connectionId,
    minWireVersion: 0,
    maxWireVersion: wireVersionMax,
    readOnly: false,
  };
}

export const helloCommands: readonly Command[] = [
  {
    names: ['hello', 'isMaster', 'ismaster'],
    // Without a topology version in our answers nobody waits for the next one; compression and sign-in are not offered.
    options: [
      'client',
      'helloOk',
      'compression',
      'loadBalanced',
      'saslSupportedMechs',
      'speculativeAuthenticate',
      'hostInfo',
      'backpressure',
    ],
    run: hello,
  },
  { names: ['ping'], options: [], run: async () => ({}) },
];
