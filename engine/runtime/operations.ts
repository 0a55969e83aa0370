// What can be done with runs: starting, signals, answers, and what operators do; each with who and why, in the journal.
import { createHash } from 'node:crypto';
import type { CompiledFlow, Registries } from '../compile/compile-flow.js';
import { toSortedJson } from '../definition/canonical.js';
import type { Json } from '../definition/flow.js';
import type { FlowVersions } from '../definition/versions.js';
import { isTruthy } from '../expressions/compare.js';
import { engineLimits } from '../limits.js';
import type { Clock } from '../ports/clock.js';
import type { EffectState, EngineStore, JournalChunk, RunFilter } from '../ports/engine-store.js';
import type { Ids } from '../ports/ids.js';
import type { Subject, SubjectPort } from '../ports/subjects.js';
import {
  type Applicability,
  missingPermissions,
  permissionsToStart,
  recordReason,
  requireApplicable,
  systemReason,
  toPermissionReason,
} from './applicability.js';
import type { Delivery } from './delivery.js';
import type { Driver } from './drive.js';
import type { Changed } from './units.js';
import { takes } from './item-rules.js';
import { isAwaited } from './settle-effect.js';
import { FrameContext } from './frame-context.js';
import { derive, frameOf, newFrame, placeKey, waitsOf } from './frames.js';
import { toIso } from './instants.js';
import { type Preview, toPreview } from './preview.js';
import { runErrors, toErrorProblems } from './run-errors.js';
import {
  type Compensation,
  endedStatuses,
  type FlowRef,
  type InboxItem,
  type Override,
  type Place,
  type RunState,
  type RunUser,
} from './run-state.js';
import { toUndo } from './compensation.js';
import { openWorkOf, workKeysFor } from './work.js';
import type { Worker } from './worker.js';

export interface OperationsParts {
  readonly store: EngineStore;
  readonly driver: Driver;
  readonly versions: FlowVersions;
  readonly worker: Worker;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly registries: Registries;
  readonly subjects: SubjectPort | undefined;
}

export interface StartRequest {
  readonly flow: string;
  readonly input?: Readonly<Record<string, Json>>;
  readonly user: RunUser;
  readonly subject?: Subject;
  readonly recordPrior?: Json;
  readonly event?: Json;
  /** Id of the run; a second start with it is refused. */
  readonly id?: string;
  /** Idempotency key: a second start of the same user with it answers with the run of the first. Excludes `id`. */
  readonly key?: string;
  readonly depth?: number;
  /** Hash of the preview that was seen: refused if the figures have changed since. */
  readonly previewHash?: string;
  /** A fault in the first segment that is the caller's mistake refuses the start: nothing is left of it. */
  readonly refusesFaults?: boolean;
}

/** Who does something to a run, and why. */
export interface Attribution {
  readonly by: string;
  readonly reason: string;
  /** Refused unless the run is still at this sequence, so that the operation can be sent again. */
  readonly seq?: number;
}

/** Who answers. */
export interface Answerer {
  /** Makes it the same answer when it is sent again. */
  readonly id?: string;
  readonly by: string;
  /** The run acts for this user from then on; checked against the groups and queues of tasks. */
  readonly user?: RunUser;
  /** A fault in what follows that is the answerer's mistake refuses the answer. */
  readonly refusesFaults?: boolean;
}

export interface BulkProgress {
  readonly run: string;
  readonly done: number;
  readonly of: number;
  readonly error?: { readonly code: string; readonly detail: string };
}

export class Operations {
  readonly #parts: OperationsParts;
  /** Starts under way: before their first segment the driver does not know of them. */
  #starting = 0;
  /** The last start on each record that has one under way. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(parts: OperationsParts) {
    this.#parts = parts;
  }

  /**
   * Starts the active version of a flow and runs its first segment.
   *
   * @throws {RecourseError} `run.flow-unknown`, `run.not-applicable`, `run.forbidden`, `run.input-invalid`,
   * `run.overloaded`, `run.exists`, `run.idempotency-mismatch`
   */
  async start(request: StartRequest): Promise<RunState> {
    return (await this.startOnce(request)).run;
  }

  /** As `start`, and says whether an earlier start with the same key is answered. */
  async startOnce(request: StartRequest): Promise<{ readonly run: RunState; readonly replayed: boolean }> {
    this.#admit();
    this.#starting += 1;
    try {
      const before = await this.#startedBefore(request);
      return before === undefined ? await this.#start(request) : { run: before, replayed: true };
    } finally {
      this.#starting -= 1;
    }
  }

  /**
   * What a start would come to. Queries are asked, records are changed in memory only, and whatever acts outside is named
   * and not done: nothing is written.
   *
   * @throws {RecourseError} what the start would be refused with; `run.preview-failed`
   */
  async preview(request: StartRequest): Promise<Preview> {
    this.#admit();
    const prepared = await this.#prepare(request);
    const { run, compiled } = prepared;
    requireApplicable(run.flow.name, await this.#applicability(prepared));
    return toPreview(compiled, await this.#parts.driver.preview(toStartItem(run), run));
  }

  /** Whether a flow applies to a record and a user may start it; starts nothing. @throws {RecourseError} `run.flow-unknown` */
  async applicability(flow: string, record: Subject | undefined, user: RunUser): Promise<Applicability> {
    const request = { flow, user, ...(record === undefined ? {} : { subject: record }) };
    const prepared = await this.#prepare(request, { unchecked: true });
    return this.#applicability(prepared);
  }

  /** The run of an earlier start with the same idempotency key. */
  async #startedBefore(request: StartRequest): Promise<RunState | undefined> {
    const id = keyedId(request);
    if (id === undefined) return undefined;
    const run = await this.#parts.store.loadRun(id);
    if (run === undefined || run.startHash === toStartHash(request)) return run;
    throw runErrors.error(
      'idempotency-mismatch',
      `the key ${request.key} was used for another start of ${run.flow.name}`,
    );
  }

  async #prepare(request: StartRequest, inputs: { readonly unchecked?: boolean } = {}): Promise<Prepared> {
    const { versions, ids, clock } = this.#parts;
    const flow = await versions.active(request.flow);
    if (flow === undefined) throw runErrors.error('flow-unknown', `no version of ${request.flow} is active`);
    const compiled = await versions.compiled(flow);
    const id = keyedId(request) ?? request.id ?? ids.next();
    const now = toIso(clock.now());
    const pinned = await versions.pin(flow);
    const called = await Promise.all(Object.values(pinned).map((ref) => versions.compiled(ref)));
    const run: RunState = {
      id,
      flow,
      pinned,
      seq: 0,
      status: 'active',
      ...(request.subject === undefined ? {} : { subject: request.subject }),
      user: request.user,
      startedAt: now,
      depth: request.depth ?? 0,
      root: newFrame('main', flow, compiled, request.input ?? {}, inputs),
      ...(request.recordPrior === undefined ? {} : { recordPrior: request.recordPrior }),
      ...(request.event === undefined ? {} : { event: request.event }),
      ...(request.key === undefined ? {} : { startHash: toStartHash(request) }),
      waitsOn: [],
      overrides: {},
      retries: [],
      claims: 0,
    };
    return { run, compiled, called };
  }

  async #applicability({ run, compiled, called }: Prepared): Promise<Applicability> {
    const missing = missingPermissions(permissionsToStart(compiled, called), run.user);
    const unfit = recordReason(compiled, run.subject);
    // Conditions are about the record: of another one, or none, they say nothing.
    const unmet = unfit === undefined ? await this.reasonsAgainst(run) : [unfit];
    const reasons = missing.length === 0 ? unmet : [toPermissionReason(run.flow.name, missing), ...unmet];
    return { applies: reasons.length === 0, reasons, missing };
  }

  async #start(request: StartRequest): Promise<{ readonly run: RunState; readonly replayed: boolean }> {
    const prepared = await this.#prepare(request);
    const { run, compiled, called } = prepared;
    requireApplicable(run.flow.name, await this.#applicability(prepared));
    const { id } = run;
    const reason = systemReason([compiled, ...called]);
    const item: InboxItem = { ...toStartItem(run), ...(reason === undefined ? {} : { reason }) };
    const { previewHash, refusesFaults = false } = request;
    const delivery = await this.#inTurn(request.subject, () =>
      this.#parts.driver.deliver(item, {
        starts: run,
        refusesFaults,
        ...(previewHash === undefined
          ? {}
          : { accepts: (end) => refuseOtherFigures(toPreview(compiled, end), previewHash) }),
      }),
    );
    if (delivery.kind === 'taken' || delivery.kind === 'kept') return { run: delivery.run, replayed: false };
    const same = delivery.kind === 'duplicate' ? await this.#startedBefore(request) : undefined;
    if (same !== undefined) return { run: same, replayed: true };
    if (delivery.kind === 'duplicate') throw runErrors.error('exists', `there is a run ${id} already`);
    throw delivery.kind === 'refused'
      ? delivery.error
      : runErrors.error('unknown', `the run ${id} was not begun`);
  }

  /** One start after the other on one record: side by side all but one of them would be run again. */
  async #inTurn<T>(subject: Subject | undefined, work: () => Promise<T>): Promise<T> {
    if (subject === undefined) return work();
    const key = `${subject.type}:${subject.id}`;
    const mine = (this.#turns.get(key) ?? Promise.resolve()).then(work, work);
    this.#turns.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#turns.get(key) === mine) this.#turns.delete(key);
    }
  }

  /** The sentences of the start conditions that don't hold. */
  async reasonsAgainst(run: RunState): Promise<string[]> {
    const { versions } = this.#parts;
    const compiled = await versions.compiled(run.flow);
    if (compiled.conditions.length === 0) return [];
    const record = await this.#recordOf(run);
    const context = new FrameContext(run.root, compiled, {
      now: this.#parts.driver.now,
      user: run.user as Json,
      permission: Object.fromEntries((run.user.permissions ?? []).map((permission) => [permission, true])),
      run,
      calendars: this.#parts.driver.calendars,
      record: () => record,
      recordPrior: run.recordPrior,
    });
    return compiled.conditions.flatMap(({ expression, otherwise }) =>
      isTruthy(context.evaluate(expression)) ? [] : [otherwise],
    );
  }

  async #recordOf({ subject }: RunState): Promise<Json> {
    if (subject === undefined) return null;
    return (await this.#parts.driver.records.read(subject.type, subject.id))?.value ?? null;
  }

  /**
   * Sends a signal to a run. An id makes it the same signal when it is sent again.
   *
   * @throws {RecourseError} `run.unknown`, `run.ended`, `run.event-not-accepted`, `run.input-invalid`
   */
  async signal(
    run: string,
    signal: string,
    payload: Json,
    { id, by }: { readonly id?: string; readonly by: string },
  ): Promise<'taken' | 'kept' | 'duplicate'> {
    this.#admit();
    const { driver, store, ids } = this.#parts;
    // Which signals a run knows is settled when it starts.
    const state = driver.known(run) ?? (await this.run(run));
    const declared = await this.#signalOf(state, signal);
    if (declared === undefined) throw this.#notAccepted(state, signal, await this.#buffered(state));
    const problems = declared.check(payload);
    if (problems.length > 0) {
      throw runErrors.error('input-invalid', `the signal ${signal} is not valid`, {
        problems: toErrorProblems(problems, 'run.input-invalid'),
      });
    }
    const item: InboxItem = {
      id: id ?? ids.next(),
      run,
      body: { kind: 'signal', signal, payload },
      by,
      at: driver.now,
    };
    const delivery = await driver.deliver(item);
    if (delivery.kind !== 'stale') return this.#answer(delivery);
    // Not awaited: it may be a signal that was taken before.
    if (id !== undefined && (await store.knowsItem(id))) return 'duplicate';
    if (endedStatuses.has(delivery.run.status)) throw runErrors.error('ended', `the run ${run} has ended`);
    if (!declared.buffered) throw this.#notAccepted(delivery.run, signal, await this.#buffered(delivery.run));
    if ((await store.enqueue(item)) === 'duplicate') return 'duplicate';
    // A wait may have begun since we looked; then its own look at the inbox may have been too early for this signal.
    const after = await store.loadRun(run);
    if (after !== undefined && takes(after, item)) await driver.drainInbox(run);
    return 'kept';
  }

  /**
   * Answers a screen, a task or an approval.
   *
   * @throws {RecourseError} `run.event-not-accepted`, `run.answer-invalid`, `run.ended`, `run.unknown`
   */
  async answer(
    run: string,
    place: Place & { readonly name: string },
    payload: Json,
    { id, by, user, refusesFaults = false }: Answerer,
  ): Promise<'taken' | 'kept' | 'duplicate'> {
    this.#admit();
    const { driver, store, ids } = this.#parts;
    await this.run(run);
    const { frame, element, visit, name } = place;
    const body = { kind: 'answer', frame, element, visit, name, payload } as const;
    const item: InboxItem = {
      id: id ?? ids.next(),
      run,
      body,
      by,
      at: driver.now,
      ...(user === undefined ? {} : { user }),
    };
    const delivery = await driver.deliver(item, { refusesFaults });
    if (delivery.kind !== 'stale') return this.#answer(delivery);
    if (id !== undefined && (await store.knowsItem(id))) return 'duplicate';
    if (endedStatuses.has(delivery.run.status)) throw runErrors.error('ended', `the run ${run} has ended`);
    throw this.#notAccepted(delivery.run, `an answer to ${element}`, []);
  }

  #answer(delivery: Delivery): 'taken' | 'kept' | 'duplicate' {
    switch (delivery.kind) {
      case 'refused':
        throw delivery.error;
      case 'unknown':
      case 'stale':
        throw runErrors.error('unknown', 'the run is gone');
      default:
        return delivery.kind;
    }
  }

  async #signalOf(run: RunState, signal: string) {
    for (const ref of this.#flowsOf(run)) {
      const declared = (await this.#parts.versions.compiled(ref)).signals.get(signal);
      if (declared !== undefined) return declared;
    }
    return undefined;
  }

  async #buffered(run: RunState): Promise<string[]> {
    const names = new Set<string>();
    for (const ref of this.#flowsOf(run)) {
      for (const [name, { buffered }] of (await this.#parts.versions.compiled(ref)).signals) {
        if (buffered) names.add(name);
      }
    }
    return [...names];
  }

  #flowsOf(run: RunState): FlowRef[] {
    return [run.flow, ...Object.values(run.pinned)];
  }

  #notAccepted(run: RunState, event: string, buffered: readonly string[]) {
    const accepted = new Set(buffered);
    for (const { wait } of waitsOf(run.root)) {
      if (wait.kind === 'signal') accepted.add(wait.signal);
      if (wait.kind === 'answer') accepted.add(wait.name);
    }
    const list = [...accepted];
    return runErrors.error(
      'event-not-accepted',
      `${event} is not accepted while the run is ${run.status}; accepted: ${list.join(', ') || 'nothing'}`,
      { data: { status: run.status, accepted: list } },
    );
  }

  // Reading.

  /** @throws {RecourseError} `run.unknown` */
  async run(id: string): Promise<RunState> {
    const run = await this.#parts.store.loadRun(id);
    if (run === undefined) throw runErrors.error('unknown', `there is no run ${id}`);
    return run;
  }

  runs(filter: RunFilter): Promise<RunState[]> {
    return this.#parts.store.listRuns(filter);
  }

  /** Work that a user may do or claim, after a run, of at most `limit` runs. */
  async tasks(user: RunUser, { after, limit }: { readonly after?: string; readonly limit: number }) {
    const keys = workKeysFor(user);
    const runs = await this.runs({ work: keys, limit, ...(after === undefined ? {} : { after }) });
    return {
      work: runs.flatMap(openWorkOf).filter(({ assignee, claimedBy }) => {
        return claimedBy === null ? keys.includes(assignee) : claimedBy === user.id;
      }),
      next: runs.length === limit ? runs.at(-1)?.id : undefined,
    };
  }

  journal(run: string, after = 0, limit = 1_000): Promise<JournalChunk[]> {
    return this.#parts.store.journalOf(run, after, limit);
  }

  /** The run once it is not active any more, or as it is after `timeoutMs`. */
  async settled(id: string, timeoutMs: number): Promise<RunState> {
    const { worker, clock } = this.#parts;
    let stop = (): void => {};
    const later = new Promise<RunState | undefined>((resolve) => {
      const cancel = clock.alarm(timeoutMs, () => resolve(undefined));
      const unwatch = worker.watch(id, (run) => {
        if (!underWay.has(run.status)) resolve(run);
      });
      stop = () => {
        cancel();
        unwatch();
      };
    });
    try {
      const now = await this.run(id);
      if (!underWay.has(now.status)) return now;
      return (await later) ?? (await this.run(id));
    } finally {
      stop();
    }
  }

  // What operators do.

  /** Runs again what stopped at the incident. @throws {RecourseError} `run.operation-refused` */
  async retry(id: string, who: Attribution): Promise<RunState> {
    return this.#afterIncident(id, who, 'retry', async (run) => {
      const effect = await this.#effectOf(run);
      if (effect?.state !== 'failed' && effect?.undo?.state !== 'failed') return { run, settlements: [] };
      return { run, settlements: [this.#tryAgain(effect)], waits: true };
    });
  }

  /** Goes on without the element of the incident, with a recorded output. @throws {RecourseError} `run.operation-refused` */
  async skip(
    id: string,
    { output, outlet }: { readonly output?: Json; readonly outlet?: string },
    who: Attribution,
  ): Promise<RunState> {
    return this.#afterIncident(id, who, 'skip', async (run) => {
      const { place, kind, effect: effectId } = run.incident!;
      const override: Override = {
        by: who.by,
        reason: who.reason,
        ...(output === undefined ? {} : { output }),
        ...(outlet === undefined ? {} : { outlet }),
      };
      const effect = await this.#effectOf(run);
      if (effect !== undefined && effectId !== undefined && kind !== 'fault') {
        if (effect.undo?.state === 'failed') {
          const body = {
            kind: 'undone',
            effect: effectId,
            ok: false,
            skipped: true,
            detail: who.reason,
          } as const;
          return { run, settlements: [], item: { body } };
        }
        // The element is parked on the call: the recorded output is taken for its outcome.
        const { claimAt: _claimAt, owner: _owner, ...rest } = effect;
        return {
          run,
          settlements: [{ ...rest, state: 'skipped', output: output ?? null, token: effect.token + 1 }],
          item: { body: { kind: 'outcome', effect: effect.id, output: output ?? null } },
        };
      }
      return {
        run: { ...run, overrides: { ...run.overrides, [placeKey(place)]: override } },
        settlements: [],
      };
    });
  }

  /** Changes variables of a stopped run. @throws {RecourseError} `run.operation-refused`, `run.variable-invalid` */
  async editVariables(
    id: string,
    frame: string,
    variables: Readonly<Record<string, Json>>,
    who: Attribution,
  ): Promise<RunState> {
    return this.#change(id, who, async (run) => {
      if (run.status !== 'incident' && run.status !== 'suspended' && run.status !== 'held') {
        throw this.#refused(run, 'only variables of a stopped run can be changed');
      }
      const root = structuredClone(run.root);
      const found = frameOf(root, frame);
      if (found === undefined) throw this.#refused(run, `there is no frame ${frame}`);
      const flow = await this.#parts.versions.compiled(found.flow);
      for (const [name, value] of Object.entries(variables)) {
        const variable = flow.variables.get(name);
        const problems = variable?.check(value) ?? [{ pointer: '', detail: `there is no variable ${name}` }];
        if (problems.length > 0) {
          throw runErrors.error('variable-invalid', `${name}: ${problems[0]?.detail ?? 'is not valid'}`, {
            problems: toErrorProblems(problems, 'run.variable-invalid'),
          });
        }
        found.variables[name] = value;
      }
      return this.#noted({ ...run, root }, who, { edited: Object.keys(variables), frame });
    });
  }

  /** Puts control from the element of the incident, or from one that waits, to another of the same branch. */
  async move(
    id: string,
    { frame = 'main', from, to }: { readonly frame?: string; readonly from?: string; readonly to: string },
    who: Attribution,
  ): Promise<RunState> {
    const { driver, ids } = this.#parts;
    const run = await this.run(id);
    this.#insistOnSeq(run, who);
    if (run.status !== 'incident' && run.status !== 'waiting')
      throw this.#refused(run, 'only a stopped or waiting run can be moved');
    const held = frameOf(run.root, frame);
    const at = from ?? positionOf(run, frame) ?? '';
    if (held === undefined || at === '')
      throw this.#refused(run, `nothing stands in ${frame} that can be moved`);
    const body = { kind: 'move', frame, from: at, to } as const;
    const item: InboxItem = { id: ids.next(), run: id, body, by: who.by, at: driver.now, reason: who.reason };
    const delivery = await driver.deliver(item);
    if (delivery.kind === 'taken') return delivery.run;
    if (delivery.kind === 'refused') throw delivery.error;
    throw this.#refused(run, `${at} and ${to} are not in the same branch of ${frame}`);
  }

  /** Ends a run; with `compensate` what it did outside is undone first, last first. */
  async cancel(id: string, who: Attribution, { compensate = false } = {}): Promise<RunState> {
    const { driver, store, registries, clock } = this.#parts;
    const run = await this.#change(id, who, async (run) => {
      if (endedStatuses.has(run.status)) throw runErrors.error('ended', `the run ${id} has ended`);
      if (run.compensation !== undefined) return this.#cancelAfterwards(run, run.compensation, who);
      const effects = compensate ? await store.effectsOf(id) : [];
      const remaining = toUndo(effects, (name) => registries.actions.get(name));
      const first = effects.find((effect) => effect.id === remaining[0]);
      const root = { ...run.root, activities: {} };
      const stays = {
        ...run,
        root,
        dueAt: undefined,
        waitsOn: [],
        retries: [],
        incident: undefined,
        held: undefined,
      };
      if (first === undefined) {
        return this.#noted({ ...stays, status: 'cancelled', endedAt: driver.now }, who, { cancelled: true });
      }
      const compensation = { remaining, afterwards: 'cancelled', undone: 0, failed: 0 } as const;
      const noted = this.#noted({ ...stays, status: 'compensating', compensation }, who, {
        cancelled: remaining.length,
      });
      const undo = { state: 'intended', cause: 'compensate', attempt: 1 } as const;
      const settlements: EffectState[] = [
        {
          ...first,
          undo,
          claimAt: toIso(clock.now() + engineLimits.leaseMs),
          owner: driver.owner,
          token: first.token + 1,
          lost: 0,
        },
      ];
      return { ...noted, parts: { ...noted.parts, settlements } };
    });
    return run;
  }

  /** What is being undone goes on, and the run ends after it. */
  #cancelAfterwards(run: RunState, compensation: Compensation, who: Attribution) {
    if (compensation.afterwards === 'cancelled') throw this.#refused(run, 'it is being cancelled already');
    const root = { ...run.root, activities: {} };
    const changed = {
      ...run,
      root,
      waitsOn: [],
      compensation: { ...compensation, afterwards: 'cancelled' as const },
    };
    return this.#noted(changed, who, { cancelled: compensation.remaining.length });
  }

  async suspend(id: string, who: Attribution): Promise<RunState> {
    return this.#change(id, who, async (run) => {
      if (endedStatuses.has(run.status)) throw runErrors.error('ended', `the run ${id} has ended`);
      if (run.status !== 'active' && run.status !== 'waiting')
        throw this.#refused(run, 'it is stopped already');
      const suspended = { by: who.by, reason: who.reason, at: this.#parts.driver.now };
      return this.#noted({ ...run, status: 'suspended', suspended, dueAt: undefined }, who, {
        suspended: true,
      });
    });
  }

  async resume(id: string, who: Attribution): Promise<RunState> {
    const run = await this.#change(id, who, async (run) => {
      if (run.status !== 'suspended') throw this.#refused(run, 'it is not suspended');
      return this.#noted({ ...this.#awake(run), suspended: undefined }, who, { resumed: true });
    });
    await this.#parts.driver.drainInbox(id);
    return run;
  }

  /** Says what became of an effect that nobody knows about. @throws {RecourseError} `run.operation-refused` */
  async resolveInDoubt(
    id: string,
    effect: string,
    truth: { readonly happened: true; readonly output: Json } | { readonly happened: false },
    who: Attribution,
  ): Promise<RunState> {
    const { driver, store } = this.#parts;
    const found = await store.loadEffect(effect);
    if (found === undefined || found.run !== id)
      throw runErrors.error('unknown', `there is no effect ${effect}`);
    const undoing = found.undo !== undefined;
    if ((undoing ? found.undo?.state : found.state) !== 'inDoubt') {
      throw this.#refused(await this.run(id), `the effect ${effect} is not in doubt`);
    }
    this.#insistOnSeq(await this.run(id), who);
    if (!truth.happened) {
      return this.#change(id, who, async (run) => {
        const effectNow = (await store.loadEffect(effect)) ?? found;
        // What was found out about one call says nothing about a later one.
        if (effectNow.token !== found.token)
          throw this.#refused(run, `the effect ${effect} is not in doubt any more`);
        const concerned = run.incident?.effect === effect ? this.#withoutIncident(run) : run;
        const noted = this.#noted(concerned, who, { effect, happened: false });
        // What the run has gone on without, or has ended without, is not made after all.
        const settlement = isAwaited(run, effectNow) ? this.#tryAgain(effectNow) : toDropped(effectNow);
        return { ...noted, parts: { ...noted.parts, settlements: [settlement] } };
      });
    }
    const body = undoing
      ? ({ kind: 'undone', effect, ok: true } as const)
      : ({ kind: 'outcome', effect, output: truth.output } as const);
    const item: InboxItem = {
      id: `${effect}:resolved:${found.token}`,
      run: id,
      body,
      by: who.by,
      at: driver.now,
      reason: who.reason,
    };
    const delivery = await driver.deliver(item);
    if (delivery.kind === 'refused') throw delivery.error;
    return this.run(id);
  }

  /** Wakes the runs that were held because of a record. */
  async release(subject: Subject): Promise<number> {
    const { store, driver } = this.#parts;
    const runs = await store.listRuns({ status: 'held', subject, limit: engineLimits.claimBatch });
    for (const { id } of runs) {
      await driver.change(id, async (run) =>
        this.#noted(
          run.status === 'held' ? { ...this.#awake(run), held: undefined } : run,
          { by: 'engine', reason: 'the hold has ended' },
          { released: true },
        ),
      );
      await driver.drainInbox(id);
    }
    return runs.length;
  }

  /** A record has changed, outside the engine or in another run. */
  async recordChanged(type: string, id: string): Promise<void> {
    const { store, driver } = this.#parts;
    for (const run of await store.runsWaitingOn(`${type}:${id}`, engineLimits.runsInFlightMax)) {
      await driver.deliver(driver.recordItem(run, type, id));
    }
    await this.#releaseIfFree({ type, id });
  }

  /** Wakes the held runs of a record once nothing holds it any more. */
  async #releaseIfFree(subject: Subject): Promise<void> {
    const { store, subjects } = this.#parts;
    const isHeld = (await store.listRuns({ status: 'held', subject, limit: 1 })).length > 0;
    if (!isHeld || (await subjects?.stateOf(subject))?.hold !== undefined) return;
    while ((await this.release(subject)) === engineLimits.claimBatch);
  }

  /** The engine's own part in a `record.changed` row. */
  async wakeWaiting({ type, id }: { readonly [name: string]: Json }): Promise<void> {
    if (typeof type === 'string' && typeof id === 'string') await this.recordChanged(type, id);
  }

  /** Does one thing to many runs, one after the other; a run that refuses doesn't stop the others. */
  async *bulk(
    runs: readonly string[],
    operate: (run: string) => Promise<unknown>,
  ): AsyncGenerator<BulkProgress> {
    let done = 0;
    for (const run of runs) {
      let error: BulkProgress['error'];
      try {
        await operate(run);
      } catch (thrown) {
        const { code = 'unknown', message = String(thrown) } = thrown as { code?: string; message?: string };
        error = { code, detail: message };
      }
      done += 1;
      yield { run, done, of: runs.length, ...(error === undefined ? {} : { error }) };
    }
  }

  #admit(): void {
    const { worker, driver } = this.#parts;
    if (!worker.running) throw runErrors.error('stopping', 'the engine is not running');
    const inFlight = Math.max(driver.inFlight, this.#starting);
    if (inFlight >= engineLimits.runsInFlightMax) {
      throw runErrors.error('overloaded', `${inFlight} runs are in flight`);
    }
  }

  async #afterIncident(
    id: string,
    who: Attribution,
    what: string,
    decide: (run: RunState) => Promise<{
      readonly run: RunState;
      readonly settlements: readonly EffectState[];
      /** Given instead of what stopped. */
      readonly item?: Pick<InboxItem, 'body'>;
      /** The effect is made again; its outcome goes on. */
      readonly waits?: boolean;
    }>,
  ): Promise<RunState> {
    const { driver, ids } = this.#parts;
    let item: InboxItem | undefined;
    const changed = await this.#change(id, who, async (run) => {
      const { incident } = run;
      if (run.status !== 'incident' || incident === undefined) throw this.#refused(run, 'it has no incident');
      if (incident.kind === 'inDoubt') throw this.#refused(run, 'say first whether the effect happened');
      const decided = await decide(run);
      const given =
        decided.item === undefined
          ? incident.item
          : { id: ids.next(), run: id, by: who.by, at: driver.now, reason: who.reason, ...decided.item };
      item = decided.waits === true ? undefined : given;
      // Should we be stopped before the item is delivered, a retry that is due at once delivers it.
      const retries =
        item === undefined
          ? decided.run.retries
          : [...decided.run.retries, { place: incident.place, at: driver.now, attempt: 1, item }];
      const noted = this.#noted(this.#withoutIncident({ ...decided.run, retries }), who, {
        [what]: incident.kind,
        ...incident.place,
      });
      return { ...noted, parts: { ...noted.parts, settlements: decided.settlements } };
    });
    const retry = changed.retries.find((pending) => pending.item.id === item?.id);
    if (retry !== undefined) await driver.deliver(retry.item, { retry });
    return this.run(id);
  }

  async #effectOf({ incident }: RunState): Promise<EffectState | undefined> {
    return incident?.effect === undefined ? undefined : this.#parts.store.loadEffect(incident.effect);
  }

  /** The effect as one to be made now, under the same key. */
  #tryAgain(effect: EffectState): EffectState {
    const { driver, clock } = this.#parts;
    const claim = { claimAt: toIso(clock.now() + engineLimits.leaseMs), owner: driver.owner, lost: 0 };
    const { error: _error, ...rest } = effect;
    if (effect.undo !== undefined) {
      const undo = { ...effect.undo, state: 'intended', attempt: 1 } as const;
      return { ...rest, ...claim, undo, token: effect.token + 1 };
    }
    return {
      ...rest,
      ...claim,
      state: 'intended',
      attempt: 1,
      firstAttemptAt: driver.now,
      token: effect.token + 1,
    };
  }

  #withoutIncident(run: RunState) {
    return { ...this.#awake(run), incident: undefined };
  }

  /** The run as it goes on by itself. */
  #awake(run: RunState) {
    const { status, dueAt } = derive(run.root, run.retries);
    return { ...run, status: run.compensation === undefined ? status : ('compensating' as const), dueAt };
  }

  #change(id: string, who: Attribution, decide: Parameters<Driver['change']>[1]): Promise<RunState> {
    return this.#parts.driver.change(id, (run) => {
      this.#insistOnSeq(run, who);
      return decide(run);
    });
  }

  #insistOnSeq(run: RunState, { seq }: Attribution): void {
    if (seq !== undefined && seq !== run.seq)
      throw this.#refused(run, `it is at ${run.seq} now, not at ${seq}`);
  }

  #noted(changed: Changed, who: Attribution, note: { readonly [name: string]: Json }) {
    return {
      changed,
      parts: {
        now: this.#parts.driver.now,
        by: who.by,
        entries: [{ ...note, by: who.by, reason: who.reason }],
      },
    };
  }

  #refused(run: RunState, detail: string) {
    return runErrors.error('operation-refused', `the run ${run.id} is ${run.status}: ${detail}`, {
      data: { status: run.status },
    });
  }
}

const toStartItem = (run: RunState): InboxItem => ({
  id: `${run.id}:start`,
  run: run.id,
  body: { kind: 'start' },
  by: run.user.id,
  at: run.startedAt,
});

function refuseOtherFigures({ hash, figures }: Preview, seen: string) {
  if (hash === seen) return undefined;
  return runErrors.error('preview-outdated', 'the figures are not those of the preview any more', {
    data: { figures, hash },
  });
}

/** A run that could be started, as it would begin. */
interface Prepared {
  readonly run: RunState;
  readonly compiled: CompiledFlow;
  /** The flows that it calls, directly or not. */
  readonly called: readonly CompiledFlow[];
}

const toHash = (value: unknown): string => createHash('sha256').update(toSortedJson(value)).digest('hex');

/** What a start asks for: two starts with one key must ask for the same. */
const toStartHash = ({ flow, input = {}, subject }: StartRequest): string =>
  toHash({ flow, input, subject: subject === undefined ? null : { type: subject.type, id: subject.id } });

/** The id of the run follows from the key: the run itself is the record of its start. */
const keyedId = ({ key, user }: StartRequest): string | undefined =>
  key === undefined ? undefined : `key-${toHash([user.id, key]).slice(0, 32)}`;

const underWay: ReadonlySet<string> = new Set(['active', 'compensating']);

/** An effect that did not happen, and that nobody waits for. */
function toDropped({ claimAt: _claimAt, owner: _owner, ...effect }: EffectState): EffectState {
  const error = { code: 'action.outcome-unknown', detail: 'it did not happen' };
  return { ...effect, state: 'failed', late: true, error, token: effect.token + 1 };
}

/** The element of the main path that control stands at. */
function positionOf(run: RunState, frame: string): string | undefined {
  const value = frameOf(run.root, frame)?.value;
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null ? Object.keys(value)[0] : undefined;
}
