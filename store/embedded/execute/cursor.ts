// A result that is read in batches, from a snapshot that is held until the last of them.
import { CommandError } from '../errors.js';
import type { Bytes, StoreCursor } from '../store.js';
import { nextStep, type Slices } from './drive.js';

/** An unused cursor is closed after this long, as in MongoDB: it keeps the write-ahead log from being cut. */
const idleMsMax = 10 * 60 * 1000;

export class PagedCursor implements StoreCursor {
  readonly #pages: Iterator<Bytes[]>;
  readonly #slices: Slices;
  readonly #release: () => void;
  #ready: Bytes[] = [];
  #position = 0;
  #state: 'open' | 'exhausted' | 'closed' = 'open';
  #timer: NodeJS.Timeout | undefined;

  constructor(pages: Iterator<Bytes[]>, slices: Slices, release: () => void) {
    this.#pages = pages;
    this.#slices = slices;
    this.#release = release;
  }

  get #isClosed(): boolean {
    return this.#state === 'closed';
  }

  async next(size: number): Promise<{ documents: Bytes[]; done: boolean }> {
    if (this.#isClosed) throw new CommandError('CursorNotFound', 'the cursor is closed');
    clearTimeout(this.#timer);
    try {
      // One more than asked for tells whether anything follows.
      while (this.#state === 'open' && this.#ready.length - this.#position <= size) {
        const page = nextStep(this.#pages);
        if (page.done === true) this.#end('exhausted');
        else if (page.value.length > 0) this.#append(page.value);
        const pause = this.#slices.pause();
        if (pause !== undefined) await pause;
      }
    } catch (error) {
      this.#end('closed');
      throw error;
    }
    if (this.#isClosed) throw new CommandError('CursorNotFound', 'the cursor was closed while it was read');
    const documents = this.#ready.slice(this.#position, this.#position + size);
    this.#position += documents.length;
    const done = this.#state !== 'open' && this.#position >= this.#ready.length;
    if (this.#state === 'open') this.#timer = setTimeout(() => this.close(), idleMsMax).unref();
    return { documents, done };
  }

  close(): void {
    this.#end('closed');
    this.#ready = [];
    this.#position = 0;
  }

  #append(page: Bytes[]): void {
    this.#ready =
      this.#position === this.#ready.length ? page : this.#ready.slice(this.#position).concat(page);
    this.#position = 0;
  }

  #end(state: 'exhausted' | 'closed'): void {
    clearTimeout(this.#timer);
    if (this.#state === 'open') this.#release();
    this.#state = state;
  }
}
