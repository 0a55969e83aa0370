// Runs the active before-save flows when a segment saves a record: at once, within the segment, one after the other. Each
// may set fields of the record or refuse the save; a conflict runs them again with the segment.
import type { Json } from '../definition/flow.js';
import { type FlowVersions, versionErrors } from '../definition/versions.js';
import { RecourseError } from '../errors/recourse-error.js';
import { isTruthy } from '../expressions/compare.js';
import { engineLimits } from '../limits.js';
import type { RecordValue } from '../ports/records.js';
import { atOnce } from './at-once.js';
import type { ActiveTriggers, BeforeSaveFlow, TriggeredFlow } from './active-triggers.js';
import { FrameContext } from './frame-context.js';
import { newFrame, placeKey } from './frames.js';
import type { BeforeSaveEntry } from './journal-entry.js';
import { runErrors } from './run-errors.js';
import type { FlowRef, RunState } from './run-state.js';
import type { SavingSite } from './saving-site.js';
import { runSegment } from './segment/segment.js';
import type { SegmentEnd, SegmentWorld } from './segment/segment-task.js';
import type { BeforeSaveHook, RunBefore, Save } from './segment/segment-records.js';
import {
  flowsInSystemMode,
  flowsPinned,
  systemReason,
  unconfirmedReason,
  type UsedFlow,
} from './system-mode.js';
import { isMeant, type TriggerGlobals } from './trigger-condition.js';
import { userGlobals } from './user-globals.js';

export interface BeforeSaveParts {
  readonly active: ActiveTriggers;
  readonly versions: FlowVersions;
  /** Without a hook of its own: what runs before a save writes nothing. */
  readonly world: Omit<SegmentWorld, 'beforeSave'>;
}

export class BeforeSave {
  readonly #parts: BeforeSaveParts;

  constructor(parts: BeforeSaveParts) {
    this.#parts = parts;
  }

  /** What runs before saves of a record type in one visit of an element. */
  of(type: string, site: () => SavingSite): ReturnType<BeforeSaveHook> {
    return atOnce(this.#parts.active.beforeSave(type), (flows) => this.#toRun(flows, site));
  }

  #toRun(flows: readonly BeforeSaveFlow[], site: () => SavingSite): RunBefore | undefined {
    if (flows.length === 0) return undefined;
    return async (save) => {
      const here = site();
      here.saves += 1;
      let { value } = save;
      for (const flow of flows) {
        if (flow.trigger.on.includes(save.change)) {
          value = await attributed(flow, () => this.#runOne(flow, { ...save, value }, here));
        }
      }
      return value;
    };
  }

  /** The value that is saved, after one flow; what it throws refuses the save. */
  async #runOne(flow: BeforeSaveFlow, save: Save, site: SavingSite): Promise<RecordValue | undefined> {
    // What it would say of the record nobody knows, so the record is not saved.
    if ('broken' in flow) throw flow.broken;
    const { ref, compiled } = flow;
    const { place, journal } = site;
    const frame = newFrame(
      `${place.frame}/${place.element}.${place.visit}~${ref.name}.${site.saves}`,
      ref,
      compiled,
      {},
    );
    if (!this.#applies(flow, frame, save, site)) return save.value;
    if (site.depth >= engineLimits.frameDepthMax) {
      throw runErrors.error('limit-depth', `flows are nested more than ${engineLimits.frameDepthMax} deep`);
    }
    const { versions, world } = this.#parts;
    const pinned = compiled.calls.size === 0 ? {} : await versions.pin(ref);
    const reason = await this.#systemReason({ ref, compiled }, pinned);
    const entry: BeforeSaveEntry = {
      beforeSave: ref,
      frame: frame.id,
      by: placeKey(place),
      record: { type: save.type, id: save.id },
      change: save.change,
      ...(reason === undefined ? {} : { reason }),
      outcome: 'refuses',
    };
    journal.push(entry as unknown as Json);
    const { id, user, startedAt, depth } = site.run;
    const run: RunState = {
      id,
      flow: ref,
      pinned,
      seq: site.run.seq,
      status: 'active',
      user,
      actor: site.actor,
      startedAt,
      depth,
      root: frame,
      recordPrior: save.prior ?? null,
      waitsOn: [],
      overrides: {},
      retries: [],
      claims: 0,
    };
    const draft = { value: save.value };
    const end = await runSegment(world, {
      run,
      item: { id: `${id}:before-save`, run: id, body: { kind: 'start' }, by: site.actor.id, at: site.now },
      owner: '',
      leaseUntil: site.now,
      within: { ...site, records: site.records.forReading(), draft },
    });
    journal.push(...entriesOf(end));
    requireEnd(end, ref.name);
    entry.outcome = toOutcome(save.value, draft.value);
    return draft.value;
  }

  #applies(
    flow: TriggeredFlow,
    frame: RunState['root'],
    save: Save,
    { run, actor, now }: SavingSite,
  ): boolean {
    const globals: TriggerGlobals = {
      now,
      ...userGlobals(actor),
      run,
      calendars: this.#parts.world.calendars,
    };
    const value = save.value ?? null;
    const prior = save.prior ?? null;
    if (!isMeant(flow, { value, prior }, globals)) return false;
    const all = { ...globals, record: () => value, recordPrior: prior };
    const context = new FrameContext(frame, flow.compiled, all);
    return flow.compiled.conditions.every(({ expression }) => isTruthy(context.evaluate(expression)));
  }

  /** Why it acts with all rights, if it does. @throws {RecourseError} `version.unconfirmed` */
  async #systemReason(
    main: UsedFlow,
    pinned: Readonly<Record<string, FlowRef>>,
  ): Promise<string | undefined> {
    if (!main.compiled.systemMode) return undefined;
    const { versions } = this.#parts;
    const flows = flowsInSystemMode(main, await flowsPinned(versions, pinned));
    const unconfirmed = await unconfirmedReason(versions, flows);
    if (unconfirmed !== undefined) throw versionErrors.error('unconfirmed', unconfirmed);
    return systemReason(flows);
  }
}

/** What the flow has passed, also of one that did not end. */
const entriesOf = (end: SegmentEnd): readonly Json[] =>
  end.kind === 'incident' ? end.incident.trace : 'journal' in end ? end.journal : [];

/** @throws {RecourseError} unless the flow has come to its end */
function requireEnd(end: SegmentEnd, flow: string): void {
  switch (end.kind) {
    case 'moved':
      if (end.ended === undefined) throw unfit(`${flow} would have to wait`);
      return;
    case 'incident': {
      const { error, kind } = end.incident;
      throw located(
        end.thrown ?? runErrors.error(kind === 'limit' ? 'limit-elements' : 'element-failed', error.detail),
        error.element,
      );
    }
    case 'retry':
      throw unfit(`${flow} would have to wait before it tries again`);
    case 'refused':
      throw end.error;
    case 'stale':
      throw unfit(`${flow} did not begin`);
  }
}

const unfit = (detail: string): RecourseError => runErrors.error('before-save', detail);

const located = (error: RecourseError, element: string): RecourseError =>
  withData(error, { beforeSave: { element } });

/** Says in the error which flow it comes from. */
async function attributed<T>({ ref }: BeforeSaveFlow, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RecourseError)) throw error;
    const known = error.data['beforeSave'] as object | undefined;
    throw withData(error, { beforeSave: { flow: ref.name, version: ref.version, ...known } });
  }
}

const withData = (error: RecourseError, data: Readonly<Record<string, unknown>>): RecourseError =>
  new RecourseError(error.code, error.entry, error.message, {
    problems: error.problems,
    data: { ...error.data, ...data },
    cause: error,
  });

/** The fields that a flow has set. */
function toOutcome(before: RecordValue | undefined, after: RecordValue | undefined): string {
  const names = Object.keys(after ?? {}).filter(
    (name) => JSON.stringify(after?.[name]) !== JSON.stringify(before?.[name]),
  );
  return names.length === 0 ? 'sets nothing' : `sets ${names.join(', ')}`;
}
