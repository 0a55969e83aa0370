// What lists call a run: a text of its flow, over its inputs and its record as they are when it starts.
import { engineLimits } from '../../limits.js';
import type { SegmentWorld } from '../segment/segment-task.js';
import type { Prepared } from './prepare-start.js';
import { contextAtStart } from './start-conditions.js';

/**
 * The label on one line, cut at its bound; undefined where the flow has none, or it comes to nothing.
 *
 * A label is for people to read, and no reason not to start: one that can't be made is left out, and the log says why.
 */
export async function labelOf(
  world: Pick<SegmentWorld, 'records' | 'calendars' | 'clock' | 'log'>,
  prepared: Prepared,
): Promise<string | undefined> {
  const { run, compiled } = prepared;
  if (compiled.runLabel === undefined) return undefined;
  try {
    const context = await contextAtStart(world, prepared);
    const line = String(context.evaluate(compiled.runLabel)).replaceAll(/[\s\p{Cc}]+/gu, ' ');
    return cut(line.trim()) || undefined;
  } catch (error) {
    const { name: flow } = run.flow;
    const detail = error instanceof Error ? error.message : String(error);
    world.log.warn({ run: run.id, flow, error: detail }, 'a run has no label: it could not be made');
    return undefined;
  }
}

function cut(line: string): string {
  const { runLabelCharsMax } = engineLimits;
  const characters = [...line];
  return characters.length <= runLabelCharsMax
    ? line
    : `${characters.slice(0, runLabelCharsMax - 1).join('')}…`;
}
