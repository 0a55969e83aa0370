// What comes for a run from outside: signals, and answers to screens, tasks and approvals.
import { createHash } from 'node:crypto';
import { toSortedJson } from '../../definition/canonical.js';
import type { Json } from '../../definition/flow.js';
import type { FlowVersions } from '../../definition/versions.js';
import { engineLimits } from '../../limits.js';
import type { EngineStore } from '../../ports/engine-store.js';
import type { Ids } from '../../ports/ids.js';
import type { Delivery } from '../decision/delivery.js';
import type { Driver } from '../drive.js';
import { waitsOf } from '../frames.js';
import { bufferedSignals, signalOf } from '../declared-signals.js';
import { takes } from '../decision/item-rules.js';
import { runErrors, toErrorProblems } from '../run-errors.js';
import type { RunGate } from './run-gate.js';
import {
  endedStatuses,
  type InboxItem,
  type ItemBody,
  type Place,
  type RunState,
  type RunUser,
  stoppedStatuses,
} from '../run-state.js';
import type { Runs } from './runs.js';

export interface MessagesParts {
  readonly store: EngineStore;
  readonly driver: Driver;
  readonly versions: FlowVersions;
  readonly ids: Ids;
  readonly gate: RunGate;
  readonly runs: Runs;
}

/** Who answers. */
export interface Answerer {
  /** Makes it the same answer when it is sent again; another answer with it is refused. */
  readonly id?: string;
  readonly by: string;
  /** The run acts for this user from then on; checked against the groups and queues of tasks. */
  readonly user?: RunUser;
  /** A fault in what follows that is the answerer's mistake refuses the answer. */
  readonly refusesFaults?: boolean;
}

export interface Messages {
  /**
   * Sends a signal to a run. An id makes it the same signal when it is sent again.
   *
   * @throws {RecourseError} `run.unknown`, `run.ended`, `run.event-not-accepted`, `run.input-invalid`,
   * `run.signals-full`, `run.idempotency-mismatch`
   */
  signal(
    run: string,
    signal: string,
    payload: Json,
    sender: { readonly id?: string; readonly by: string },
  ): Promise<Received>;
  /**
   * Answers a screen, a task or an approval.
   *
   * @throws {RecourseError} `run.event-not-accepted`, `run.answer-invalid`, `run.ended`, `run.unknown`,
   * `run.idempotency-mismatch`
   */
  answer(
    run: string,
    place: Place & { readonly name: string },
    payload: Json,
    answerer: Answerer,
  ): Promise<Received>;
}

type Received = 'taken' | 'kept' | 'duplicate';

export function createMessages({ store, driver, versions, ids, gate, runs }: MessagesParts): Messages {
  const toIdentity = (id: string | undefined, body: ItemBody): Pick<InboxItem, 'id' | 'hash'> =>
    id === undefined
      ? { id: ids.next() }
      : { id, hash: createHash('sha256').update(toSortedJson(body)).digest('hex') };

  /** Whether the sender sent it before, where what became of it leaves that open. @throws {RecourseError} `run.idempotency-mismatch` */
  const cameBefore = async ({ id, hash }: InboxItem, became: Delivery['kind'] | 'new'): Promise<boolean> => {
    if (hash === undefined || (became !== 'stale' && became !== 'duplicate')) return false;
    const known = await store.knownItem(id);
    // What an earlier version has stored has no hash.
    if (known?.hash !== undefined && known.hash !== hash)
      throw runErrors.error('idempotency-mismatch', 'the key was used before, for something else');
    return known !== undefined;
  };

  return {
    async signal(run, signal, payload, { id, by }) {
      gate.admit();
      // Which signals a run knows is settled when it starts.
      const state = driver.known(run) ?? (await runs.run(run));
      const declared = await signalOf(versions, state, signal);
      if (declared === undefined) throw notAccepted(state, signal, await bufferedSignals(versions, state));
      const problems = declared.check(payload);
      if (problems.length > 0) {
        throw runErrors.error('input-invalid', `the signal ${signal} is not valid`, {
          problems: toErrorProblems(problems, 'run.input-invalid'),
        });
      }
      const body = { kind: 'signal', signal, payload } as const;
      const item: InboxItem = { ...toIdentity(id, body), run, body, by, at: driver.now };
      if (stoppedStatuses.has(state.status)) await requireRoom(store, item);
      const delivery = await driver.deliver(item);
      // Not awaited: it may be a signal that was taken before.
      if (await cameBefore(item, delivery.kind)) return 'duplicate';
      if (delivery.kind !== 'stale') return toReceived(delivery);
      if (endedStatuses.has(delivery.run.status)) throw runErrors.error('ended', `the run ${run} has ended`);
      if (!declared.buffered)
        throw notAccepted(delivery.run, signal, await bufferedSignals(versions, delivery.run));
      await requireRoom(store, item);
      if (await cameBefore(item, await store.enqueue(item))) return 'duplicate';
      // A wait may have begun since we looked; then its own look at the inbox may have been too early for this signal.
      const after = await store.loadRun(run);
      if (after !== undefined && takes(after, item)) await driver.drainInbox(run);
      return 'kept';
    },

    async answer(run, place, payload, { id, by, user, refusesFaults = false }) {
      gate.admit();
      await runs.run(run);
      const { frame, element, visit, name } = place;
      const body = { kind: 'answer', frame, element, visit, name, payload } as const;
      const item: InboxItem = {
        ...toIdentity(id, body),
        run,
        body,
        by,
        at: driver.now,
        ...(user === undefined ? {} : { user }),
      };
      const delivery = await driver.deliver(item, { refusesFaults });
      if (await cameBefore(item, delivery.kind)) return 'duplicate';
      if (delivery.kind !== 'stale') return toReceived(delivery);
      if (endedStatuses.has(delivery.run.status)) throw runErrors.error('ended', `the run ${run} has ended`);
      throw notAccepted(delivery.run, placeOf(name, place), []);
    },
  };
}

/** What is kept is offered to each new wait. @throws {RecourseError} `run.signals-full` for one more than a run may keep */
async function requireRoom(store: EngineStore, { id, run }: InboxItem): Promise<void> {
  const kept = (await store.inboxOf(run)).filter(({ body }) => body.kind === 'signal');
  const max = engineLimits.signalsKeptMax;
  if (kept.length < max || kept.some((item) => item.id === id)) return;
  throw runErrors.error('signals-full', `the run ${run} keeps ${max} signals that it has not taken`);
}

function toReceived(delivery: Delivery): Received {
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

/** What is answered and where, as in "claim of decideRefund, visit 1". */
const placeOf = (name: string, { element, visit }: Place): string => `${name} of ${element}, visit ${visit}`;

function notAccepted(run: RunState, event: string, kept: readonly string[]) {
  const accepted = new Set(kept);
  const words = new Set(kept);
  let isAwaited = false;
  for (const { place, wait } of waitsOf(run.root)) {
    if (wait.kind !== 'signal' && wait.kind !== 'answer') continue;
    isAwaited ||= wait.kind === 'signal' && wait.signal === event;
    accepted.add(wait.kind === 'signal' ? wait.signal : wait.name);
    words.add(wait.kind === 'signal' ? wait.signal : placeOf(wait.name, place));
  }
  return runErrors.error(
    'event-not-accepted',
    isAwaited
      ? `the run waits for ${event} with other content`
      : `${event} is not accepted while the run is ${run.status}; accepted: ${[...words].join('; ') || 'nothing'}`,
    { data: { status: run.status, accepted: [...accepted] } },
  );
}
