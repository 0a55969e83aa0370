// Events that are told from outside: kept with the row that tells of them, so that each is told once, and it can be said later
// who listened.
import { createHash } from 'node:crypto';
import { toSortedJson } from '../../definition/canonical.js';
import type { Json } from '../../definition/flow.js';
import { engineLimits } from '../../limits.js';
import type { Clock } from '../../ports/clock.js';
import type { EngineStore, KeptEvent } from '../../ports/engine-store.js';
import type { Ids } from '../../ports/ids.js';
import type { ActiveTriggers } from '../active-triggers.js';
import { eventKey, isFor, waitsOf } from '../frames.js';
import { toIso } from '../instants.js';
import type { OutboxDispatcher } from '../outbox.js';
import { runErrors } from '../run-errors.js';
import { toTriggeredId } from '../triggers.js';

/** Something that happened outside. */
export interface PublishedEvent {
  readonly event: string;
  /** At most 256 KiB as JSON. */
  readonly payload: Json;
  /** A second event with it is the same one. */
  readonly id: string;
  /** Events with one key arrive in order, and a wait may be for one key. */
  readonly key?: string;
  /** Who tells of it; `engine` if left out. */
  readonly by?: string;
}

/** An event, and the runs that it starts of its flows, where their conditions hold. */
export interface ToldEvent {
  readonly kept: KeptEvent;
  readonly starts: readonly { readonly flow: string; readonly run: string; readonly began: boolean }[];
}

export interface Events {
  /**
   * Tells of an event from outside, which starts the flows that it triggers and is taken by the runs that wait for it.
   * Stored when this answers. A second one with the same id tells nothing more while the first is kept, 30 days.
   *
   * @throws {RecourseError} `run.idempotency-mismatch`, `run.event-too-large`, `run.contended`
   */
  publish(event: PublishedEvent): Promise<ToldEvent & { readonly replayed: boolean }>;
  /** An event that was told. @throws {RecourseError} `run.event-unknown` */
  event(id: string): Promise<ToldEvent>;
}

export interface EventsParts {
  readonly store: EngineStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly active: ActiveTriggers;
  readonly outbox: OutboxDispatcher;
}

const toRowId = (id: string): string => `event:${id}`;

export function createEvents({ store, clock, ids, active, outbox }: EventsParts): Events {
  const told = async (kept: KeptEvent): Promise<ToldEvent> => {
    const starts = kept.listeners.flows.map(async (flow) => {
      const run = toTriggeredId(flow, toRowId(kept.id));
      return { flow, run, began: (await store.loadRun(run)) !== undefined };
    });
    return { kept, starts: await Promise.all(starts) };
  };

  /** Whether a run waits for an event: an event `a` with the key `b:c` is looked for under the same name as `a:b` with `c`. */
  const isWaiting = async (id: string, { event, key = '' }: PublishedEvent): Promise<boolean> => {
    const run = await store.loadRun(id);
    return (
      run !== undefined &&
      waitsOf(run.root).some(({ wait }) => isFor(wait, { kind: 'event', event, key, payload: null }))
    );
  };

  const listenersOf = async (published: PublishedEvent): Promise<KeptEvent['listeners']> => {
    const { event, key } = published;
    const flows = (await active.flows()).filter(
      ({ trigger }) => trigger.type === 'event' && trigger.event === event,
    );
    const max = engineLimits.listenersCountedMax;
    const isOneName = ![event, key].some((name) => name?.includes(':'));
    const keys = [eventKey(event), eventKey(event, key ?? '')];
    const found = await Promise.all(keys.map((each) => store.runsWaitingOn(each, max)));
    const runs = [...new Set(found.flat())];
    const waits = await Promise.all(runs.map((run) => (isOneName ? true : isWaiting(run, published))));
    return { flows: flows.map(({ ref }) => ref.name), runs: Math.min(waits.filter(Boolean).length, max) };
  };

  const insistOnSame = (kept: KeptEvent, hash: string): void => {
    if (kept.hash === hash) return;
    throw runErrors.error('idempotency-mismatch', `the id was used for another event, ${kept.event}`);
  };

  return {
    async publish(published) {
      const { event, payload, id, key, by = 'engine' } = published;
      const bytes = Buffer.byteLength(JSON.stringify(payload));
      if (bytes > engineLimits.eventPayloadBytesMax) {
        const most = engineLimits.eventPayloadBytesMax;
        throw runErrors.error('event-too-large', `the payload has ${bytes} bytes, more than ${most}`);
      }
      const hash = createHash('sha256')
        .update(toSortedJson({ event, payload, key: key ?? null }))
        .digest('hex');
      const at = toIso(clock.now());
      const before = await store.loadEvent(id);
      if (before === undefined) {
        const listeners = await listenersOf(published);
        const kept: KeptEvent = { id, event, hash, by, at, listeners, ...(key === undefined ? {} : { key }) };
        const row = {
          id: toRowId(id),
          run: '',
          topic: 'event',
          // One without a key waits for no other.
          key: key ?? toRowId(id),
          payload: { event, key: key ?? '', payload },
          at,
          order: ids.next(),
          attempt: 0,
          claimAt: at,
        };
        if ((await store.putEvent(kept, row)) === 'new') {
          outbox.kick();
          return { ...(await told(kept)), replayed: false };
        }
      }
      const kept = before ?? (await store.loadEvent(id));
      if (kept === undefined) throw runErrors.error('contended', `the event ${id} is being told by another`);
      insistOnSame(kept, hash);
      return { ...(await told(kept)), replayed: true };
    },

    async event(id) {
      const kept = await store.loadEvent(id);
      if (kept === undefined) throw runErrors.error('event-unknown', `there is no event ${id}`);
      return told(kept);
    },
  };
}
