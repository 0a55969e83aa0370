// What variables are compared with for equality, where that is written down: noted with where they are read.
import type { Literal, Read } from './check-rule.js';
import { isLiteral } from './known-operands.js';

/** Whether an operator compares its operands with one another, or the first with the items of the second. */
const comparing: ReadonlyMap<string, 'operands' | 'items'> = new Map([
  ['==', 'operands'],
  ['===', 'operands'],
  ['!=', 'operands'],
  ['!==', 'operands'],
  ['equalTo', 'operands'],
  ['notEqualTo', 'operands'],
  ['wasSelected', 'operands'],
  ['in', 'items'],
  ['notIn', 'items'],
]);

/** Adds to the reads of variables among the operands what these are compared with; `pointer` is that of the operator. */
export function noteEquals(
  operator: string,
  operands: readonly unknown[],
  pointer: string,
  reads: Read[],
): void {
  const kind = comparing.get(operator);
  if (kind === undefined) return;
  const written = kind === 'items' ? operands[1] : operands;
  if (!Array.isArray(written)) return;
  const below = kind === 'items' ? `${pointer}/1` : pointer;
  const equals = written.flatMap((value: unknown, index): Literal[] =>
    isLiteral(value) ? [{ value, pointer: `${below}/${index}` }] : [],
  );
  if (equals.length === 0) return;
  for (const [index, operand] of (kind === 'items' ? operands.slice(0, 1) : operands).entries()) {
    if (!isVariable(operand)) continue;
    const at = reads.findLastIndex((read) => read.pointer === `${pointer}/${index}/var`);
    if (at >= 0) reads[at] = { ...reads[at]!, equals };
  }
}

/** One that has a default may be that. */
const isVariable = (rule: unknown): boolean =>
  typeof rule === 'object' && rule !== null && typeof (rule as { readonly var?: unknown }).var === 'string';
