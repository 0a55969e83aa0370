// How a query or a pipeline reads its collection, in the shape in which MongoDB explains it.
import type { Document } from 'bson';
import { toExplainDocument } from '../../client/explain-document.js';
import { CommandError } from '../../errors.js';
import type { FindQuery } from '../../store.js';
import {
  type Call,
  documentsField,
  hintField,
  namespaceOf,
  present,
  type Reply,
  readContext,
} from '../command.js';
import { serverName } from './diagnostics.js';

/** `explained` is the command that makes the query. */
export async function explainQuery(call: Call, query: FindQuery, explained: Document): Promise<Reply> {
  const ns = namespaceOf({ ...call, body: explained }, Object.keys(explained)[0]);
  const found = await call.serving.store.explain(ns, query, readContext(call));
  const { ok: _ok, ...shown } = toExplainDocument(ns, query, found);
  return { ...shown, command: explained, serverInfo: { host: call.serving.address, server: serverName } };
}

/** How a pipeline's input is read: its leading `$match` and `$sort`, as the query they are. */
export async function explainAggregate(call: Call, explained: Document): Promise<Reply> {
  const pipeline = documentsField(explained, 'pipeline');
  if (pipeline === undefined) throw new CommandError('FailedToParse', 'a pipeline is an array of stages');
  const filter = pipeline[0]?.['$match'] as Document | undefined;
  const sort = pipeline[filter === undefined ? 0 : 1]?.['$sort'] as Document | undefined;
  const query: FindQuery = present({ filter: filter ?? {}, sort, hint: hintField(explained) });
  const { queryPlanner, executionStats, ...shown } = await explainQuery(call, query, explained);
  const read = (filter === undefined ? 0 : 1) + (sort === undefined ? 0 : 1);
  return { ...shown, stages: [{ $cursor: { queryPlanner, executionStats } }, ...pipeline.slice(read)] };
}
