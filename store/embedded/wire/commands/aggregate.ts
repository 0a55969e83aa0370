// aggregate: a pipeline over one collection.
import type { Document } from 'bson';
import { CommandError, unsupported } from '../../errors.js';
import {
  type Call,
  type Command,
  countField,
  documentField,
  documentsField,
  hintField,
  namespaceOf,
  present,
  type Reply,
  readContext,
} from '../command.js';
import { explainAggregate } from './explain-read.js';

/** @throws {CommandError} `CommandNotSupported` for a pipeline over a database. */
function pipelineOf(body: Document): Document[] {
  if (typeof body['aggregate'] !== 'string') throw unsupported('pipelines over a database or the server');
  const pipeline = documentsField(body, 'pipeline');
  if (pipeline === undefined)
    throw new CommandError('FailedToParse', "BSON field 'aggregate.pipeline' is missing");
  return pipeline;
}

async function aggregate(call: Call): Promise<Reply> {
  const { serving, body, owner } = call;
  const pipeline = pipelineOf(body);
  if (body['explain'] === true) return explainAggregate(call, body);
  const cursor = documentField(body, 'cursor');
  if (cursor === undefined) {
    throw new CommandError(
      'FailedToParse',
      "The 'cursor' option is required, except for aggregate with the explain argument",
    );
  }
  const ns = namespaceOf(call);
  const batchSize = countField(cursor, 'batchSize');
  const options = present({ maxTimeMS: countField(body, 'maxTimeMS'), hint: hintField(body) });
  const source = await serving.store.aggregate(ns, pipeline, options, readContext(call));
  return { cursor: await serving.cursors.first(ns, source, { batchSize, owner }) };
}

export const aggregateCommands: readonly Command[] = [
  {
    names: ['aggregate'],
    options: ['pipeline', 'cursor', 'hint', 'explain', 'allowDiskUse', 'bypassDocumentValidation'],
    part: 'read',
    run: aggregate,
  },
];
