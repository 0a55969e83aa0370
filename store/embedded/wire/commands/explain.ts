// explain: how a read would be and was carried out. Every verbosity is answered with all that is known.
import type { Document } from 'bson';
import { unsupported } from '../../errors.js';
import { checkFields } from '../common-fields.js';
import { type Call, type Command, documentField, hintField, present, type Reply } from '../command.js';
import { aggregateCommands } from './aggregate.js';
import { countCommands } from './count.js';
import { distinctCommands } from './distinct.js';
import { findCommands, toFindQuery } from './find.js';
import { explainAggregate, explainQuery } from './explain-read.js';

type Explain = (call: Call, explained: Document) => Promise<Reply>;

/** Reads of a query, by the name of their command; their filter goes by two names. */
const explainers: ReadonlyMap<string, readonly [Command, Explain]> = new Map([
  ['find', [findCommands[0]!, (call, explained) => explainQuery(call, toFindQuery(explained), explained)]],
  ['count', [countCommands[0]!, explainByQuery]],
  ['distinct', [distinctCommands[0]!, explainByQuery]],
  ['aggregate', [aggregateCommands[0]!, explainAggregate]],
] as const);

async function explain(call: Call): Promise<Reply> {
  const explained = documentField(call.body, 'explain');
  const [name = ''] = Object.keys(explained ?? {});
  const explainer = explainers.get(name);
  if (explained === undefined || explainer === undefined)
    throw unsupported(`explain of ${JSON.stringify(name)}`);
  checkFields(explainer[0], explained);
  return explainer[1](call, explained);
}

function explainByQuery(call: Call, explained: Document): Promise<Reply> {
  const filter = documentField(explained, 'query') ?? {};
  return explainQuery(call, present({ filter, hint: hintField(explained) }), explained);
}

export const explainCommands: readonly Command[] = [
  { names: ['explain'], options: ['verbosity'], run: explain },
];
