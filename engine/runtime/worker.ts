// One worker: wakes for what is due (timers, retries, effects, messages), takes over what others left, and stops gracefully.
import { engineLimits } from '../limits.js';
import type { Clock } from '../ports/clock.js';
import type { EngineStore, Unit } from '../ports/engine-store.js';
import type { Driver } from './drive.js';
import type { EffectWorker } from './effects.js';
import { waitsOf } from './frames.js';
import { earliest, toIso, toMs } from './instants.js';
import type { OutboxDispatcher } from './outbox.js';
import type { Retention } from './retention.js';
import { type InboxItem, isLive, type RunState } from './run-state.js';
import { within } from './within.js';

export interface WorkerParts {
  readonly store: EngineStore;
  readonly clock: Clock;
  readonly driver: Driver;
  readonly effects: EffectWorker;
  readonly outbox: OutboxDispatcher;
  readonly pollMs: number;
  /** Leases found at the start are of workers that are gone. */
  readonly alone: boolean;
  /** Starts what is scheduled; answers when it wants to be asked again. */
  readonly runSchedules: () => Promise<string | undefined>;
  readonly retention: Retention;
}

/** So many lives of workers have ended with what is taken; from then on it is taken alone. */
const suspectFrom = 2;

/** Tells what a run has become. */
export type RunWatcher = (run: RunState) => void;

export class Worker {
  readonly #parts: WorkerParts;
  readonly #watchers = new Map<string, Set<RunWatcher>>();
  #cancelAlarm: (() => void) | undefined;
  #alarmAt = Number.POSITIVE_INFINITY;
  #sweptAt = 0;
  #polling = false;
  #suspecting = false;
  #hasLeasesOfOthers: boolean;
  #running = false;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#hasLeasesOfOthers = parts.alone;
    parts.driver.listener = this;
  }

  get running(): boolean {
    return this.#running;
  }

  start(): void {
    this.#running = true;
    this.#sweptAt = Number.NEGATIVE_INFINITY;
    this.#poll();
  }

  /** Takes nothing new, and waits until what is under way has ended, 10 s at most. */
  async stop(): Promise<void> {
    const { clock, driver, effects, outbox } = this.#parts;
    this.#running = false;
    this.#cancelAlarm?.();
    outbox.stop();
    await within(clock, engineLimits.drainMsMax, driver.idle());
    effects.stop();
  }

  /** Looks for what is due, soon. */
  wake(): void {
    if (this.#running) this.#wakeAt(this.#parts.clock.now());
  }

  /** The run as this worker committed it last: others may have changed it since. */
  known(id: string): RunState | undefined {
    return this.#parts.driver.known(id);
  }

  watch(id: string, watcher: RunWatcher): () => void {
    const watchers = this.#watchers.get(id) ?? new Set();
    watchers.add(watcher);
    this.#watchers.set(id, watchers);
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0) this.#watchers.delete(id);
    };
  }

  committed(unit: Unit): void {
    const { run } = unit;
    for (const watcher of [...(this.#watchers.get(run.id) ?? [])]) watcher(run);
    const { driver, effects, outbox } = this.#parts;
    for (const effect of [...unit.intents, ...unit.detached, ...unit.settlements]) {
      if (effect.owner === undefined || effect.claimAt === undefined) continue;
      driver.inBackground(this.#running ? effects.perform(effect) : effects.giveBack(effect), 'an effect');
    }
    if (!this.#running) return;
    if (unit.outbox.length > 0) outbox.kick();
    if (run.dueAt !== undefined) this.#wakeAt(toMs(run.dueAt));
    if (takesFromInbox(run)) driver.inBackground(driver.drainInbox(run.id), 'the inbox');
  }

  /** Looks for what is due now, and sees when to look again. */
  #poll(): void {
    if (!this.#running || this.#polling) return;
    this.#polling = true;
    this.#parts.driver.inBackground(
      this.#work().finally(() => {
        this.#polling = false;
        if (this.#running) this.#wakeAt(this.#parts.clock.now() + this.#parts.pollMs);
      }),
      'looking for what is due',
    );
  }

  async #work(): Promise<void> {
    const { store, clock, driver, effects, outbox } = this.#parts;
    const now = clock.now();
    if (this.#hasLeasesOfOthers) {
      const until = toIso(now + engineLimits.leaseMs);
      await effects.endLeases(until);
      await store.endLeases(toIso(now), until);
      this.#hasLeasesOfOthers = false;
    }
    outbox.kick();
    while (this.#running && (await effects.claim())) {
      // Until all are taken.
    }
    for (let full = true; full && this.#running; ) {
      const runs = await store.claimDue(
        toIso(now),
        toIso(now + engineLimits.leaseMs),
        engineLimits.claimBatch,
        { most: suspectFrom - 1 },
      );
      full = runs.length === engineLimits.claimBatch;
      for (const run of runs) driver.inBackground(this.#due(run), 'a timer');
    }
    this.#workOnSuspects();
    if (now - this.#sweptAt >= engineLimits.sweepMs) {
      this.#sweptAt = now;
      await this.#sweep();
    }
    await this.#parts.retention.run();
    // What is due by now has been taken above, or waits behind something that is due later.
    const next = earliest([await store.nextDue(toIso(now)), await this.#parts.runSchedules()]);
    if (next !== undefined) this.#wakeAt(toMs(next));
  }

  /** One at a time: the one that ends its worker again and again must not take the others with it. */
  #workOnSuspects(): void {
    if (this.#suspecting) return;
    this.#suspecting = true;
    const { driver } = this.#parts;
    const work = async (): Promise<void> => {
      while (this.#running && (await this.#workOnSuspect())) {
        // Until there is none.
      }
    };
    driver.inBackground(
      work().finally(() => {
        this.#suspecting = false;
      }),
      'what ended its worker before',
    );
  }

  async #workOnSuspect(): Promise<boolean> {
    const { store, clock, effects } = this.#parts;
    await effects.recovered();
    const now = clock.now();
    const until = toIso(now + engineLimits.leaseMs);
    const [run] = await store.claimDue(toIso(now), until, 1, { least: suspectFrom });
    if (run !== undefined) await this.#due(run);
    return run !== undefined;
  }

  async #due(run: RunState): Promise<void> {
    const { driver } = this.#parts;
    if (run.claims > engineLimits.recoveriesMax) {
      await driver.poison(run.id, `its timers were taken ${run.claims} times, and nothing came of it`);
      return;
    }
    const now = driver.now;
    const retries = run.retries.filter(({ at }) => at <= now);
    if (retries.length > 0) await driver.tryAgain(run.id, retries);
    const timers = waitsOf(run.root).flatMap(({ place, wait }) =>
      wait.kind === 'timer' && wait.at <= now ? [{ place, wait }] : [],
    );
    timers.sort((left, right) => (left.wait.at < right.wait.at ? -1 : left.wait.at > right.wait.at ? 1 : 0));
    for (const { place, wait } of timers) {
      const item: InboxItem = {
        id: `${run.id}:${place.frame}:${place.element}:${place.visit}:${wait.name}`,
        run: run.id,
        body: { kind: 'timer', ...place, name: wait.name },
        by: 'engine',
        at: wait.at,
      };
      await driver.deliver(item);
    }
  }

  /** Gives kept items another chance: the worker that should have done it may be gone. */
  async #sweep(): Promise<void> {
    const { store, driver } = this.#parts;
    let after: string | undefined;
    for (;;) {
      const items = await store.keptItems(after, engineLimits.claimBatch);
      for (const id of new Set(items.map(({ run }) => run))) await driver.drainInbox(id, { recovers: true });
      after = items.at(-1)?.id;
      if (items.length < engineLimits.claimBatch || !this.#running) return;
    }
  }

  #wakeAt(at: number): void {
    const { clock } = this.#parts;
    const now = clock.now();
    if (at >= this.#alarmAt && this.#alarmAt > now) return;
    // One that is overdue, by a clock that was late or has jumped, rings at once and is not put off.
    const next = Math.min(at, this.#alarmAt);
    this.#cancelAlarm?.();
    this.#alarmAt = next;
    this.#cancelAlarm = clock.alarm(Math.max(0, Math.min(next - now, this.#parts.pollMs)), () => {
      this.#alarmAt = Number.POSITIVE_INFINITY;
      this.#poll();
    });
  }
}

const inboxKinds: ReadonlySet<string> = new Set(['signal', 'event', 'answer']);

/** Whether a kept item may be waiting for what the run has come to. */
function takesFromInbox(run: RunState): boolean {
  if (!isLive(run)) return false;
  return waitsOf(run.root).some(({ wait }) => inboxKinds.has(wait.kind));
}
