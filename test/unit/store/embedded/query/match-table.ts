// Tables of filters and documents: which of the documents a filter finds.
import assert from 'node:assert/strict';
import type { Document } from 'bson';
import { canonical } from '../../../../../store/embedded/bson/codec.js';
import { CommandError, type CodeName } from '../../../../../store/embedded/errors.js';
import { compileFilter } from '../../../../../store/embedded/query/filter.js';

export function matches(filter: Document, document: Document): boolean {
  return compileFilter(canonical(filter)).matches(canonical(document));
}

/** The filter matches exactly these of the documents, given by position. */
export function finds(filter: Document, documents: readonly Document[], expected: readonly number[]): void {
  const compiled = compileFilter(canonical(filter));
  const found = documents.flatMap((document, index) =>
    compiled.matches(canonical(document)) ? [index] : [],
  );
  assert.deepEqual(found, expected, JSON.stringify(filter));
}

export function refuses(run: () => unknown, codeName: CodeName, message: RegExp | string): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof CommandError, String(error));
    assert.equal(error.codeName, codeName, error.message);
    if (typeof message === 'string') assert.ok(error.message.includes(message), error.message);
    else assert.match(error.message, message);
    return true;
  });
}

export function filterRefused(filter: Document, codeName: CodeName, message: RegExp | string): void {
  refuses(() => compileFilter(canonical(filter)), codeName, message);
}
