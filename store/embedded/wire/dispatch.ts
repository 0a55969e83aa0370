// Carries out one message: finds its command, checks it, places it in its session, answers with a document.
import { type Document, Double } from 'bson';
import { decode } from '../bson/codec.js';
import { CommandError } from '../errors.js';
import type { Transaction } from '../store.js';
import { checkFields } from './common-fields.js';
import type { Call, Command, Reply, Serving } from './command.js';
import { commands } from './commands/registry.js';
import { internalError, type Stage, toErrorReply } from './error-reply.js';
import { commandName, type Message } from './messages.js';
import { encodeFields } from './reply.js';
import { sessionOf, toStamp } from './stamp.js';
import type { Session, Stamp } from './sessions.js';

/** The commands with which an OP_QUERY may begin a connection. */
const handshakes = new Set(['hello', 'isMaster', 'ismaster']);

/** The answer to a message; a refusal is an answer. */
export async function dispatch(
  message: Message,
  connectionId: number,
  serving: Serving,
  log: (line: string) => void,
): Promise<Uint8Array> {
  const name = commandName(message.body);
  let stage: Stage = 'plain';
  try {
    const body = decode(message.body);
    if (message.opcode === 'query' && !handshakes.has(name)) {
      throw new CommandError('UnsupportedOpQueryCommand', `Unsupported OP_QUERY command: ${name}`);
    }
    const command = commands.get(name);
    if (command === undefined) throw new CommandError('CommandNotFound', `no such command: '${name}'`);
    const stamp = toStamp(body);
    stage = toStage(command, stamp);
    const call: Call = {
      serving,
      name,
      database: message.opcode === 'query' ? 'admin' : databaseOf(body),
      body,
      bodyBytes: message.body,
      sequences: message.sequences,
      connectionId,
      owner: {},
    };
    const fields = await place(command, call, stamp);
    return encodeFields({ ...fields, ok: new Double(1) });
  } catch (error) {
    if (error instanceof CommandError) return encodeFields(toErrorReply(error, stage));
    log(`command ${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return encodeFields(toErrorReply(internalError(), stage));
  }
}

function toStage(command: Command, stamp: Stamp | undefined): Stage {
  if (stamp === undefined) return 'plain';
  if (stamp.kind === 'retryable') return 'retryable';
  return command.part === 'end' ? 'commit' : 'transaction';
}

function databaseOf(body: Document): string {
  const name: unknown = body['$db'];
  if (typeof name !== 'string' || name === '' || Buffer.byteLength(name) > 63 || /[/\\. "$\0]/.test(name)) {
    throw new CommandError('InvalidNamespace', `Invalid database name: ${JSON.stringify(name ?? null)}`);
  }
  return name;
}

/** Runs a command where it belongs: by itself, as a write that happens once, or in a transaction. */
async function place(command: Command, call: Call, stamp: Stamp | undefined): Promise<Reply> {
  const { sessions } = call.serving;
  if (stamp === undefined) {
    const id = sessionOf(call.body);
    if (id !== undefined) sessions.touch(id);
    checkFields(command, call.body);
    if (command.part === 'end') throw notInTransaction(command);
    return command.run(id === undefined ? call : { ...call, owner: { session: id } });
  }
  const session = sessions.use(stamp.session);
  return session.inTurn(async () => {
    if (stamp.kind === 'transaction') return inTransaction(command, call, stamp, session);
    checkFields(command, call.body);
    if (command.part === 'end') throw notInTransaction(command);
    if (command.part !== 'write') {
      throw new CommandError(
        'InvalidOptions',
        `txnNumber may only be provided for retryable writes, not for ${call.name}`,
      );
    }
    return command.run({ ...call, once: await session.toOnce(stamp), owner: { session: stamp.session } });
  });
}

/** An error within a transaction aborts it, as in MongoDB. */
async function inTransaction(command: Command, call: Call, stamp: Stamp, session: Session): Promise<Reply> {
  if (command.part === 'end') {
    checkFields(command, call.body);
    return command.run({ ...call, session, stamp });
  }
  let transaction: Transaction | undefined;
  try {
    transaction = await session.toTransaction(stamp, command.part === 'write');
    checkFields(command, call.body);
    if (command.part === undefined) {
      throw new CommandError(
        'OperationNotSupportedInTransaction',
        `Cannot run '${call.name}' in a multi-document transaction.`,
      );
    }
    return await command.run({
      ...call,
      session,
      stamp,
      transaction,
      owner: { session: stamp.session, number: stamp.number },
    });
  } catch (error) {
    if (transaction !== undefined) await session.end();
    throw error;
  }
}

function notInTransaction(command: Command): CommandError {
  return new CommandError('InvalidOptions', `${command.names[0]} must be run within a transaction`);
}
