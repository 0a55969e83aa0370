// Does what an element answers: it leaves, waits, performs an action, calls a flow, forks, ends or undoes.
import type { Action } from '../../actions/action.js';
import type { CompiledElement } from '../../compile/compile-flow.js';
import type { Json } from '../../definition/flow.js';
import type { Outcome } from '../../elements/element.js';
import { engineLimits } from '../../limits.js';
import { checkInput } from '../call-action.js';
import { type Resumption, toUndo, undoNext } from './compensation.js';
import type { FrameContext } from '../frame-context.js';
import { effectId, newFrame } from '../frames.js';
import { innerElements } from './inner-elements.js';
import { type JournalEntry, toJournaled } from '../journal-entry.js';
import { runErrors } from '../run-errors.js';
import type { RunState } from '../run-state.js';
import type { SegmentState } from './segment-state.js';

/** Does what an element answers. What goes on at once after a compensation is answered. */
export async function applyOutcome(
  state: SegmentState,
  context: FrameContext,
  element: CompiledElement,
  visit: number,
  entry: JournalEntry,
  outcome: Outcome,
): Promise<Resumption | undefined> {
  const { activities, memory } = context.frame;
  const { name } = element;
  switch (outcome.kind) {
    case 'go':
    case 'rollBack':
      if (!element.outlets.has(outcome.outlet)) {
        throw runErrors.error('element-failed', `${name} has no outlet ${outcome.outlet}`);
      }
      if (outcome.kind === 'rollBack') state.rollBack();
      entry.outcome = outcome.outlet;
      state.drop(context, name);
      context.control.send(`${name}.${outcome.outlet}`);
      return undefined;
    case 'park':
      entry.outcome = outcome.waits.map((wait) => `${wait.kind} ${wait.name}`).join(', ');
      activities[name] = { ...activities[name], visit, waits: outcome.waits };
      return undefined;
    case 'stay':
      if (activities[name] === undefined)
        throw runErrors.error('element-failed', `${name} has nothing to stay for`);
      entry.outcome = 'stays';
      if (outcome.because !== undefined) {
        const at = { run: state.task.run.id, element: name, error: outcome.because };
        state.world.log.warn(at, 'what has come was not taken: its condition failed');
      }
      return undefined;
    case 'perform': {
      const action = state.action(outcome.action);
      state.permit(action, context.systemMode);
      checkInput(action, state.world.registries.schemas, outcome.input);
      entry.input = toJournaled(outcome.input);
      entry.outcome = `performs ${action.name}`;
      activities[name] = {
        visit,
        waits: [],
        effect: intend(state, context, element, visit, action, outcome.input),
      };
      return undefined;
    }
    case 'call': {
      entry.outcome = `calls ${outcome.flow}`;
      entry.input = toJournaled(outcome.input as Json);
      const child = await call(state, context, name, visit, outcome.flow, outcome.input);
      activities[name] = { visit, waits: [], child };
      return undefined;
    }
    case 'fork':
      entry.outcome = 'forks';
      for (const inner of innerElements(context.flow, name)) delete memory[inner];
      activities[name] = { visit, waits: [], ended: [] };
      return undefined;
    case 'end':
      entry.outcome = 'ends';
      context.frame.activities = {};
      context.control.send('$end');
      return undefined;
    case 'compensate':
      entry.outcome = 'compensates';
      return compensate(state, context, name, visit);
  }
}

/** Begins to undo what the run has done, unless it is being undone already. */
async function compensate(
  state: SegmentState,
  context: FrameContext,
  element: string,
  visit: number,
): Promise<Resumption | undefined> {
  if (state.compensation !== undefined) {
    throw runErrors.error('operation-refused', 'the run is being compensated already');
  }
  context.frame.activities[element] = { visit, waits: [] };
  // One that ended in this very segment is not stored so yet.
  const stored = await state.world.effectsOf(state.task.run.id);
  const effects = [...stored.filter(({ id }) => !state.settlements.has(id)), ...state.settlements.values()];
  return undoNext(state, {
    remaining: toUndo(effects, (action) => state.world.registries.actions.get(action)),
    afterwards: { frame: context.frame.id, element, visit },
    undone: 0,
    failed: 0,
  });
}

/** Notes the intent of an effect; its id. */
function intend(
  state: SegmentState,
  context: FrameContext,
  element: CompiledElement,
  visit: number,
  action: Action,
  input: Json,
): string {
  const { run, owner, leaseUntil } = state.task;
  const place = { frame: context.frame.id, element: element.name, visit };
  const id = effectId(run.id, place);
  const retry = element.definition.retry ?? action.retry;
  state.intents.set(id, {
    id,
    run: run.id,
    ...place,
    action: action.name,
    input,
    user: state.actor,
    ...(retry === undefined ? {} : { retry }),
    state: 'intended',
    seq: run.seq + 1,
    at: state.now,
    attempt: 1,
    firstAttemptAt: state.now,
    claimAt: leaseUntil,
    owner,
    token: 1,
    lost: 0,
  });
  return id;
}

/** The frame of a flow that is called. @throws {RecourseError} `run.flow-unknown`, `run.limit-depth`, `run.input-invalid` */
async function call(
  state: SegmentState,
  context: FrameContext,
  element: string,
  visit: number,
  name: string,
  input: Readonly<Record<string, Json>>,
): Promise<RunState['root']> {
  const ref = state.task.run.pinned[name];
  if (ref === undefined) throw runErrors.error('flow-unknown', `no version of ${name} is active`);
  const id = `${context.frame.id}/${element}.${visit}`;
  if (state.depthOf(context) >= engineLimits.frameDepthMax) {
    throw runErrors.error('limit-depth', `subflows are nested more than ${engineLimits.frameDepthMax} deep`);
  }
  const frame = newFrame(id, ref, await state.world.flow(ref), input);
  await state.open(frame, { context, element });
  return frame;
}
