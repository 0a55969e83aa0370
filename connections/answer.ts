// What the status of an answer means for the call.
import type { Json } from '../engine/definition/flow.js';
import { connectionErrors } from './connection-errors.js';
import type { CallAnswer } from './call-port.js';

const shownCharsMax = 300;

/** A part of what the other system says, to be read by an operator. */
export const shown = (text: string): string => text.slice(0, shownCharsMax);

/**
 * @param onlyAsks what was asked can be asked again; what was sent may have happened
 * @throws {RecourseError} `connection.busy`, `connection.refused` or `connection.answer-refused` when it did not happen; an Error
 *   when nobody knows
 */
export function answerOf(status: number, body: Json, onlyAsks: boolean): CallAnswer {
  if (status >= 200 && status < 300) return { status, body };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const said = `it answers ${status}${body === null || text === '' ? '' : `: ${shown(text)}`}`;
  if (status === 429) throw connectionErrors.error('busy', said);
  if (status >= 400 && status < 500 && status !== 408) throw connectionErrors.error('refused', said);
  if (!onlyAsks) throw new Error(said);
  throw connectionErrors.error(status >= 500 || status === 408 ? 'busy' : 'answer-refused', said);
}
