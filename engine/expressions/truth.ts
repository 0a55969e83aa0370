// Truth tables: what each operator of a decision saw and said, for the journal, bounded in size.
import { expressionLimits } from './expression-limits.js';
import { isPlainObject } from './plain-data.js';

/** An operator that was evaluated; operands that were not needed are not listed. */
export interface TruthNode {
  readonly operator: string;
  /** The path of a variable. */
  readonly path?: string;
  readonly operands: readonly TruthOperand[];
  /** Null if it failed. */
  readonly result: unknown;
  /** Operands, and items of an iteration, that were evaluated and left out. */
  readonly omitted?: number;
  /** Whether the evaluation ended here, or further in, with an error. */
  readonly failed?: true;
}

/** An operand: an operator again, or a value. */
export type TruthOperand = TruthNode | { readonly value: unknown };

interface Draft {
  operator: string;
  path?: string;
  operands: TruthOperand[];
  result: unknown;
  omitted?: number;
  failed?: true;
}

/** Writes a truth table during an evaluation; once it is full, further operands are only counted. */
export class TruthRecorder {
  #nodes = 0;
  /** Operators that are being evaluated, outermost first; undefined for those that found no room. */
  readonly #open: (Draft | undefined)[] = [{ operator: '', operands: [], result: null }];

  enter(operator: string, path: string | undefined): void {
    const draft =
      path === undefined
        ? { operator, operands: [], result: null }
        : { operator, path, operands: [], result: null };
    this.#open.push(this.#hasRoom() ? draft : undefined);
  }

  leave(result: unknown): void {
    const draft = this.#open.pop();
    if (draft === undefined) {
      this.omit();
      return;
    }
    draft.result = summary(result);
    this.#open.at(-1)?.operands.push(draft);
  }

  value(value: unknown): void {
    if (this.#hasRoom()) this.#open.at(-1)?.operands.push({ value: summary(value) });
    else this.omit();
  }

  /** Counts an operand that is left out. */
  omit(): void {
    const parent = this.#open.at(-1);
    if (parent !== undefined) parent.omitted = (parent.omitted ?? 0) + 1;
  }

  /** The table, or the bare value of an expression without operators; what is still open has failed. */
  table(): TruthOperand {
    while (this.#open.length > 1) {
      const draft = this.#open.pop();
      if (draft === undefined) continue;
      draft.failed = true;
      this.#open.at(-1)?.operands.push(draft);
    }
    return this.#open[0]?.operands[0] ?? { value: null };
  }

  #hasRoom(): boolean {
    if (this.#open.at(-1) === undefined || this.#nodes >= expressionLimits.truthNodesMax) return false;
    this.#nodes += 1;
    return true;
  }
}

/** A value cut to what a journal keeps: short texts, few items, little depth; `…` stands for the rest. */
function summary(value: unknown, depth = 0): unknown {
  const { truthValueCharsMax, truthValueItemsMax, truthValueDepthMax } = expressionLimits;
  if (typeof value === 'string') {
    return value.length > truthValueCharsMax ? `${value.slice(0, truthValueCharsMax)}…` : value;
  }
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (depth >= truthValueDepthMax) return '…';
  if (Array.isArray(value)) {
    const items = value.slice(0, truthValueItemsMax).map((item) => summary(item, depth + 1));
    return value.length > truthValueItemsMax ? [...items, '…'] : items;
  }
  if (!isPlainObject(value)) return '…';
  const names = Object.keys(value);
  const entries = names.slice(0, truthValueItemsMax).map((name): [string, unknown] => {
    const property = Object.getOwnPropertyDescriptor(value, name);
    return [name, property !== undefined && 'value' in property ? summary(property.value, depth + 1) : '…'];
  });
  if (names.length > truthValueItemsMax) entries.push(['…', names.length - truthValueItemsMax]);
  return Object.fromEntries(entries);
}
