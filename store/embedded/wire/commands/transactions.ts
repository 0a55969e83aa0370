// The ends of a transaction.
import type { Call, Command, Reply } from '../command.js';

async function commitTransaction({ session, stamp }: Call): Promise<Reply> {
  await session!.commit(stamp!);
  return {};
}

async function abortTransaction({ session, stamp }: Call): Promise<Reply> {
  await session!.abort(stamp!);
  return {};
}

export const transactionCommands: readonly Command[] = [
  { names: ['commitTransaction'], options: ['recoveryToken'], part: 'end', run: commitTransaction },
  { names: ['abortTransaction'], options: ['recoveryToken'], part: 'end', run: abortTransaction },
];
