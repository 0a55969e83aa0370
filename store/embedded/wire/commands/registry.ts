// The commands that are served, by every name they go by.
import type { Command } from '../command.js';
import { aggregateCommands } from './aggregate.js';
import { authenticationCommands } from './authentication.js';
import { collectionCommands } from './collections.js';
import { countCommands } from './count.js';
import { cursorCommands } from './cursors.js';
import { databaseCommands } from './databases.js';
import { diagnosticCommands } from './diagnostics.js';
import { distinctCommands } from './distinct.js';
import { explainCommands } from './explain.js';
import { findCommands } from './find.js';
import { findAndModifyCommands } from './find-and-modify.js';
import { helloCommands } from './hello.js';
import { indexCommands } from './indexes.js';
import { sessionCommands } from './sessions.js';
import { transactionCommands } from './transactions.js';
import { writeCommands } from './writes.js';

const all: readonly Command[] = [
  ...helloCommands,
  ...authenticationCommands,
  ...diagnosticCommands,
  ...databaseCommands,
  ...collectionCommands,
  ...indexCommands,
  ...findCommands,
  ...aggregateCommands,
  ...countCommands,
  ...distinctCommands,
  ...explainCommands,
  ...cursorCommands,
  ...writeCommands,
  ...findAndModifyCommands,
  ...transactionCommands,
  ...sessionCommands,
];

export const commands: ReadonlyMap<string, Command> = new Map(
  all.flatMap((command) => command.names.map((name) => [name, command] as const)),
);
