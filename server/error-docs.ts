// The catalogue of errors as a document.
import type { CatalogueEntry } from '../engine/errors/catalogue.js';
import { errorRooms } from './catalogue.js';

const who: Readonly<Record<CatalogueEntry['who'], string>> = {
  caller: 'the caller',
  operator: 'the operator',
  bug: 'us: it is a bug',
};

const row = ([code, { status, title, who: actor, retryable, remedy }]: [string, CatalogueEntry]): string =>
  `| \`${code}\` | ${status} | ${title} | ${who[actor]} | ${retryable ? 'yes' : 'no'} | ${remedy} |`;

/** The text of docs/errors.md. */
export function errorDocs(): string {
  const rooms = [...errorRooms].sort((a, b) => (a.room < b.room ? -1 : 1));
  return [
    '# Errors',
    '',
    '<!-- Written by `npm run docs`; a test compares it with the code. -->',
    '',
    'Over HTTP every error is a problem document (RFC 9457, `application/problem+json`) with `type`, `title`, `status`,',
    '`detail`, a `code` that never changes its meaning, `retryable`, `remedy`, and the `traceId` that is in the log and in',
    'the header `X-Request-Id`. `problems` lists every mistake with its JSON Pointer or parameter, what was expected, and',
    'what to do. Where an element of a flow has failed, `data.place` names it and its flow.',
    '',
    ...rooms.flatMap(({ room, entries }) => [
      `## ${room}`,
      '',
      '| code | status | meaning | who acts | retry as it is | what to do |',
      '|---|---|---|---|---|---|',
      ...Object.entries(entries).map(row),
      '',
    ]),
  ].join('\n');
}
