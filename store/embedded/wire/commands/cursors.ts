// Open cursors: read on, or given up.
import { Double, Int32, Long } from 'bson';
import { CommandError } from '../../errors.js';
import type { Namespace } from '../../store.js';
import { type Call, type Command, countField, type Reply, textField } from '../command.js';

/** The collection as the cursor's reply named it; it may be a `$cmd` name, which no collection has. */
function cursorNamespace({ body, database }: Call, field: string): Namespace {
  return `${database}.${textField(body, field)}`;
}

function toCursorId(value: unknown): Long {
  if (value instanceof Long) return value;
  if (value instanceof Int32 || value instanceof Double) return Long.fromNumber(Number(value.toString()));
  throw new CommandError('TypeMismatch', 'a cursor id is a 64-bit integer');
}

async function getMore(call: Call): Promise<Reply> {
  const { serving, body, owner } = call;
  const id = toCursorId(body['getMore']);
  // 0 is the default here, in contrast to `find`.
  const batchSize = countField(body, 'batchSize') || undefined;
  return { cursor: await serving.cursors.more(id, cursorNamespace(call, 'collection'), batchSize, owner) };
}

async function killCursors(call: Call): Promise<Reply> {
  const { serving, body } = call;
  const ns = cursorNamespace(call, 'killCursors');
  const asked: unknown = body['cursors'];
  if (!Array.isArray(asked)) throw new CommandError('TypeMismatch', "BSON field 'cursors' must be an array");
  const cursorsKilled: Long[] = [];
  const cursorsNotFound: Long[] = [];
  for (const id of asked.map(toCursorId)) {
    if (serving.cursors.kill(id, ns)) cursorsKilled.push(id);
    else cursorsNotFound.push(id);
  }
  return { cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [] };
}

export const cursorCommands: readonly Command[] = [
  // Without tailable cursors nobody waits for data: maxTimeMS has nothing to bound.
  { names: ['getMore'], options: ['collection', 'batchSize'], part: 'read', run: getMore },
  { names: ['killCursors'], options: ['cursors'], part: 'read', run: killCursors },
];
