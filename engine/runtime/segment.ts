// A segment: takes one item and runs until every path of the run waits or has ended. It reads through ports, writes
// nothing, and answers what is to be committed.
import type { Action } from '../actions/action.js';
import type { CompiledElement, CompiledFlow, Registries } from '../compile/compile-flow.js';
import { branchEnded, type StateValue } from '../compile/machine.js';
import type { Json } from '../definition/flow.js';
import type { ActivityEvent, Outcome, Visit } from '../elements/element.js';
import { claimNames } from '../elements/human-work.js';
import { RecourseError } from '../errors/recourse-error.js';
import { isTruthy } from '../expressions/compare.js';
import { engineLimits } from '../limits.js';
import type { Clock } from '../ports/clock.js';
import type { EffectState, OutboxRow } from '../ports/engine-store.js';
import type { Random } from '../ports/ids.js';
import type { RecordsPort } from '../ports/records.js';
import { copyOf } from './copy-of.js';
import { callInTime, checkInput, checkOutput } from './call-action.js';
import { FrameContext, type Globals } from './frame-context.js';
import { activityAt, effectId, frameOf, newFrame, placeKey, waitsOf } from './frames.js';
import { toIso, toMs } from './instants.js';
import { type JournalEntry, toJournaled } from './journal-entry.js';
import { retryDelayMs, retries } from './retry.js';
import { actionErrors, runErrors } from './run-errors.js';
import type {
  RunUser,
  Compensation,
  Fault,
  FlowRef,
  Incident,
  InboxItem,
  PendingRetry,
  Place,
  RunState,
} from './run-state.js';
import { SegmentRecords } from './segment-records.js';

/** What all segments of an engine share. */
export interface SegmentWorld {
  readonly registries: Registries;
  readonly records: RecordsPort;
  readonly clock: Clock;
  readonly random: Random;
  readonly calendars: Readonly<Record<string, unknown>>;
  flow(ref: FlowRef): Promise<CompiledFlow>;
  effectsOf(run: string): Promise<readonly EffectState[]>;
  loadEffect(id: string): Promise<EffectState | undefined>;
}

export interface SegmentTask {
  readonly run: RunState;
  readonly item: InboxItem;
  /** The effect that the item is about, as it is stored. */
  readonly effect?: EffectState;
  /** Which retry this is. */
  readonly retry?: PendingRetry;
  readonly owner: string;
  /** End of the lease on the effects that the segment begins. */
  readonly leaseUntil: string;
}

export interface SegmentMoved {
  readonly kind: 'moved';
  readonly root: RunState['root'];
  readonly ended?: { readonly outputs: Readonly<Record<string, Json>> } | 'cancelled';
  /** Whom the run acts for now. */
  readonly actor: RunUser;
  readonly compensation: Compensation | undefined;
  readonly journal: readonly Json[];
  readonly records: SegmentRecords;
  readonly intents: readonly EffectState[];
  readonly settlements: readonly EffectState[];
  readonly outbox: readonly OutboxRow[];
}

export type SegmentEnd =
  | SegmentMoved
  /** Nobody waits for the item any more. */
  | { readonly kind: 'stale' }
  /** The sender's mistake: nothing happened. */
  | { readonly kind: 'refused'; readonly error: RecourseError }
  /** `thrown`: the fault itself, where it is known. */
  | { readonly kind: 'incident'; readonly incident: Incident; readonly thrown?: RecourseError | undefined }
  | { readonly kind: 'retry'; readonly retry: PendingRetry; readonly journal: readonly Json[] };

/** Ends a segment from wherever it stands. */
class Stop {
  constructor(readonly end: SegmentEnd) {}
}

/** Runs one segment. @throws {RecourseError} `store.*` when the store can't be read */
export async function runSegment(world: SegmentWorld, task: SegmentTask): Promise<SegmentEnd> {
  try {
    return await new Segment(world, task).run();
  } catch (error) {
    if (error instanceof Stop) return error.end;
    throw error;
  }
}

type Ready =
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

/** The place of what concerns a frame as a whole. */
const atEnd = '$end';

class Segment {
  readonly #world: SegmentWorld;
  readonly #task: SegmentTask;
  readonly #now: string;
  readonly #root: RunState['root'];
  readonly #contexts = new Map<string, FrameContext>();
  readonly #records: SegmentRecords;
  readonly #globals: Globals;
  /** Whom the segment acts for. */
  readonly #actor: RunUser;
  readonly #journal: JournalEntry[] = [];
  readonly #intents = new Map<string, EffectState>();
  readonly #settlements = new Map<string, EffectState>();
  #outbox: OutboxRow[] = [];
  #compensation: Compensation | undefined;
  #cancelled = false;
  #steps = 0;

  constructor(world: SegmentWorld, task: SegmentTask) {
    this.#world = world;
    this.#task = task;
    this.#now = toIso(world.clock.now());
    this.#root = copyOf(task.run.root);
    this.#compensation = task.run.compensation;
    this.#records = new SegmentRecords(world.records, world.registries.schemas);
    const { id, startedAt, subject, recordPrior, event } = task.run;
    this.#actor = actorOf(task);
    this.#globals = {
      now: this.#now,
      user: this.#actor as Json,
      permission: Object.fromEntries((this.#actor.permissions ?? []).map((permission) => [permission, true])),
      run: { id, startedAt },
      calendars: world.calendars,
      record: () => (subject === undefined ? null : (this.#records.seen(subject.type, subject.id) ?? null)),
      recordPrior,
      event,
    };
  }

  async run(): Promise<SegmentEnd> {
    const root = await this.#open(this.#root);
    const taken = await this.#take();
    if (!taken) return { kind: 'stale' };
    for (let ready = this.#next(root); ready !== undefined; ready = this.#next(root)) await this.#step(ready);
    for (const { frame, control } of this.#contexts.values()) frame.value = control.value;
    const ended = this.#cancelled
      ? ('cancelled' as const)
      : root.control.hasEnded
        ? { outputs: await this.#outputsOf(root) }
        : undefined;
    return {
      kind: 'moved',
      root: this.#root,
      ...(ended === undefined ? {} : { ended }),
      actor: this.#actor,
      compensation: this.#compensation,
      journal: this.#journal as unknown as Json[],
      records: this.#records,
      intents: this.#liveIntents(),
      settlements: [...this.#settlements.values()],
      outbox: this.#outbox,
    };
  }

  /** Makes the context of a frame and of the flows called in it. */
  async #open(frame: RunState['root'], caller?: FrameContext['caller']): Promise<FrameContext> {
    const flow = await this.#world.flow(frame.flow);
    const { subject } = this.#task.run;
    if (flow.readsRecord && subject !== undefined) await this.#records.peek(subject.type, subject.id);
    const context = new FrameContext(frame, flow, this.#globals, caller);
    this.#contexts.set(frame.id, context);
    for (const [element, { child }] of Object.entries(frame.activities)) {
      if (child !== undefined) await this.#open(child, { context, element });
    }
    return context;
  }

  // Taking the item.

  async #take(): Promise<boolean> {
    const { body, by, user } = this.#task.item;
    switch (body.kind) {
      case 'start':
        return true;
      case 'signal': {
        for (const { place, wait } of waitsOf(this.#root)) {
          if (wait.kind !== 'signal' || wait.signal !== body.signal) continue;
          await this.#resume(place, { kind: 'signal', name: wait.name, payload: body.payload });
          return true;
        }
        return false;
      }
      case 'answer': {
        const wait = this.#waitAt(body, body.name);
        if (wait?.kind !== 'answer') return false;
        await this.#resume(body, {
          kind: 'answer',
          name: body.name,
          by,
          ...(user === undefined ? {} : { user }),
          payload: body.payload,
        });
        return true;
      }
      case 'timer': {
        const wait = this.#waitAt(body, body.name);
        if (wait?.kind !== 'timer' || wait.at > this.#now) return false;
        await this.#resume(body, { kind: 'timer', name: body.name });
        return true;
      }
      case 'record': {
        let taken = false;
        for (const { place, wait } of [...waitsOf(this.#root)]) {
          if (wait.kind !== 'record' || wait.record !== body.type || wait.id !== body.id) continue;
          // An earlier one may have ended this one.
          if (activityAt(this.#root, place) === undefined) continue;
          taken = true;
          await this.#resume(place, { kind: 'record', name: wait.name });
        }
        return taken;
      }
      case 'outcome':
        return this.#takeOutcome(body.output);
      case 'failed':
        return this.#takeFailure(body.error);
      case 'undone':
        return this.#takeUndone(body.effect, body.ok, body.detail);
      case 'move':
        return this.#move(body.frame, body.from, body.to);
      case 'inDoubt':
        return false;
    }
  }

  #waitAt(place: Place, name: string) {
    return activityAt(this.#root, place)?.waits.find((wait) => wait.name === name);
  }

  /** The activity that waits for the effect of the item. */
  #performing(): { effect: EffectState; place: Place } | undefined {
    const { effect } = this.#task;
    if (effect === undefined) return undefined;
    const place = { frame: effect.frame, element: effect.element, visit: effect.visit };
    return activityAt(this.#root, place)?.effect === effect.id ? { effect, place } : undefined;
  }

  async #takeOutcome(output: Json): Promise<boolean> {
    const performing = this.#performing();
    if (performing === undefined) return false;
    const { effect, place } = performing;
    if (effect.state === 'intended' || effect.state === 'inDoubt')
      this.#settle({ ...settled(effect), state: 'done', output });
    const { context, element } = this.#at(place);
    delete context.frame.activities[place.element]!.effect;
    const action = this.#world.registries.actions.get(effect.action);
    await this.#guarded(context, element, place.visit, 'outcome', async (visit) => {
      if (action !== undefined && effect.state !== 'skipped')
        checkOutput(action, this.#world.registries.schemas, output);
      return this.#behaviourResume(element, visit, { kind: 'outcome', output });
    });
    return true;
  }

  async #takeFailure(error: { code: string; detail: string; data?: Json }): Promise<boolean> {
    const performing = this.#performing();
    if (performing === undefined) return false;
    const { effect, place } = performing;
    if (effect.state === 'intended' || effect.state === 'inDoubt') {
      this.#settle({
        ...settled(effect),
        state: 'failed',
        error: { code: error.code, detail: error.detail },
      });
    }
    const { context, element } = this.#at(place);
    const entry = this.#entry(context, place.element, place.visit, 'failed');
    entry.input = toJournaled(effect.input);
    entry.error = { code: error.code, detail: error.detail };
    const fault: Fault = { ...error, ...place };
    if (!this.#handle(context, element.name, fault)) this.#stopAt(context, fault, 'effect', { effect });
    return true;
  }

  async #takeUndone(id: string, ok: boolean, detail: string | undefined): Promise<boolean> {
    const compensation = this.#compensation;
    const { effect } = this.#task;
    if (compensation === undefined || compensation.remaining[0] !== id || effect === undefined) return false;
    this.#settle({
      ...settled(effect),
      undo: {
        state: ok ? 'done' : 'failed',
        cause: 'compensate',
        attempt: effect.undo?.attempt ?? 0,
        ...(detail === undefined ? {} : { detail }),
      },
    });
    const { frame, element, visit } = effect;
    this.#journal.push({
      frame,
      element,
      visit,
      on: 'undone',
      outcome: ok ? 'undone' : `not undone: ${detail ?? ''}`,
    });
    await this.#compensateNext({
      remaining: compensation.remaining.slice(1),
      afterwards: compensation.afterwards,
      undone: compensation.undone + (ok ? 1 : 0),
      failed: compensation.failed + (ok ? 0 : 1),
    });
    return true;
  }

  async #move(frame: string, from: string, to: string): Promise<boolean> {
    const context = this.#contexts.get(frame);
    if (context === undefined) return false;
    const source = context.flow.elements.get(from);
    const target = context.flow.elements.get(to);
    if (target === undefined || source?.region !== target.region) return false;
    this.#drop(context, from);
    context.control.put(withElement(context.control.value, from, to));
    this.#entry(context, from, context.frame.visits[from] ?? 0, 'move').outcome = `to ${to}`;
    return true;
  }

  #at(place: Place): { context: FrameContext; element: CompiledElement } {
    const context = this.#contexts.get(place.frame)!;
    return { context, element: context.flow.elements.get(place.element)! };
  }

  async #resume(place: Place, event: ActivityEvent): Promise<void> {
    const { context, element } = this.#at(place);
    await this.#guarded(context, element, place.visit, event.kind, (visit) =>
      this.#behaviourResume(element, visit, event),
    );
  }

  #behaviourResume(element: CompiledElement, visit: Visit, event: ActivityEvent) {
    const { behaviour, name } = element;
    if (behaviour.resume === undefined) {
      throw runErrors.error('element-failed', `${name} can't take ${event.kind}`);
    }
    return behaviour.resume(visit, event);
  }

  // Running what is ready.

  /** What is ready; nothing in a run that only undoes what it has done. */
  #next(root: FrameContext): Ready | undefined {
    const ends = this.#cancelled || this.#compensation?.afterwards === 'cancelled';
    return ends ? undefined : this.#ready(root);
  }

  #ready(context: FrameContext): Ready | undefined {
    return context.control.hasEnded ? undefined : this.#readyIn(context, context.control.value);
  }

  #readyIn(context: FrameContext, value: StateValue): Ready | undefined {
    if (typeof value === 'string') return value.startsWith('$') ? undefined : this.#readyAt(context, value);
    for (const [element, regions] of Object.entries(value)) {
      const activity = context.frame.activities[element];
      if (activity === undefined) return { kind: 'enter', context, element };
      for (const { name: branch } of context.flow.elements.get(element)!.branches) {
        const region = regions[branch]!;
        if (region === branchEnded && activity.ended?.includes(branch) !== true) {
          return { kind: 'branch', context, element, branch };
        }
        const ready = this.#readyIn(context, region);
        if (ready !== undefined) return ready;
      }
    }
    return undefined;
  }

  #readyAt(context: FrameContext, element: string): Ready | undefined {
    const activity = context.frame.activities[element];
    if (activity === undefined) return { kind: 'enter', context, element };
    if (activity.child === undefined) return undefined;
    const child = this.#contexts.get(activity.child.id)!;
    return child.control.hasEnded ? { kind: 'returned', context, element, child } : this.#ready(child);
  }

  async #step(ready: Ready): Promise<void> {
    const { context } = ready;
    const element = context.flow.elements.get(ready.element)!;
    this.#steps += 1;
    if (this.#steps > engineLimits.elementsPerSegmentMax) {
      const detail = `more than ${engineLimits.elementsPerSegmentMax} elements without a wait`;
      const visit = context.frame.visits[element.name] ?? 0;
      const place = { frame: context.frame.id, element: element.name, visit };
      this.#stopAt(context, { code: 'run.limit-elements', detail, ...place }, 'limit');
    }
    const { activities, visits } = context.frame;
    if (ready.kind === 'enter') {
      const visit = (visits[element.name] ?? 0) + 1;
      visits[element.name] = visit;
      if (context.frame.errors !== undefined) delete context.frame.errors[element.name];
      if (element.definition.stage !== undefined) context.frame.stage = element.definition.stage;
      const override =
        this.#task.run.overrides[placeKey({ frame: context.frame.id, element: element.name, visit })];
      await this.#guarded(context, element, visit, 'enter', (at) => {
        if (override === undefined) return element.behaviour.enter(at);
        if (override.output !== undefined) at.output(override.output);
        return { kind: 'go', outlet: override.outlet ?? 'next' };
      });
      return;
    }
    const activity = activities[element.name]!;
    if (ready.kind === 'branch') {
      const ended = [...(activity.ended ?? []), ready.branch];
      activity.ended = ended;
      await this.#guarded(context, element, activity.visit, 'branchEnded', (visit) =>
        this.#behaviourResume(element, visit, {
          kind: 'branchEnded',
          branch: ready.branch,
          ended: ended.length,
        }),
      );
      return;
    }
    let output: Readonly<Record<string, Json>>;
    try {
      output = await this.#outputsOf(ready.child);
    } catch (error) {
      if (!(error instanceof RecourseError)) throw error;
      const place = { frame: ready.child.frame.id, element: atEnd, visit: 1 };
      this.#fault(context, element, toFault(error, place));
      return;
    }
    delete activity.child;
    this.#contexts.delete(ready.child.frame.id);
    await this.#guarded(context, element, activity.visit, 'returned', (visit) =>
      this.#behaviourResume(element, visit, { kind: 'returned', output }),
    );
  }

  /** @throws {RecourseError} `run.output-invalid`; for the main flow it stops the segment. */
  async #outputsOf(context: FrameContext): Promise<Readonly<Record<string, Json>>> {
    const outputs: Record<string, Json> = {};
    for (const { name, output, check } of context.flow.variables.values()) {
      if (!output) continue;
      const value = context.frame.variables[name] ?? null;
      const problems = check(value);
      // Null where the schema does not know null: never assigned, so not part of the answer.
      if (problems.length > 0 && value === null) continue;
      if (problems.length > 0) {
        const error = runErrors.error('output-invalid', `${name}: ${problems[0]?.detail ?? 'is not valid'}`);
        if (context.caller !== undefined) throw error;
        this.#stopAt(context, toFault(error, { frame: context.frame.id, element: atEnd, visit: 1 }), 'fault');
      }
      outputs[name] = value;
    }
    return outputs;
  }

  /** Asks an element and does what it answers; a fault goes its way. */
  async #guarded(
    context: FrameContext,
    element: CompiledElement,
    number: number,
    on: string,
    ask: (visit: Visit) => Outcome | Promise<Outcome>,
  ): Promise<void> {
    const entry = this.#entry(context, element.name, number, on);
    try {
      const outcome = await ask(this.#visit(context, element.name, number, entry));
      await this.#apply(context, element, number, entry, outcome);
    } catch (error) {
      if (error instanceof Stop || isInfrastructure(error)) throw error;
      const known =
        error instanceof RecourseError
          ? error
          : runErrors.error('element-failed', error instanceof Error ? error.message : String(error), {
              cause: error,
            });
      entry.error = { code: known.code, detail: known.message };
      if (on === 'answer' && known.code === 'run.answer-invalid')
        throw new Stop({ kind: 'refused', error: known });
      const place = { frame: context.frame.id, element: element.name, visit: number };
      this.#retryLater(element, place, known);
      this.#fault(context, element, toFault(known, place), known);
    }
  }

  async #apply(
    context: FrameContext,
    element: CompiledElement,
    visit: number,
    entry: JournalEntry,
    outcome: Outcome,
  ): Promise<void> {
    const { activities, memory } = context.frame;
    const { name } = element;
    switch (outcome.kind) {
      case 'go':
      case 'rollBack':
        if (!element.outlets.has(outcome.outlet)) {
          throw runErrors.error('element-failed', `${name} has no outlet ${outcome.outlet}`);
        }
        if (outcome.kind === 'rollBack') this.#rollBack();
        entry.outcome = outcome.outlet;
        this.#drop(context, name);
        context.control.send(`${name}.${outcome.outlet}`);
        return;
      case 'park':
        entry.outcome = outcome.waits.map((wait) => `${wait.kind} ${wait.name}`).join(', ');
        activities[name] = { ...activities[name], visit, waits: outcome.waits };
        return;
      case 'stay':
        if (activities[name] === undefined)
          throw runErrors.error('element-failed', `${name} has nothing to stay for`);
        entry.outcome = 'stays';
        return;
      case 'perform': {
        const action = this.#action(outcome.action);
        this.#permit(action, context.flow.systemMode);
        checkInput(action, this.#world.registries.schemas, outcome.input);
        entry.input = toJournaled(outcome.input);
        entry.outcome = `performs ${action.name}`;
        activities[name] = {
          visit,
          waits: [],
          effect: this.#intend(context, element, visit, action, outcome.input),
        };
        return;
      }
      case 'call': {
        entry.outcome = `calls ${outcome.flow}`;
        entry.input = toJournaled(outcome.input as Json);
        const child = await this.#call(context, name, visit, outcome.flow, outcome.input);
        activities[name] = { visit, waits: [], child };
        return;
      }
      case 'fork':
        entry.outcome = 'forks';
        for (const inner of innerElements(context.flow, name)) delete memory[inner];
        activities[name] = { visit, waits: [], ended: [] };
        return;
      case 'end':
        entry.outcome = 'ends';
        context.frame.activities = {};
        context.control.send('$end');
        return;
      case 'compensate': {
        entry.outcome = 'compensates';
        if (this.#compensation !== undefined) {
          throw runErrors.error('operation-refused', 'the run is being compensated already');
        }
        activities[name] = { visit, waits: [] };
        // One that ended in this very segment is stored as it was before.
        const effects = (await this.#world.effectsOf(this.#task.run.id)).map(
          (effect) => this.#settlements.get(effect.id) ?? effect,
        );
        await this.#compensateNext({
          remaining: toUndo(effects, (action) => this.#world.registries.actions.get(action)),
          afterwards: { frame: context.frame.id, element: name, visit },
          undone: 0,
          failed: 0,
        });
      }
    }
  }

  #action(name: string): Action {
    const action = this.#world.registries.actions.get(name);
    if (action === undefined) throw actionErrors.error('unknown', `there is no action ${name}`);
    return action;
  }

  #intend(
    context: FrameContext,
    element: CompiledElement,
    visit: number,
    action: Action,
    input: Json,
  ): string {
    const { run, owner, leaseUntil } = this.#task;
    const place = { frame: context.frame.id, element: element.name, visit };
    const id = effectId(run.id, place);
    const retry = element.definition.retry ?? action.retry;
    this.#intents.set(id, {
      id,
      run: run.id,
      ...place,
      action: action.name,
      input,
      user: this.#actor,
      ...(retry === undefined ? {} : { retry }),
      state: 'intended',
      seq: run.seq + 1,
      at: this.#now,
      attempt: 1,
      firstAttemptAt: this.#now,
      claimAt: leaseUntil,
      owner,
      token: 1,
      lost: 0,
    });
    return id;
  }

  async #call(
    context: FrameContext,
    element: string,
    visit: number,
    name: string,
    input: Readonly<Record<string, Json>>,
  ): Promise<RunState['root']> {
    const ref = this.#task.run.pinned[name];
    if (ref === undefined) throw runErrors.error('flow-unknown', `no version of ${name} is active`);
    const id = `${context.frame.id}/${element}.${visit}`;
    let depth = 1;
    for (let at = context.caller; at !== undefined; at = at.context.caller) depth += 1;
    if (depth >= engineLimits.frameDepthMax) {
      throw runErrors.error(
        'limit-depth',
        `subflows are nested more than ${engineLimits.frameDepthMax} deep`,
      );
    }
    const frame = newFrame(id, ref, await this.#world.flow(ref), input);
    await this.#open(frame, { context, element });
    return frame;
  }

  /** Begins the next undoing, or ends the compensation. */
  async #compensateNext(compensation: Compensation): Promise<void> {
    const [next] = compensation.remaining;
    if (next !== undefined) {
      const ended = this.#settlements.get(next);
      const effect = ended ?? (await this.#world.loadEffect(next));
      if (effect !== undefined) {
        this.#settle({
          ...effect,
          undo: { state: 'intended', cause: 'compensate', attempt: 1 },
          claimAt: this.#task.leaseUntil,
          owner: this.#task.owner,
          token: ended?.token ?? effect.token + 1,
          lost: 0,
        });
      }
      this.#compensation = compensation;
      return;
    }
    this.#compensation = undefined;
    const { afterwards, undone, failed } = compensation;
    if (afterwards === 'cancelled') {
      this.#cancelled = true;
      this.#root.activities = {};
      return;
    }
    if (activityAt(this.#root, afterwards) === undefined) return;
    await this.#resume(afterwards, { kind: 'compensated', undone, failed });
  }

  #settle(effect: EffectState): void {
    this.#settlements.set(effect.id, effect);
  }

  // Faults.

  #retryLater(element: CompiledElement, place: Place, error: RecourseError): void {
    const policy = element.definition.retry;
    const { retry, item } = this.#task;
    const again = retry !== undefined && placeKey(retry.place) === placeKey(place);
    const attempt = again ? retry.attempt : 1;
    if (policy === undefined || !retries(policy, attempt, error)) return;
    const at = toIso(toMs(this.#now) + retryDelayMs(policy, attempt, this.#world.random));
    throw new Stop({
      kind: 'retry',
      retry: { place, at, attempt: attempt + 1, item },
      journal: this.#journal as unknown as Json[],
    });
  }

  #fault(context: FrameContext, element: CompiledElement, fault: Fault, thrown?: RecourseError): void {
    if (!this.#handle(context, element.name, fault)) {
      this.#stopAt(context, fault, 'fault', { thrown });
    }
  }

  /** Takes the nearest path for the fault: the element's, that of a parallel element or of a call around it. */
  #handle(context: FrameContext, name: string, fault: Fault): boolean {
    for (let at: FrameContext['caller'] | undefined = { context, element: name }; at !== undefined; ) {
      const inside: FrameContext = at.context;
      for (let element: string | undefined = at.element; element !== undefined; ) {
        const compiled = inside.flow.elements.get(element);
        const onFault = compiled?.definition.onFault;
        if (onFault !== undefined) {
          if (onFault.rollBack === true) {
            this.#rollBack();
            this.#restore(inside);
          }
          inside.frame.error = fault;
          inside.frame.errors = { ...inside.frame.errors, [at.element]: fault.code };
          this.#drop(inside, element);
          inside.control.send(`${element}.$fault`);
          return true;
        }
        element = compiled?.region.of?.element;
      }
      at = inside.caller;
    }
    return false;
  }

  /** Discards the segment: the run stays where it was, with an incident. */
  #stopAt(
    context: FrameContext,
    fault: Fault,
    kind: Incident['kind'],
    { effect, thrown }: { effect?: EffectState; thrown?: RecourseError | undefined } = {},
  ): never {
    const { frame, element, visit } = fault;
    throw new Stop({
      kind: 'incident',
      thrown,
      incident: {
        kind,
        place: { frame, element, visit },
        error: fault,
        at: this.#now,
        inputs: {
          variables: toJournaled(context.frame.variables as Json),
          ...(effect === undefined ? {} : { input: toJournaled(effect.input) }),
        },
        trace: this.#journal.slice(-100) as unknown as Json[],
        item: this.#task.item,
        ...(effect === undefined ? {} : { effect: effect.id }),
      },
    });
  }

  #rollBack(): void {
    this.#records.rollBack();
    this.#outbox = [];
  }

  /** Puts back what a frame held when the segment began. */
  #restore({ frame }: FrameContext): void {
    const before = frameOf(this.#task.run.root, frame.id);
    frame.variables = copyOf(before?.variables ?? { ...frame.input });
    frame.outputs = copyOf(before?.outputs ?? {});
    frame.memory = copyOf(before?.memory ?? {});
  }

  /** Forgets an activity and all that is under way in it; an effect in flight finishes late. */
  #drop(context: FrameContext, name: string): void {
    const { activities } = context.frame;
    const forget = (element: string): void => {
      const child = activities[element]?.child;
      if (child !== undefined) this.#forgetContext(child.id);
      delete activities[element];
    };
    forget(name);
    if (context.flow.elements.get(name)!.branches.length === 0) return;
    for (const inner of innerElements(context.flow, name)) forget(inner);
  }

  #forgetContext(id: string): void {
    for (const known of this.#contexts.keys()) {
      if (known === id || known.startsWith(`${id}/`)) this.#contexts.delete(known);
    }
  }

  /** Intents whose element is still waiting for them; of the others nothing was ever made. */
  #liveIntents(): EffectState[] {
    return [...this.#intents.values()].filter(
      (intent) => activityAt(this.#root, intent)?.effect === intent.id,
    );
  }

  /** @throws {RecourseError} `action.forbidden` */
  #permit({ name, permission }: Action, systemMode: boolean): void {
    if (permission === undefined || systemMode || this.#actor.permissions?.includes(permission)) return;
    throw actionErrors.error('forbidden', `to perform ${name} needs the permission ${permission}`, {
      data: { permission },
    });
  }

  // What an element sees.

  #entry(context: FrameContext, element: string, visit: number, on: string): JournalEntry {
    const entry: JournalEntry = { frame: context.frame.id, element, visit, on };
    this.#journal.push(entry);
    return entry;
  }

  #visit(context: FrameContext, element: string, number: number, entry: JournalEntry): Visit {
    const { frame, flow } = context;
    const { run } = this.#task;
    const key = effectId(run.id, { frame: frame.id, element, visit: number });
    const rights = { system: flow.systemMode, permissions: new Set(this.#actor.permissions ?? []) };
    const records = this.#records.session(key, rights);
    let emitted = 0;
    return {
      element,
      number,
      now: this.#now,
      records,
      user: this.#actor as Visit['user'],
      starter: run.user.id,
      evaluate: (expression) => context.evaluate(expression),
      decide: (expression) => {
        const { value, truth } = context.evaluateWithTruth(expression);
        entry.truth ??= [];
        entry.truth.push(truth);
        return isTruthy(value);
      },
      variable: (path) => context.variable(path),
      assign: (path, value) => context.assign(path, value),
      output: (value) => {
        frame.outputs[element] = value;
        entry.output = toJournaled(value);
      },
      memory: {
        get: () => frame.memory[element],
        set: (value) => {
          if (value === undefined) delete frame.memory[element];
          else frame.memory[element] = value;
        },
      },
      perform: async (name, input) => {
        const action = this.#action(name);
        const { schemas } = this.#world.registries;
        if (action.effect === 'external') {
          throw actionErrors.error('failed', `${name} acts outside and can't be performed within a segment`);
        }
        this.#permit(action, flow.systemMode);
        checkInput(action, schemas, input);
        const call = { action: name, input: toJournaled(input) } as NonNullable<
          JournalEntry['calls']
        >[number];
        entry.calls ??= [];
        entry.calls.push(call);
        const output = await callInTime(action, this.#world.clock, (signal) =>
          action.perform({
            input,
            key,
            attempt: 1,
            run: run.id,
            now: this.#now,
            user: this.#actor as Visit['user'],
            ...(action.effect === 'records'
              ? { records: this.#records.session(key, { ...rights, action: true }) }
              : {}),
            signal,
          }),
        );
        checkOutput(action, schemas, output);
        call.output = toJournaled(output);
        return output;
      },
      emit: ({ topic, key: of, payload }) => {
        emitted += 1;
        if (this.#outbox.length >= engineLimits.outboxRowsPerSegmentMax) {
          throw runErrors.error('limit-outbox', `more than ${engineLimits.outboxRowsPerSegmentMax} messages`);
        }
        this.#outbox.push({
          id: `${key}:${emitted}`,
          run: run.id,
          topic,
          // Without a key of their own, messages of one run are in order among themselves.
          key: of === '' ? run.id : of,
          payload,
          at: this.#now,
          order: '',
          attempt: 0,
          claimAt: this.#now,
        });
      },
    };
  }
}

/** Claiming a task, or giving it back, is not yet work on the run. */
const actorOf = ({ run, item: { body, user } }: SegmentTask): RunUser =>
  user !== undefined && body.kind === 'answer' && !claimNames.has(body.name) ? user : (run.actor ?? run.user);

const settled = ({ claimAt: _claimAt, owner: _owner, ...effect }: EffectState): EffectState => ({
  ...effect,
  token: effect.token + 1,
});

/** Effects that can be undone, last first. */
export function toUndo(
  effects: readonly EffectState[],
  action: (name: string) => Action | undefined,
): string[] {
  return effects
    .filter(
      ({ state, undo, action: name }) =>
        state === 'done' && undo === undefined && typeof action(name)?.undo === 'function',
    )
    .sort((left, right) => right.seq - left.seq || (left.id < right.id ? 1 : -1))
    .map(({ id }) => id);
}

function toFault(error: RecourseError, place: Place): Fault {
  const { code, message, problems, data } = error;
  const more = { ...data, ...(problems.length > 0 ? { problems } : {}) };
  return {
    code,
    detail: message,
    ...place,
    ...(Object.keys(more).length > 0 ? { data: JSON.parse(JSON.stringify(more)) as Json } : {}),
  };
}

/** A store that can't be asked now is no fault of the flow. */
export const isInfrastructure = (error: unknown): boolean =>
  error instanceof RecourseError && error.retryable && error.code.startsWith('store.');

/** Elements in the branches of a parallel element, at any depth. */
function* innerElements(flow: CompiledFlow, name: string): Generator<string> {
  for (const element of flow.elements.values()) {
    for (let region = element.region; region.of !== undefined; region = region.parent!) {
      if (region.of.element === name) {
        yield element.name;
        break;
      }
    }
  }
}

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
