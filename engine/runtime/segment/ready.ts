// What is ready to run in a segment: the first path that neither waits nor has ended.
import { branchEnded, type StateValue } from '../../compile/machine.js';
import type { FrameContext } from '../frame-context.js';
import type { SegmentState } from './segment-state.js';

export type Ready =
  | { readonly kind: 'enter'; readonly context: FrameContext; readonly element: string }
  | {
      readonly kind: 'returned';
      readonly context: FrameContext;
      readonly element: string;
      readonly child: FrameContext;
    }
  | {
      readonly kind: 'branch';
      readonly context: FrameContext;
      readonly element: string;
      readonly branch: string;
    };

/** What is ready; nothing in a run that only undoes what it has done. */
export function nextReady(state: SegmentState, root: FrameContext): Ready | undefined {
  const ends = state.cancelled || state.compensation?.afterwards === 'cancelled';
  return ends ? undefined : readyOf(state, root);
}

function readyOf(state: SegmentState, context: FrameContext): Ready | undefined {
  return context.control.hasEnded ? undefined : readyIn(state, context, context.control.value);
}

function readyIn(state: SegmentState, context: FrameContext, value: StateValue): Ready | undefined {
  if (typeof value === 'string') return value.startsWith('$') ? undefined : readyAt(state, context, value);
  for (const [element, regions] of Object.entries(value)) {
    const activity = context.frame.activities[element];
    if (activity === undefined) return { kind: 'enter', context, element };
    for (const { name: branch } of context.flow.elements.get(element)!.branches) {
      const region = regions[branch]!;
      if (region === branchEnded && activity.ended?.includes(branch) !== true) {
        return { kind: 'branch', context, element, branch };
      }
      const ready = readyIn(state, context, region);
      if (ready !== undefined) return ready;
    }
  }
  return undefined;
}

function readyAt(state: SegmentState, context: FrameContext, element: string): Ready | undefined {
  const activity = context.frame.activities[element];
  if (activity === undefined) return { kind: 'enter', context, element };
  if (activity.child === undefined) return undefined;
  const child = state.context(activity.child.id)!;
  return child.control.hasEnded ? { kind: 'returned', context, element, child } : readyOf(state, child);
}
