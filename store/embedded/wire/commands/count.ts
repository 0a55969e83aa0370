// count: the estimate of the drivers, and the count of old ones.
import {
  type Call,
  type Command,
  countField,
  documentField,
  hintField,
  integerField,
  namespaceOf,
  present,
  type Reply,
} from '../command.js';

async function count(call: Call): Promise<Reply> {
  const { serving, body } = call;
  const limit = integerField(body, 'limit');
  const query = present({
    filter: documentField(body, 'query') ?? {},
    skip: countField(body, 'skip'),
    // A negative one is a limit all the same.
    limit: limit === undefined ? undefined : Math.abs(limit),
    hint: hintField(body),
    maxTimeMS: countField(body, 'maxTimeMS'),
  });
  return { n: await serving.store.count(namespaceOf(call), query) };
}

export const countCommands: readonly Command[] = [
  // As in MongoDB it can't be used in transactions; drivers count there by aggregation.
  { names: ['count'], options: ['query', 'limit', 'skip', 'hint', 'fields'], run: count },
];
