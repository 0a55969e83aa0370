// Starting runs: once for each key, one after the other on one record, and what a start would come to.
import type { FlowVersions } from '../../definition/versions.js';
import type { Clock } from '../../ports/clock.js';
import type { EngineStore } from '../../ports/engine-store.js';
import type { Ids } from '../../ports/ids.js';
import type { RecordsPort } from '../../ports/records.js';
import type { Subject } from '../../ports/subjects.js';
import { type Applicability, requireApplicable } from './applicability.js';
import type { Driver } from '../drive.js';
import { keyedId, prepareStart, type StartRequest, toStartHash, toStartItem } from './prepare-start.js';
import { type Preview, toPreview } from './preview.js';
import { runErrors } from '../run-errors.js';
import { labelOf } from './run-label.js';
import type { RunGate } from './run-gate.js';
import type { InboxItem, RunState, RunUser } from '../run-state.js';
import type { SegmentWorld } from '../segment/segment-task.js';
import { applicabilityOf } from './start-conditions.js';
import { systemReason } from '../system-mode.js';
import { Turns } from '../turns.js';

export interface StartsParts {
  readonly store: EngineStore;
  readonly world: SegmentWorld;
  readonly driver: Driver;
  readonly versions: FlowVersions;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly gate: RunGate;
}

/** A run that was started, by this start or by an earlier one with the same key. */
export interface Started {
  readonly run: RunState;
  readonly replayed: boolean;
}

export interface Starts {
  /**
   * Starts the active version of a flow and runs its first segment.
   *
   * @throws {RecourseError} `run.flow-unknown`, `run.not-applicable`, `run.forbidden`, `run.input-invalid`,
   * `run.overloaded`, `run.exists`, `run.idempotency-mismatch`, `version.unconfirmed`
   */
  start(request: StartRequest): Promise<RunState>;
  /** As `start`, and says whether an earlier start with the same key is answered. */
  startOnce(request: StartRequest): Promise<Started>;
  /**
   * What a start would come to. Queries are asked, records are changed in memory only, and whatever acts outside is named
   * and not done: nothing is written.
   *
   * @throws {RecourseError} what the start would be refused with; `run.preview-failed`
   */
  preview(request: StartRequest): Promise<Preview>;
  /** Whether a flow applies to a record and a user may start it; starts nothing. @throws {RecourseError} `run.flow-unknown` */
  applicability(flow: string, record: Subject | undefined, user: RunUser): Promise<Applicability>;
  /** The same of several flows, in their order: the record is read once. @throws {RecourseError} `run.flow-unknown` */
  applicabilities(
    flows: readonly string[],
    record: Subject | undefined,
    user: RunUser,
  ): Promise<Applicability[]>;
}

export function createStarts(parts: StartsParts): Starts {
  const { store, driver, gate } = parts;
  /** Starts side by side on one record would conflict: all but one of them would be run again. */
  const turns = new Turns();
  const inTurn = <T>(subject: Subject | undefined, work: () => Promise<T>): Promise<T> =>
    subject === undefined ? work() : turns.take(`${subject.type}:${subject.id}`, work);

  /** The run of an earlier start with the same idempotency key. */
  const startedBefore = async (request: StartRequest): Promise<RunState | undefined> => {
    const id = keyedId(request);
    if (id === undefined) return undefined;
    const run = await store.loadRun(id);
    if (run === undefined || run.startHash === toStartHash(request)) return run;
    throw runErrors.error(
      'idempotency-mismatch',
      `the key ${request.key} was used for another start of ${run.flow.name}`,
    );
  };

  const startNew = async (request: StartRequest): Promise<Started> => {
    const prepared = await prepareStart(parts, request);
    const { compiled, inSystemMode } = prepared;
    const shared = readingOnce(parts);
    requireApplicable(prepared.run.flow.name, await applicabilityOf(shared, prepared));
    const label = await labelOf(shared.world, prepared);
    const run: RunState = { ...prepared.run, ...(label === undefined ? {} : { label }) };
    const { id } = run;
    const reason = systemReason(inSystemMode);
    const item: InboxItem = { ...toStartItem(run), ...(reason === undefined ? {} : { reason }) };
    const { previewHash, refusesFaults = false, postpones = false } = request;
    const delivery = await inTurn(request.subject, () =>
      driver.deliver(item, {
        starts: run,
        isNew: request.key === undefined && request.id === undefined,
        refusesFaults,
        postpones,
        ...(previewHash === undefined
          ? {}
          : { accepts: (end) => refuseOtherFigures(toPreview(compiled, end), previewHash) }),
      }),
    );
    if (delivery.kind === 'taken' || delivery.kind === 'kept') return { run: delivery.run, replayed: false };
    const same = delivery.kind === 'duplicate' ? await startedBefore(request) : undefined;
    if (same !== undefined) return { run: same, replayed: true };
    if (delivery.kind === 'duplicate') throw runErrors.error('exists', `there is a run ${id} already`);
    throw delivery.kind === 'refused'
      ? delivery.error
      : runErrors.error('unknown', `the run ${id} was not begun`);
  };

  const startOnce = (request: StartRequest): Promise<Started> =>
    gate.admitStart(async () => {
      const before = await startedBefore(request);
      return before === undefined ? await startNew(request) : { run: before, replayed: true };
    });

  const applicabilities: Starts['applicabilities'] = (flows, record, user) => {
    const shared = readingOnce(parts);
    return Promise.all(
      flows.map(async (flow) => {
        const request = { flow, user, ...(record === undefined ? {} : { subject: record }) };
        return applicabilityOf(shared, await prepareStart(parts, request, { unchecked: true }));
      }),
    );
  };

  return {
    startOnce,

    start: async (request) => (await startOnce(request)).run,

    async preview(request) {
      gate.admit();
      const prepared = await prepareStart(parts, request);
      const { run, compiled } = prepared;
      requireApplicable(run.flow.name, await applicabilityOf(parts, prepared));
      return toPreview(compiled, await driver.preview(toStartItem(run), run));
    },

    async applicability(flow, record, user) {
      const [applicability] = await applicabilities([flow], record, user);
      return applicability!;
    },

    applicabilities,
  };
}

const readingOnce = ({ versions, world }: StartsParts) => ({
  versions,
  world: { ...world, records: readOnce(world.records) },
});

/** Records as they are now: each is read once. */
function readOnce(records: RecordsPort): RecordsPort {
  const known = new Map<string, ReturnType<RecordsPort['read']>>();
  return {
    types: records.types,
    find: (query) => records.find(query),
    read(type, id) {
      const key = `${type}:${id}`;
      const record = known.get(key) ?? records.read(type, id);
      known.set(key, record);
      return record;
    },
  };
}

function refuseOtherFigures({ hash, figures }: Preview, seen: string) {
  if (hash === seen) return undefined;
  return runErrors.error('preview-outdated', 'the figures are not those of the preview any more', {
    data: { figures, hash },
  });
}
