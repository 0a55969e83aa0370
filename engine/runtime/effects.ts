// Performs external effects after their intent was committed, under a lease; and takes over those whose lease has ended.
import type { Action, ActionCall } from '../actions/action.js';
import type { ActionRegistry } from '../actions/registry.js';
import type { Json } from '../definition/flow.js';
import { RecourseError } from '../errors/recourse-error.js';
import { engineLimits } from '../limits.js';
import type { Clock } from '../ports/clock.js';
import type { EffectState, EngineStore } from '../ports/engine-store.js';
import type { Random } from '../ports/ids.js';
import { callInTime, toCall, type Unlimited } from './call-action.js';
import { leaseUntil, nobody } from './claim.js';
import type { Driver } from './drive.js';
import { EffectLeases } from './effect-leases.js';
import { activityAt } from './frames.js';
import { toIso, toMs } from './instants.js';
import { retries, retryDelayMs } from './retry.js';
import { actionErrors } from './run-errors.js';
import type { InboxItem, ItemBody } from './run-state.js';

export interface EffectParts {
  readonly store: EngineStore;
  readonly actions: ActionRegistry;
  readonly clock: Clock;
  readonly random: Random;
  readonly driver: Driver;
  readonly owner: string;
}

/** How an effect goes on. */
type End =
  | { readonly kind: 'output'; readonly output: Json }
  | { readonly kind: 'failed'; readonly error: RecourseError }
  | { readonly kind: 'lost'; readonly detail: string }
  | { readonly kind: 'inDoubt'; readonly detail: string }
  /** The lease ended before the call was begun: whoever has it now makes the call. */
  | { readonly kind: 'leftAlone' };

/** Tries to undo something, of elements that say nothing else. */
const undoPolicy = { attempts: 5, delayMs: 1_000 };

/** Waits between tries to learn what became of a call. */
const lostPolicy = { attempts: engineLimits.recoveriesMax, delayMs: 1_000 };

export class EffectWorker {
  readonly #parts: EffectParts;
  readonly #leases: EffectLeases;
  /** Effects this worker holds the lease of. */
  readonly #held = new Map<string, EffectState>();
  /** Undoings that were decided on together with the outcome that is still being delivered here. */
  readonly #following = new Map<string, EffectState>();
  readonly #recovering = new Set<Promise<void>>();
  #renewal: (() => void) | undefined;
  #stopped = false;

  constructor(parts: EffectParts) {
    this.#parts = parts;
    this.#leases = new EffectLeases(parts);
  }

  get inFlight(): number {
    return this.#held.size;
  }

  stop(): void {
    this.#stopped = true;
    this.#renewal?.();
  }

  /** Takes effects that are due; the answer says whether there may be more. */
  claim(): Promise<boolean> {
    return this.#leases.claim((effect) => {
      const performed = this.perform(effect);
      this.#parts.driver.inBackground(performed, 'an effect');
      if (effect.lost > 0) this.#recover(performed);
    });
  }

  /** Takes over at once what workers had that are known to be gone. */
  endLeases(until: string): Promise<void> {
    return this.#leases.end(until);
  }

  #recover(performed: Promise<void>): void {
    const ended = performed.then(
      () => undefined,
      () => undefined,
    );
    this.#recovering.add(ended);
    void ended.then(() => this.#recovering.delete(ended));
  }

  /** When the calls that had been lost before, and are being made again now, have ended. */
  async recovered(): Promise<void> {
    await Promise.allSettled([...this.#recovering]);
  }

  /** Makes one call, or asks what became of the last one, and delivers what came of it. */
  async perform(effect: EffectState): Promise<void> {
    const held = this.#held.get(effect.id);
    if (held !== undefined) {
      // Else a second claim of what is in flight here: the lease ended before the call did, which its time limit forbids.
      if (held.undo === undefined && effect.undo !== undefined) this.#following.set(effect.id, effect);
      return;
    }
    this.#held.set(effect.id, effect);
    this.#renewLater();
    try {
      const end = effect.undo === undefined ? await this.#perform(effect) : await this.#undo(effect);
      if (this.#stopped || end.kind === 'leftAlone') return;
      await this.#deliver(this.#held.get(effect.id) ?? effect, end);
    } finally {
      this.#held.delete(effect.id);
      const undoing = this.#following.get(effect.id);
      this.#following.delete(effect.id);
      if (undoing !== undefined && !this.#stopped)
        this.#parts.driver.inBackground(this.perform(undoing), 'an undoing');
    }
  }

  /** Leaves what has not been begun to any worker, at once: it is not lost. */
  async giveBack({ owner: _owner, ...effect }: EffectState): Promise<void> {
    const { attempt, token } = effect;
    const claimAt = toIso(this.#parts.clock.now());
    const given = { ...effect, attempt: attempt - 1, claimAt, token: token + 1 };
    await this.#leases.save(given, token, 'left to any worker');
  }

  async #perform(effect: EffectState): Promise<End> {
    const action = this.#parts.actions.get(effect.action);
    if (action === undefined) return { kind: 'inDoubt', detail: `there is no action ${effect.action} here` };
    if (effect.lost === 0) return this.#callAgain(effect, action);
    const isSpent = effect.lost > lostMax(effect);
    if (!isSpent && action.repeat === 'keyed' && this.#keyLives(effect, action)) {
      return this.#call(effect, action);
    }
    if (isSpent && action.lookUp === undefined) {
      return { kind: 'inDoubt', detail: `the call was lost ${effect.lost} times` };
    }
    if (action.lookUp === undefined) {
      return {
        kind: 'inDoubt',
        detail:
          action.repeat === 'keyed'
            ? 'the call was lost, and its idempotency key has expired'
            : 'the call was lost, and may not be repeated',
      };
    }
    try {
      const found = await callInTime(action, this.#parts.clock, (limit) =>
        action.lookUp!(toCall(this.#asked(effect), limit)),
      );
      if (found !== undefined) return { kind: 'output', output: found };
    } catch (error) {
      const detail = `asking what became of it failed: ${textOf(error)}`;
      return isSpent ? { kind: 'inDoubt', detail } : { kind: 'lost', detail };
    }
    if (isSpent) return { kind: 'inDoubt', detail: `the call was lost ${effect.lost} times` };
    return this.#callAgain(effect, action);
  }

  /** Makes a call that has not happened yet; not again for a run that has gone on without it. */
  async #callAgain(effect: EffectState, action: Action): Promise<End> {
    if (effect.attempt > 1) {
      const run = await this.#parts.store.loadRun(effect.run);
      if (run === undefined || activityAt(run.root, effect)?.effect !== effect.id) {
        const detail = 'the run has gone on without it, and it was not tried again';
        return { kind: 'failed', error: actionErrors.error('failed', detail) };
      }
    }
    return this.#call(effect, action);
  }

  async #call(effect: EffectState, action: Action): Promise<End> {
    if (!this.#leaseHolds(effect)) return { kind: 'leftAlone' };
    try {
      const output = await callInTime(action, this.#parts.clock, (limit) =>
        action.perform(toCall(this.#asked(effect), limit)),
      );
      return { kind: 'output', output };
    } catch (error) {
      return toEnd(error);
    }
  }

  /** A process that hung may be the only one that does not know that its lease has ended. */
  #leaseHolds(effect: EffectState): boolean {
    const { claimAt } = this.#held.get(effect.id) ?? effect;
    return claimAt !== undefined && this.#parts.clock.now() < toMs(claimAt);
  }

  async #undo(effect: EffectState): Promise<End> {
    if (!this.#leaseHolds(effect)) return { kind: 'leftAlone' };
    const action = this.#parts.actions.get(effect.action);
    const undo = action?.undo;
    if (action === undefined || typeof undo !== 'function') {
      return { kind: 'inDoubt', detail: `${effect.action} can't be undone here` };
    }
    const repeats =
      effect.lost === 0 || (action.repeat === 'keyed' && effect.lost <= engineLimits.recoveriesMax);
    if (!repeats) return { kind: 'inDoubt', detail: 'undoing was lost, and may not be repeated' };
    const { output = null } = effect;
    try {
      const undone = await callInTime(action, this.#parts.clock, (limit) =>
        undo(toCall({ ...this.#asked(effect), key: `${effect.id}:undo`, output }, limit)),
      );
      return { kind: 'output', output: undone };
    } catch (error) {
      return toEnd(error);
    }
  }

  #asked(effect: EffectState): Unlimited {
    return {
      input: effect.input,
      key: effect.id,
      attempt: effect.attempt,
      run: effect.run,
      now: toIso(this.#parts.clock.now()),
      user: effect.user as ActionCall['user'],
    };
  }

  #keyLives(effect: EffectState, action: Action): boolean {
    const first = toMs(effect.firstAttemptAt ?? effect.at);
    return this.#parts.clock.now() < first + (action.keyLifetimeMs ?? 0);
  }

  async #deliver(effect: EffectState, end: Exclude<End, { kind: 'leftAlone' }>): Promise<void> {
    const { action: name, undo } = effect;
    if (undo !== undefined) {
      if (end.kind === 'lost') return this.#later(effect, lostPolicy, effect.lost + 1, true);
      if (end.kind === 'inDoubt')
        return this.#send(effect, { kind: 'inDoubt', effect: effect.id, detail: end.detail });
      const policy = effect.retry ?? undoPolicy;
      if (end.kind === 'failed' && retries(policy, undo.attempt, end.error)) {
        const again = { ...effect, undo: { ...undo, attempt: undo.attempt + 1 } };
        return this.#later(again, policy, undo.attempt, false);
      }
      const ok = end.kind === 'output';
      const detail = ok ? {} : { detail: end.error.message };
      return this.#send(effect, { kind: 'undone', effect: effect.id, ok, ...detail });
    }
    switch (end.kind) {
      case 'output':
        return this.#send(effect, { kind: 'outcome', effect: effect.id, output: end.output });
      case 'inDoubt':
        return this.#send(effect, { kind: 'inDoubt', effect: effect.id, detail: end.detail });
      case 'lost': {
        const action = this.#parts.actions.get(name);
        if (action?.lookUp !== undefined || action?.repeat === 'keyed') {
          return this.#later(effect, effect.retry ?? lostPolicy, effect.lost + 1, true);
        }
        return this.#send(effect, { kind: 'inDoubt', effect: effect.id, detail: end.detail });
      }
      case 'failed': {
        const { error } = end;
        if (effect.retry !== undefined && retries(effect.retry, effect.attempt, error)) {
          return this.#later(effect, effect.retry, effect.attempt, false);
        }
        const { code, message: detail } = error;
        return this.#send(effect, { kind: 'failed', effect: effect.id, error: { code, detail } });
      }
    }
  }

  /** Puts the next try off. */
  async #later(
    effect: EffectState,
    policy: NonNullable<EffectState['retry']>,
    attempt: number,
    lost: boolean,
  ): Promise<void> {
    const { store, clock, random } = this.#parts;
    const { owner, ...rest } = effect;
    const delayMs = retryDelayMs(policy, attempt, random);
    const claimAt = toIso(clock.now() + delayMs);
    const kept = lost ? { owner: nobody } : {};
    for (let { token } = effect; ; ) {
      const later = { ...rest, ...kept, claimAt, token: token + 1 };
      if (await this.#leases.save(later, token, `tried again at ${claimAt}`)) break;
      // Our own renewal of the lease may have come in between; anybody else has taken the effect over.
      const stored = await store.loadEffect(effect.id);
      if (stored === undefined || stored.owner !== owner || stored.lost !== effect.lost) return;
      token = stored.token;
    }
    clock.alarm(delayMs, () => {
      if (!this.#stopped) this.#parts.driver.inBackground(this.claim(), 'effects that are due');
    });
  }

  async #send(effect: EffectState, body: ItemBody): Promise<void> {
    const item: InboxItem = {
      // What becomes of one call; after a doubt, or a retry, there may be another one.
      id: `${effect.id}:${body.kind}:${effect.token}`,
      run: effect.run,
      body,
      by: 'engine',
      at: toIso(this.#parts.clock.now()),
    };
    await this.#parts.driver.deliver(item, { effect });
  }

  #renewLater(): void {
    if (this.#renewal !== undefined || this.#stopped) return;
    this.#renewal = this.#parts.clock.alarm(engineLimits.leaseMs / 3, () => {
      this.#renewal = undefined;
      if (this.#held.size === 0 || this.#stopped) return;
      this.#parts.driver.inBackground(this.#renew(), 'the renewal of leases');
      this.#renewLater();
    });
  }

  async #renew(): Promise<void> {
    const claimAt = leaseUntil(this.#parts.clock);
    const renew = async (effect: EffectState): Promise<void> => {
      const renewed = { ...effect, claimAt, token: effect.token + 1 };
      const isOurs = await this.#leases.save(renewed, effect.token, 'still under way');
      if (isOurs && this.#held.has(effect.id)) this.#held.set(effect.id, renewed);
    };
    await Promise.all([...this.#held.values()].map(renew));
  }
}

/** How often a call may be lost until nobody tries again. */
const lostMax = ({ retry }: EffectState): number =>
  Math.max(engineLimits.recoveriesMax, retry?.attempts ?? 0);

/**
 * Errors of ours are answers: it did not happen. Anything else, and a call that took too long, leaves open whether it
 * happened.
 */
function toEnd(error: unknown): End {
  if (
    error instanceof RecourseError &&
    error.code !== 'action.outcome-unknown' &&
    error.code !== 'action.timed-out'
  ) {
    return { kind: 'failed', error };
  }
  return { kind: 'lost', detail: textOf(error) };
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
