// A segment at work: the run's frames as they become, and all that is to be committed with them.
import type { Action } from '../../actions/action.js';
import type { CompiledElement } from '../../compile/compile-flow.js';
import type { Json } from '../../definition/flow.js';
import { claimNames } from '../../elements/human-work.js';
import type { EffectState, OutboxRow } from '../../ports/engine-store.js';
import type { RecordValue } from '../../ports/records.js';
import { copyOf } from '../copy-of.js';
import { FrameContext, type Globals } from '../frame-context.js';
import { activityAt, frameOf, isHeldBy } from '../frames.js';
import { elementsBeside, innerElements } from './inner-elements.js';
import { toIso } from '../instants.js';
import type { JournalEntry } from '../journal-entry.js';
import { besideRetry } from '../retry.js';
import { actionErrors } from '../run-errors.js';
import type { Compensation, Place, RunState, RunUser } from '../run-state.js';
import { SegmentRecords } from './segment-records.js';
import type { SegmentMoved, SegmentTask, SegmentWorld } from './segment-task.js';
import { userGlobals } from '../user-globals.js';

export class SegmentState {
  readonly world: SegmentWorld;
  readonly task: SegmentTask;
  readonly now: string;
  readonly root: RunState['root'];
  readonly records: SegmentRecords;
  /** Whom the segment acts for. */
  readonly actor: RunUser;
  readonly journal: JournalEntry[] = [];
  readonly intents = new Map<string, EffectState>();
  readonly settlements = new Map<string, EffectState>();
  readonly over: string[] = [];
  /** Where what the segment was given has been taken. */
  readonly taken: Place[] = [];
  outbox: OutboxRow[] = [];
  compensation: Compensation | undefined;
  cancelled = false;
  /** Elements entered, of this segment and of the flows before its saves. */
  readonly steps: { taken: number };
  readonly #globals: Globals;
  readonly #contexts = new Map<string, FrameContext>();
  readonly #wrote: { readonly context: FrameContext; readonly element: string }[] = [];

  constructor(world: SegmentWorld, task: SegmentTask) {
    this.world = world;
    this.task = task;
    const { within } = task;
    this.now = within?.now ?? toIso(world.clock.now());
    this.steps = within?.steps ?? { taken: 0 };
    this.root = copyOf(task.run.root);
    this.compensation = task.run.compensation;
    this.records = within?.records ?? new SegmentRecords(world.records, world.registries.schemas);
    if (task.seen !== undefined) this.records.note(task.seen);
    const { id, startedAt, subject, recordPrior, event } = task.run;
    this.actor = actorOf(task);
    this.#globals = {
      now: this.now,
      ...userGlobals(this.actor),
      run: { id, startedAt },
      calendars: world.calendars,
      record: () => {
        if (within !== undefined) return within.draft.value ?? null;
        return subject === undefined ? null : (this.records.seen(subject.type, subject.id) ?? null);
      },
      recordPrior,
      ...(within === undefined
        ? {}
        : {
            setRecord: (value: Json) => {
              within.draft.value = value as RecordValue;
            },
          }),
      event,
    };
  }

  /** Whether a place has taken something that is to be tried again, or that has stopped the run: it waits for nothing else. */
  isHeld(place: Place): boolean {
    const { run, retry } = this.task;
    const { incident } = run;
    const others = besideRetry(run.retries, retry);
    return isHeldBy(incident === undefined ? others : [...others, incident], place);
  }

  /** Makes the context of a frame and of the flows called in it. */
  async open(frame: RunState['root'], caller?: FrameContext['caller']): Promise<FrameContext> {
    const flow = await this.world.flow(frame.flow);
    const { subject } = this.task.run;
    if (flow.readsRecord && subject !== undefined) await this.records.peek(subject.type, subject.id);
    const context = new FrameContext(frame, flow, this.#globals, caller);
    this.#contexts.set(frame.id, context);
    for (const [element, { child }] of Object.entries(frame.activities)) {
      if (child !== undefined) await this.open(child, { context, element });
    }
    return context;
  }

  /** The context of a frame, if it is still there. */
  context(frame: string): FrameContext | undefined {
    return this.#contexts.get(frame);
  }

  /** The context and the element of a place that is still there. */
  at(place: Place): { context: FrameContext; element: CompiledElement } {
    const context = this.#contexts.get(place.frame)!;
    return { context, element: context.flow.elements.get(place.element)! };
  }

  /** How many flows are inside one another at a frame, 1 in the main one. */
  depthOf({ caller }: FrameContext): number {
    let depth = (this.task.within?.depth ?? 0) + 1;
    for (let at = caller; at !== undefined; at = at.context.caller) depth += 1;
    return depth;
  }

  /** Forgets the contexts of a frame and of the flows called in it. */
  forget(id: string): void {
    for (const known of this.#contexts.keys()) {
      if (known === id || known.startsWith(`${id}/`)) this.#contexts.delete(known);
    }
  }

  /** A new entry of the journal. */
  entry(context: FrameContext, element: string, visit: number, on: string): JournalEntry {
    const entry: JournalEntry = { frame: context.frame.id, element, visit, on };
    this.journal.push(entry);
    return entry;
  }

  /** Notes the state that an effect is left in. */
  settle(effect: EffectState): void {
    this.settlements.set(effect.id, effect);
  }

  /** @throws {RecourseError} `action.unknown` */
  action(name: string): Action {
    const action = this.world.registries.actions.get(name);
    if (action === undefined) throw actionErrors.error('unknown', `there is no action ${name}`);
    return action;
  }

  /** @throws {RecourseError} `action.forbidden` */
  permit({ name, permission }: Action, systemMode: boolean): void {
    if (permission === undefined || systemMode || this.actor.permissions?.includes(permission)) return;
    throw actionErrors.error('forbidden', `to perform ${name} needs the permission ${permission}`, {
      data: { permission },
    });
  }

  /** Takes back what the segment has written and sent so far. */
  rollBack(): void {
    this.records.rollBack();
    this.outbox = [];
  }

  /** Notes that an element has written records. */
  hasWritten(context: FrameContext, element: string): void {
    this.#wrote.push({ context, element });
  }

  /**
   * Puts back what the elements of a branch kept, and what they have assigned, as it was when the segment began; and what all
   * have answered whose records are discarded.
   */
  restore({ frame, flow }: FrameContext, element: string): void {
    const before = frameOf(this.task.run.root, frame.id);
    for (const name of elementsBeside(flow, element)) {
      putBack(frame.outputs, before?.outputs, name);
      putBack(frame.memory, before?.memory, name);
      for (const variable of flow.elements.get(name)!.assigns)
        putBack(frame.variables, before?.variables ?? frame.input, variable);
    }
    for (const { context, element: writer } of this.#wrote.splice(0))
      putBack(context.frame.outputs, frameOf(this.task.run.root, context.frame.id)?.outputs, writer);
  }

  /** Forgets an activity and all that is under way in it; an effect in flight finishes late. */
  drop(context: FrameContext, name: string): void {
    const { activities } = context.frame;
    const forget = (element: string): void => {
      const child = activities[element]?.child;
      if (child !== undefined) this.forget(child.id);
      delete activities[element];
    };
    forget(name);
    if (context.flow.elements.get(name)!.branches.length === 0) return;
    for (const inner of innerElements(context.flow, name)) forget(inner);
  }

  /** What is to be committed now that no path can go on. */
  toMoved(ended: SegmentMoved['ended']): SegmentMoved {
    for (const { frame, control } of this.#contexts.values()) frame.value = control.value;
    return {
      kind: 'moved',
      root: this.root,
      ...(ended === undefined ? {} : { ended }),
      actor: this.actor,
      compensation: this.compensation,
      journal: this.journal as unknown as Json[],
      records: this.records,
      intents: this.#liveIntents(),
      settlements: [...this.settlements.values()],
      over: this.over,
      taken: this.taken,
      outbox: this.outbox,
    };
  }

  /** Intents whose element is still waiting for them; of the others nothing was ever made. */
  #liveIntents(): EffectState[] {
    return [...this.intents.values()].filter((intent) => activityAt(this.root, intent)?.effect === intent.id);
  }
}

function putBack(
  now: Record<string, Json>,
  before: Readonly<Record<string, Json>> | undefined,
  name: string,
): void {
  if (before !== undefined && Object.hasOwn(before, name)) now[name] = copyOf(before[name]!);
  else delete now[name];
}

/** Claiming a task, or giving it back, is not yet work on the run. */
const actorOf = ({ run, item: { body, user } }: SegmentTask): RunUser =>
  user !== undefined && body.kind === 'answer' && !claimNames.has(body.name) ? user : (run.actor ?? run.user);
