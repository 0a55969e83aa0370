// distinct: the values of a field.
import { calculateObjectSize } from 'bson';
import { documentBytesMax } from '../../bson/codec.js';
import { CommandError } from '../../errors.js';
import {
  type Call,
  type Command,
  countField,
  documentField,
  hintField,
  namespaceOf,
  present,
  type Reply,
  readContext,
  textField,
} from '../command.js';

async function distinct(call: Call): Promise<Reply> {
  const { serving, body } = call;
  const query = present({
    filter: documentField(body, 'query') ?? {},
    hint: hintField(body),
    maxTimeMS: countField(body, 'maxTimeMS'),
  });
  const values = await serving.store.distinct(
    namespaceOf(call),
    textField(body, 'key'),
    query,
    readContext(call),
  );
  if (calculateObjectSize({ values }) > documentBytesMax) {
    throw new CommandError('BSONObjectTooLarge', `distinct too big, ${documentBytesMax} bytes cap`);
  }
  return { values };
}

export const distinctCommands: readonly Command[] = [
  { names: ['distinct'], options: ['key', 'query', 'hint'], part: 'read', run: distinct },
];
