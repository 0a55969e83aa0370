// A segment: takes one item and runs until every path of the run waits or has ended. It reads through ports, writes
// nothing, and answers what is to be committed.
import type { CompiledElement } from '../../compile/compile-flow.js';
import type { Json } from '../../definition/flow.js';
import { RecourseError } from '../../errors/recourse-error.js';
import { engineLimits } from '../../limits.js';
import { askElement, resumeWith } from './ask-element.js';
import { stopAt, takeFault, toFault } from './faults.js';
import { endOf, outputsOf } from './flow-outputs.js';
import type { FrameContext } from '../frame-context.js';
import { isBeside } from './inner-elements.js';
import { nextReady, type Ready } from './ready.js';
import { SegmentState } from './segment-state.js';
import { type SegmentEnd, type SegmentTask, type SegmentWorld, Stop } from './segment-task.js';
import { takeItem } from './take-item.js';

/** Runs one segment. @throws {RecourseError} `store.*` when the store can't be read */
export async function runSegment(world: SegmentWorld, task: SegmentTask): Promise<SegmentEnd> {
  try {
    return await run(new SegmentState(world, task));
  } catch (error) {
    if (error instanceof Stop) return error.end;
    throw error;
  }
}

/** Whether somebody would take the item now; nothing goes on from there. @throws {RecourseError} as `runSegment` */
export async function isTaken(world: SegmentWorld, task: SegmentTask): Promise<boolean> {
  const state = new SegmentState(world, task);
  await state.open(state.root);
  try {
    return await takeItem(state);
  } catch (error) {
    // Who fails at it has taken it.
    if (error instanceof Stop) return true;
    throw error;
  }
}

async function run(state: SegmentState): Promise<SegmentEnd> {
  const root = await state.open(state.root);
  const taken = await takeItem(state);
  if (!taken) return { kind: 'stale' };
  for (let ready = nextReady(state, root); ready !== undefined; ready = nextReady(state, root)) {
    state.steps.taken += 1;
    if (state.steps.taken > engineLimits.elementsPerSegmentMax) stopAtLimit(state, ready);
    await step(state, ready);
  }
  if (state.cancelled) return state.toMoved('cancelled');
  // What is being undone goes on, and the run ends after it.
  const ends = root.control.hasEnded && state.compensation === undefined;
  return state.toMoved(ends ? { outputs: outputsOf(state, root) } : undefined);
}

function stopAtLimit(state: SegmentState, { context, element }: Ready): never {
  const detail = `more than ${engineLimits.elementsPerSegmentMax} elements without a wait`;
  const place = { frame: context.frame.id, element, visit: context.frame.visits[element] ?? 0 };
  stopAt(state, context, { code: 'run.limit-elements', detail, ...place }, 'limit');
}

async function step(state: SegmentState, ready: Ready): Promise<void> {
  const { context } = ready;
  const element = context.flow.elements.get(ready.element)!;
  switch (ready.kind) {
    case 'enter':
      return enter(state, context, element);
    case 'branch':
      return endBranch(state, context, element, ready.branch);
    case 'returned':
      return takeReturn(state, context, element, ready.child);
  }
}

async function enter(state: SegmentState, context: FrameContext, element: CompiledElement): Promise<void> {
  const { frame } = context;
  const { name } = element;
  const visit = (frame.visits[name] ?? 0) + 1;
  frame.visits[name] = visit;
  if (frame.errors !== undefined) delete frame.errors[name];
  if (element.definition.stage !== undefined) frame.stage = element.definition.stage;
  if (element.hasBody) forgetBody(context, name);
  await askElement(state, context, element, visit, 'enter', (at) => element.behaviour.enter(at));
}

/** What an element keeps that control has come to since a loop began, it has come to from its body: that is over now. */
function forgetBody({ frame: { memory }, flow }: FrameContext, loop: string): void {
  // In the order in which elements began to keep something.
  const keeping = Object.keys(memory);
  const since = keeping.indexOf(loop) + 1;
  if (since === 0) return;
  for (const name of keeping.slice(since)) if (isBeside(flow, name, loop)) delete memory[name];
}

async function endBranch(
  state: SegmentState,
  context: FrameContext,
  element: CompiledElement,
  branch: string,
): Promise<void> {
  const activity = context.frame.activities[element.name]!;
  const ended = [...(activity.ended ?? []), branch];
  activity.ended = ended;
  await askElement(state, context, element, activity.visit, 'branchEnded', (visit) =>
    resumeWith(element, visit, { kind: 'branchEnded', branch, ended: ended.length }),
  );
}

/** A called flow has ended: its outputs are taken by the element that called it. */
async function takeReturn(
  state: SegmentState,
  context: FrameContext,
  element: CompiledElement,
  child: FrameContext,
): Promise<void> {
  let output: Readonly<Record<string, Json>>;
  try {
    output = outputsOf(state, child);
  } catch (error) {
    if (!(error instanceof RecourseError)) throw error;
    takeFault(state, context, element, toFault(error, endOf(child)));
    return;
  }
  const activity = context.frame.activities[element.name]!;
  delete activity.child;
  state.forget(child.frame.id);
  await askElement(state, context, element, activity.visit, 'returned', (visit) =>
    resumeWith(element, visit, { kind: 'returned', output }),
  );
}
