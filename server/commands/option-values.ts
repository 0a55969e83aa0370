// What options of commands may be: refused as mistyped before anything is asked.
import { InvalidArgumentError } from 'commander';

/** @throws {InvalidArgumentError} what is no JSON */
export function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidArgumentError(`It is not JSON: ${(cause as Error).message}`);
  }
}

/** A whole number, as it was written. @throws {InvalidArgumentError} anything else */
export function wholeNumber(text: string): string {
  if (/^\d{1,9}$/.test(text)) return text;
  throw new InvalidArgumentError('It is not a whole number.');
}
