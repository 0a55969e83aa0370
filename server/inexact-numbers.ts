// Numbers in JSON that would be read as others: told where they stand, before the value is used.
import { visit } from 'jsonc-parser';
import { toPointer } from '../engine/errors/json-pointer.js';
import { isHeld } from '../engine/expressions/exact-number.js';

export interface InexactNumber {
  readonly pointer: string;
  readonly detail: string;
}

const shownMax = 40;

/** The first number in a JSON text that is not read as it is written. */
export function inexactNumberIn(text: string): InexactNumber | undefined {
  let found: InexactNumber | undefined;
  visit(text, {
    onLiteralValue(value, offset, length, _line, _character, path) {
      if (found !== undefined || typeof value !== 'number') return;
      const number = text.slice(offset, offset + length);
      if (isHeld(number)) return;
      const shown = number.length > shownMax ? `${number.slice(0, shownMax)}…` : number;
      found = {
        pointer: toPointer(path()),
        detail: `the number ${shown} is too large to be held as it is written`,
      };
    },
  });
  return found;
}
