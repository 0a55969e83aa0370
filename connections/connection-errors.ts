// The errors of calls to other systems. All of them say that the call did not happen, or that it only asked.
import { defineErrors } from '../engine/errors/catalogue.js';

const operator = { status: 502, who: 'operator', retryable: false } as const;

export const connectionErrors = defineErrors('connection', {
  'file-invalid': {
    ...operator,
    status: 500,
    title: 'The file of connections is not as it should be',
    remedy: 'Correct every place that is named; docs/connections.md shows such a file.',
  },
  unknown: {
    ...operator,
    title: 'No such connection',
    remedy: 'Add the connection to the file that CONNECTIONS names and restart, or name another one.',
  },
  'path-refused': {
    ...operator,
    title: 'The path leads out of the connection',
    remedy:
      'Begin the path with a slash, put values into params and query, and stay below the URL of the connection.',
  },
  'address-refused': {
    ...operator,
    title: 'The other system is at an address that is not public',
    remedy:
      'Correct its name server entry; mark the connection as inside only if it is meant to be in your own network.',
  },
  unreachable: {
    ...operator,
    retryable: true,
    title: 'The other system can not be reached',
    remedy: 'Look at the other system and the network; it is tried again.',
  },
  busy: {
    ...operator,
    retryable: true,
    title: 'The other system has no time',
    remedy: 'Look at the other system; it is tried again.',
  },
  refused: {
    ...operator,
    title: 'The other system refused the call',
    remedy: 'Read what it answered, and correct the input of the element.',
  },
  'answer-refused': {
    ...operator,
    title: 'The answer of the other system can not be taken',
    remedy: 'Ask for less, or have the other system answer JSON or text without redirecting elsewhere.',
  },
});
