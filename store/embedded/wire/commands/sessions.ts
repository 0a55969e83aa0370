// Sessions: given out, kept in use, ended.
import { UUID } from 'bson';
import { CommandError } from '../../errors.js';
import type { Call, Command, Reply } from '../command.js';
import { sessionId } from '../stamp.js';

async function startSession({ serving }: Call): Promise<Reply> {
  return { id: { id: new UUID().toBinary() }, timeoutMinutes: serving.limits.sessionIdleMinutesMax };
}

function idsOf({ body, name }: Call): string[] {
  const given: unknown = body[name];
  if (!Array.isArray(given)) throw new CommandError('TypeMismatch', `BSON field '${name}' must be an array`);
  return given.map(sessionId);
}

/** What a session left open goes with it. */
async function endSessions(call: Call): Promise<Reply> {
  const { sessions, cursors } = call.serving;
  for (const id of idsOf(call)) {
    await sessions.end(id);
    cursors.endSession(id);
  }
  return {};
}

async function refreshSessions(call: Call): Promise<Reply> {
  for (const id of idsOf(call)) call.serving.sessions.touch(id);
  return {};
}

export const sessionCommands: readonly Command[] = [
  { names: ['startSession'], options: [], run: startSession },
  { names: ['endSessions'], options: [], run: endSessions },
  { names: ['killSessions'], options: [], run: endSessions },
  { names: ['refreshSessions'], options: [], run: refreshSessions },
];
