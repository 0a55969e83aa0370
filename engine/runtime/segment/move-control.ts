// An operator's move: control leaves one element for another.
import type { StateValue } from '../../compile/machine.js';
import type { ItemBody } from '../run-state.js';
import { passUndone } from './compensation.js';
import type { SegmentState } from './segment-state.js';

/** Puts control at another element of the same branch; false: it does not stand where it is to be taken from. */
export async function moveControl(
  state: SegmentState,
  { frame, from, to }: Extract<ItemBody, { kind: 'move' }>,
): Promise<boolean> {
  const context = state.context(frame);
  if (context === undefined) return false;
  const source = context.flow.elements.get(from);
  const target = context.flow.elements.get(to);
  if (target === undefined || source?.region !== target.region) return false;
  if (!standsAt(context.control.value, from)) return false;
  const stopped = state.task.run.incident?.item?.body;
  if (stopped?.kind === 'undone') await passUndone(state, stopped);
  const visit = context.frame.visits[from] ?? 0;
  state.taken.push({ frame, element: from, visit });
  state.drop(context, from);
  context.control.put(withElement(context.control.value, from, to));
  state.entry(context, from, visit, 'move').outcome = `to ${to}`;
  return true;
}

const standsAt = (value: StateValue, element: string): boolean =>
  typeof value === 'string'
    ? value === element
    : Object.hasOwn(value, element) ||
      Object.values(value).some((regions) =>
        Object.values(regions).some((region) => standsAt(region, element)),
      );

/** The value with control at another element of the same branch. */
function withElement(value: StateValue, from: string, to: string): StateValue {
  if (typeof value === 'string') return value === from ? to : value;
  if (Object.hasOwn(value, from)) return to;
  return Object.fromEntries(
    Object.entries(value).map(([element, regions]) => [
      element,
      Object.fromEntries(
        Object.entries(regions).map(([branch, region]) => [branch, withElement(region, from, to)]),
      ),
    ]),
  );
}
