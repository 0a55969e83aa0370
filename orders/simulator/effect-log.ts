// What the simulator really did, in a file that is only ever appended to: one JSON line per executed request, on disk
// before the answer leaves. The state and the keys are rebuilt from it, so that a killed simulator forgets nothing.
import {
  closeSync,
  existsSync,
  fsync,
  fsyncSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import type { SimulatedPayment } from './simulated-payment.js';

export type EffectKind = 'authorize' | 'capture' | 'release' | 'reduce' | 'refund';

/** Money that moved, or stopped being held. */
export interface Effect {
  readonly kind: EffectKind;
  readonly payment: string;
  readonly refund?: string;
  /** In Stripe's whole numbers. */
  readonly amount: number;
  readonly currency: string;
}

export interface LogLine {
  /** From 1, without gaps. */
  readonly seq: number;
  readonly at: string;
  readonly path: string;
  readonly key?: string;
  /** Hash of method, path and parameters. */
  readonly request: string;
  readonly status: number;
  readonly body: unknown;
  /** The answer that is kept under the key is another one than was found by doing it. */
  readonly keyForgotten?: true;
  /** Left out when the request was refused. */
  readonly effect?: Effect;
  /** The payment afterwards. */
  readonly payment?: SimulatedPayment;
}

const flush = promisify(fsync);

const linesMax = 500_000;
const fileBytesMax = 256 * 1_048_576;

export class EffectLog {
  readonly #file: number;
  readonly #lines: LogLine[];
  /** The flush under way, or the last one. */
  #flushing = Promise.resolve();
  /** The one after it, while that has not begun. */
  #next: Promise<void> | undefined;

  /** Opens or makes the file; a last line that was cut off by a kill was never acknowledged, and is removed. */
  constructor(path: string) {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    if (text.length > fileBytesMax)
      throw new RangeError('the log of the simulator is too long; give a new file');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole));
    this.#lines = whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LogLine);
    this.#file = openSync(path, 'a', 0o600);
  }

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  get isFull(): boolean {
    return this.#lines.length >= linesMax;
  }

  /** Appends lines; they are on disk once it is flushed. */
  append(lines: readonly Omit<LogLine, 'seq'>[]): void {
    if (lines.length === 0) return;
    const whole = lines.map((line, index): LogLine => ({ seq: this.#lines.length + 1 + index, ...line }));
    writeSync(this.#file, whole.map((line) => `${JSON.stringify(line)}\n`).join(''));
    this.#lines.push(...whole);
  }

  flushNow(): void {
    fsyncSync(this.#file);
  }

  /** When all that was appended until now is on disk; who asks while others are waiting for a flush waits for the same. */
  flushed(): Promise<void> {
    this.#next ??= this.#flush();
    return this.#next;
  }

  async #flush(): Promise<void> {
    await this.#flushing.catch(() => {});
    this.#next = undefined;
    this.#flushing = flush(this.#file);
    await this.#flushing;
  }

  close(): void {
    closeSync(this.#file);
  }
}
