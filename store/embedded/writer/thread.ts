// The writer thread: the only one that changes the file. It takes all requests that have come in, carries them out in
// one transaction, flushes once, and only then answers: group commit. While it flushes, the next batch gathers.
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { CommandError } from '../errors.js';
import { Connection, isFlushFault, isSqliteFault, toStoreFault } from '../storage/connection.js';
import { formatVersion, layOut } from '../storage/layout.js';
import { Batch } from './batch.js';
import { Unpacker } from './packing.js';
import { type Answer, packAnswers, packError, type Reply, type Request, unpackRequest } from './requests.js';

/** How the thread is started. */
export interface WriterData {
  readonly file: string;
  /** `never` only for stores that nobody keeps, and as the negative control of the flush count. */
  readonly flush: 'always' | 'never';
}

/** The first message of the thread. */
export type Opened = { readonly opened: true } | { readonly opened: false; readonly reason: string };

/** Requests a batch takes at most, so that the first of them isn't kept waiting by those that come later. */
const batchMax = 1024;
/** Bytes that the write-ahead log keeps of the disk when it begins anew. */
const logBytesKept = 64 * 1024 * 1024;
/** Pages that the write-ahead log gathers before they are put in their place: those that change often are, once. */
const logPagesMax = 4_000;
/** Records of `once` are kept this long after their session's last write. */
const onceKeptMs = 60 * 60 * 1000;

function open({ file, flush }: WriterData): Connection {
  const connection = new Connection(file);
  connection.get('PRAGMA journal_mode = WAL');
  connection.exec(`PRAGMA synchronous = ${flush === 'always' ? 'FULL' : 'OFF'}`);
  connection.exec('PRAGMA cache_size = -16384');
  connection.exec(`PRAGMA wal_autocheckpoint = ${logPagesMax}`);
  // A snapshot that is held long makes the log grow: once it is gone, the log is cut back to this.
  connection.exec(`PRAGMA journal_size_limit = ${logBytesKept}`);
  const [verdict] = connection.get('PRAGMA integrity_check') ?? [];
  if (verdict !== 'ok') throw new Error(`the store's file is damaged (${verdict}): restore a backup`);
  layOut(connection);
  const format = connection.get("SELECT value FROM meta WHERE name = 'format'")?.[0];
  if (format !== formatVersion) {
    throw new Error(`the store's file has format ${format}, this version reads format ${formatVersion}`);
  }
  connection.run('DELETE FROM once WHERE at < ?', [Date.now() - onceKeptMs]);
  return connection;
}

class Writer {
  readonly #connection: Connection;
  readonly #batch: Batch;
  /** Set once a flush has failed: nothing is acknowledged any more. */
  #poisoned: CommandError | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#batch = new Batch(connection);
  }

  /** Carries out the requests, flushes, and says what became of each. */
  process(requests: readonly Request[]): Reply {
    const { answers, flushed } = this.#answer(requests);
    return { answers: packAnswers(answers), flushed };
  }

  #answer(requests: readonly Request[]): { answers: readonly Answer[]; flushed: boolean } {
    try {
      return { answers: this.#commit(requests), flushed: true };
    } catch (error) {
      this.#rollBack();
      // A bug of ours must not fail its neighbours: each request once more, by itself.
      if (!isSqliteFault(error) && requests.length > 1 && this.#poisoned === undefined) {
        return { answers: requests.flatMap((request) => this.#answer([request]).answers), flushed: true };
      }
      const fault = packError(toFault(error));
      return { answers: requests.map(() => ({ outcomes: [], fault })), flushed: false };
    }
  }

  #commit(requests: readonly Request[]): Answer[] {
    if (this.#poisoned !== undefined) throw this.#poisoned;
    this.#connection.run('BEGIN IMMEDIATE');
    const answers = requests.map((request) => this.#batch.answer(request, requests.length > 1));
    try {
      this.#connection.run('COMMIT');
    } catch (error) {
      if (isFlushFault(error)) {
        this.#poisoned = new CommandError(
          'OperationFailed',
          'the device failed to flush: what it holds is unknown until the store is opened again; check the disk and restart',
          { labels: ['UnknownTransactionCommitResult'] },
        );
        throw this.#poisoned;
      }
      throw error;
    }
    return answers;
  }

  #rollBack(): void {
    // SQLite has already rolled back by itself after some faults, a full disk for one.
    if (this.#connection.inTransaction) this.#connection.run('ROLLBACK');
    this.#batch.reload();
  }
}

function toFault(error: unknown): CommandError {
  const fault = toStoreFault(error);
  if (fault instanceof CommandError) return fault;
  return new CommandError(
    'InternalError',
    error instanceof Error ? (error.stack ?? error.message) : String(error),
  );
}

/** Leaves all in one file, unless a cursor still reads: libsql itself closes a connection only when it is collected. */
function closeFile(connection: Connection): void {
  connection.get('PRAGMA wal_checkpoint(TRUNCATE)');
  connection.close();
}

function serve(port: MessagePort, writer: Writer, close: () => void): void {
  port.on('message', (first: Uint8Array | 'close') => {
    const requests: Request[] = [];
    let closing = false;
    for (let message: Uint8Array | 'close' | undefined = first; message !== undefined; ) {
      if (message === 'close') closing = true;
      else
        for (const unpacker = new Unpacker(message); unpacker.more; ) requests.push(unpackRequest(unpacker));
      message = requests.length < batchMax ? receiveMessageOnPort(port)?.message : undefined;
    }
    if (requests.length > 0) {
      const reply = writer.process(requests);
      port.postMessage(reply, [reply.answers.buffer as ArrayBuffer]);
    }
    if (closing) {
      close();
      port.postMessage('closed');
      port.close();
    }
  });
}

if (parentPort !== null) {
  try {
    const connection = open(workerData as WriterData);
    serve(parentPort, new Writer(connection), () => closeFile(connection));
    parentPort.postMessage({ opened: true } satisfies Opened);
  } catch (error) {
    parentPort.postMessage({ opened: false, reason: (error as Error).message } satisfies Opened);
    parentPort.close();
  }
}
