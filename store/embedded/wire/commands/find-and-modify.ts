// findAndModify: changes one document and answers with it.
import { CommandError } from '../../errors.js';
import {
  type Call,
  type Command,
  documentField,
  documentsField,
  flagField,
  hintField,
  namespaceOf,
  optionalDocument,
  present,
  type Reply,
} from '../command.js';
import { rawDocument } from '../reply.js';
import { toUpdate } from './writes.js';

async function findAndModify(call: Call): Promise<Reply> {
  const { serving, body, transaction, once } = call;
  const remove = flagField(body, 'remove') ?? false;
  const statement = present({
    type: 'modify' as const,
    ns: namespaceOf(call),
    q: documentField(body, 'query') ?? {},
    u: body['update'] === undefined ? undefined : toUpdate(body['update']),
    remove,
    new: flagField(body, 'new'),
    upsert: flagField(body, 'upsert'),
    fields: optionalDocument(body, 'fields'),
    sort: optionalDocument(body, 'sort'),
    arrayFilters: documentsField(body, 'arrayFilters'),
    hint: hintField(body),
  });
  if (remove && (statement.new === true || statement.upsert === true)) {
    throw new CommandError('FailedToParse', "Cannot specify both 'new' or 'upsert' and 'remove'=true");
  }
  const [outcome] = await serving.store.write([statement], present({ ordered: true, once, transaction }));
  if (outcome === undefined) throw new Error('a write without an outcome');
  if (outcome instanceof CommandError) throw outcome;
  const { n, upsertedId, value } = outcome;
  return {
    lastErrorObject: {
      n,
      ...(!remove && { updatedExisting: n > 0 && upsertedId === undefined }),
      ...(upsertedId !== undefined && { upserted: upsertedId }),
    },
    value: value === undefined || value === null ? null : rawDocument(value),
  };
}

export const findAndModifyCommands: readonly Command[] = [
  {
    names: ['findAndModify', 'findandmodify'],
    options: [
      'query',
      'sort',
      'remove',
      'update',
      'new',
      'fields',
      'upsert',
      'arrayFilters',
      'hint',
      'bypassDocumentValidation',
    ],
    part: 'write',
    run: findAndModify,
  },
];
