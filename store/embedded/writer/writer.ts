// The main thread's end of the writer thread: sends a request at once while the thread has nothing to do, else gathers
// those of one turn of the event loop for one message; settles each when its answer comes, which is after the flush.
import { Worker } from 'node:worker_threads';
import { CommandError } from '../errors.js';
import type { WriteOutcome } from '../store.js';
import { Packer } from './packing.js';
import { packRequest, type Reply, type Request, unpackAnswers } from './requests.js';
import type { Opened, WriterData } from './thread.js';

interface Waiting {
  readonly resolve: (outcomes: WriteOutcome[]) => void;
  readonly reject: (error: Error) => void;
}

/** Bytes after which requests are sent at once, so that the thread has work while the next ones are prepared. */
const sendBytesMin = 16 * 1024;

export class Writer {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #packer = new Packer();
  #scheduled = false;
  #closing: Promise<void> | undefined;
  /** Called when requests have been carried out, before any of them is answered. */
  beforeAnswers = (): void => {};
  /** Why the thread has ended, if it has. */
  #failure: string | undefined;
  batches = 0;
  submissions = 0;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (message: Reply | 'closed') => {
      if (message !== 'closed') this.#settle(message);
    });
    worker.on('error', (error) => this.#fail(error.message));
    worker.on('exit', () => this.#fail('the writer thread has ended'));
  }

  /** Starts the thread; @throws {Error} the reason why the file can't be opened. */
  static async open(data: WriterData): Promise<Writer> {
    const worker = new Worker(new URL('./thread.js', import.meta.url), { workerData: data });
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', (message: Opened) => {
        worker.off('error', reject);
        if (message.opened) resolve();
        else reject(new Error(message.reason));
      });
    });
    return new Writer(worker);
  }

  /**
   * Resolves when the request has been carried out and flushed.
   *
   * @throws {CommandError} what refused it as a whole; nothing of it was written, unless labelled as unknown.
   */
  submit(request: Request): Promise<WriteOutcome[]> {
    if (this.#closing !== undefined) {
      return Promise.reject(new CommandError('InterruptedAtShutdown', 'the store is closed'));
    }
    if (this.#failure !== undefined) {
      return Promise.reject(
        new CommandError('OperationFailed', `${this.#failure}: nothing was written; open the store again`),
      );
    }
    this.#pack(request);
    this.submissions += 1;
    // While the thread has nothing to do, waiting for more would only keep it waiting.
    if (this.#waiting.length === 0 || this.#packer.length >= sendBytesMin) this.#send();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => this.#send());
    }
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Ends the thread after what was submitted before. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      if (this.#failure !== undefined) {
        resolve();
        return;
      }
      this.#send();
      this.#worker.once('exit', () => resolve());
      this.#worker.postMessage('close');
    });
    return this.#closing;
  }

  /** Packs all of it or, if it is refused, nothing: half a request would garble those around it. */
  #pack(request: Request): void {
    const { length } = this.#packer;
    try {
      packRequest(this.#packer, request);
    } catch (error) {
      this.#packer.cutTo(length);
      throw error;
    }
  }

  #send(): void {
    this.#scheduled = false;
    if (this.#packer.length === 0) return;
    const packed = this.#packer.take();
    this.#worker.postMessage(packed, [packed.buffer]);
  }

  #settle({ answers, flushed }: Reply): void {
    if (flushed) this.batches += 1;
    this.beforeAnswers();
    let settled = 0;
    for (const { outcomes, fault } of unpackAnswers(answers)) {
      const waiting = this.#waiting[settled];
      settled += 1;
      if (fault === undefined) waiting?.resolve(outcomes);
      else waiting?.reject(fault);
    }
    this.#waiting.splice(0, settled);
  }

  #fail(reason: string): void {
    this.#failure ??= reason;
    const unknown = new CommandError(
      'OperationFailed',
      `${this.#failure}: whether the write happened is unknown`,
      { labels: ['UnknownTransactionCommitResult'] },
    );
    for (const { reject } of this.#waiting.splice(0)) reject(unknown);
  }
}
