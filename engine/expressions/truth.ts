// Truth tables: what each operator of a decision saw and said, for the journal, bounded in size.
import { expressionLimits } from './expression-limits.js';
import { isPlainObject } from './plain-data.js';

/** An operator that was evaluated; operands that were not needed are not listed. */
export interface TruthNode {
  readonly operator: string;
  /** The path of a variable. */
  readonly path?: string;
  readonly operands: readonly TruthOperand[];
  readonly result: unknown;
  /** Operands that were left out because the table was full. */
  readonly omitted?: number;
}

/** An operand: an operator again, or a value. */
export type TruthOperand = TruthNode | { readonly value: unknown };

interface Draft {
  operator: string;
  path?: string;
  operands: TruthOperand[];
  result: unknown;
  omitted?: number;
}

/** Writes a truth table during an evaluation. */
export class TruthRecorder {
  #nodes = 0;
  readonly #open: Draft[] = [{ operator: '', operands: [], result: null }];

  /** Nodes that are inside a full table are counted at their parent only. */
  enter(operator: string, path: string | undefined): void {
    this.#open.push(
      path === undefined
        ? { operator, operands: [], result: null }
        : { operator, path, operands: [], result: null },
    );
  }

  leave(result: unknown): void {
    const node = this.#open.pop()!;
    node.result = summary(result);
    this.#attach(node);
  }

  value(value: unknown): void {
    this.#attach({ value: summary(value) });
  }

  /** The table, or the bare value of an expression without operators. */
  table(): TruthOperand {
    return this.#open[0]!.operands[0] ?? { value: null };
  }

  #attach(operand: TruthOperand): void {
    const parent = this.#open.at(-1)!;
    // Nodes are counted as they are left, so the operators around them always find room: at most the depth more.
    if (this.#nodes >= expressionLimits.truthNodesMax && this.#open.length > 1) {
      parent.omitted = (parent.omitted ?? 0) + 1;
      return;
    }
    this.#nodes += 1;
    parent.operands.push(operand);
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
