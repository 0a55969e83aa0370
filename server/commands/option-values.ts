// What options of commands may be: refused as mistyped before anything is asked.
import { InvalidArgumentError } from 'commander';
import { inexactNumberIn } from '../inexact-numbers.js';

/** @throws {InvalidArgumentError} what is no JSON, or has a number that would be read as another */
export function jsonValue(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InvalidArgumentError(`It is not JSON: ${(cause as Error).message}`);
  }
  const inexact = inexactNumberIn(text);
  if (inexact !== undefined) throw new InvalidArgumentError(`At ${inexact.pointer}, ${inexact.detail}.`);
  return value;
}

/** A whole number, as it was written. @throws {InvalidArgumentError} anything else */
export function wholeNumber(text: string): string {
  if (/^\d{1,9}$/.test(text)) return text;
  throw new InvalidArgumentError('It is not a whole number.');
}
