// The simulated world: time, and whose turn it is. Everything that an engine asks of the world is a task; chance decides
// which of the waiting tasks comes next, and time goes on only when none is left.
import type { Clock } from '../../engine/index.js';
import { type SeededRandom, TraceHash } from './seeded-random.js';

export const start = Date.UTC(2026, 0, 1, 12);

interface Task {
  readonly life: Life | undefined;
  readonly name: string;
  readonly run: () => void;
}

interface Planned {
  readonly at: number;
  readonly order: number;
  readonly life: Life | undefined;
  readonly run: () => void;
}

/** One process from its start to its end. */
export class Life {
  readonly name: string;
  dead = false;
  pausedUntil = 0;
  readonly #atDeath: (() => void)[] = [];

  constructor(name: string) {
    this.name = name;
  }

  onDeath(tell: () => void): void {
    if (this.dead) tell();
    else this.#atDeath.push(tell);
  }

  end(): void {
    if (this.dead) return;
    this.dead = true;
    for (const tell of this.#atDeath.splice(0)) tell();
  }
}

export class World {
  readonly random: SeededRandom;
  readonly #hash = new TraceHash();
  readonly #lines: string[] | undefined;
  #tasks: Task[] = [];
  #plan: Planned[] = [];
  #order = 0;
  #time = 0;
  /** How far the wall clock is from the true time. */
  #offset = 0;
  steps = 0;

  constructor(random: SeededRandom, keepsLines: boolean) {
    this.random = random;
    this.#lines = keepsLines ? [] : undefined;
  }

  /** True time in milliseconds from the beginning; nobody can set it. */
  get time(): number {
    return this.#time;
  }

  /** What the clocks of all processes show. */
  get wall(): number {
    return start + this.#time + this.#offset;
  }

  get traceHash(): string {
    return this.#hash.text;
  }

  get lines(): readonly string[] {
    return this.#lines ?? [];
  }

  note(text: string): void {
    this.#hash.add(text);
    this.#lines?.push(`${String(this.#time).padStart(8)} ${text}`);
  }

  /** Sets the wall clock; alarms don't notice. */
  jump(ms: number): void {
    this.#offset += ms;
    this.note(`the clock jumps by ${ms}`);
  }

  /** Does something later, unless the life that wants it has ended by then. */
  after(ms: number, run: () => void, life?: Life): () => void {
    this.#order += 1;
    const planned: Planned = { at: this.#time + Math.max(0, ms), order: this.#order, life, run };
    this.#plan.push(planned);
    return () => {
      const index = this.#plan.indexOf(planned);
      if (index >= 0) this.#plan.splice(index, 1);
    };
  }

  clockOf(life: Life): Clock {
    return {
      now: () => this.wall,
      alarm: (ms, wake) => (life.dead ? () => {} : this.after(ms, wake, life)),
    };
  }

  /** A task that is taken up when chance says so. */
  turn(life: Life | undefined, name: string, run: () => void): void {
    if (life?.dead !== true) this.#tasks.push({ life, name, run });
  }

  /** Works until `ended` says so, which is asked before time goes on. */
  async work(ended: () => boolean): Promise<void> {
    for (;;) {
      // Everything that follows from the last step, before the next one is chosen.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#step()) continue;
      if (ended()) return;
      if (!this.#goOn()) return;
    }
  }

  #step(): boolean {
    if (this.#tasks.some(({ life }) => life?.dead === true)) {
      this.#tasks = this.#tasks.filter(({ life }) => life?.dead !== true);
    }
    const runnable = this.#tasks.filter(({ life }) => !this.#pauses(life));
    if (runnable.length === 0) return false;
    const task = this.random.pick(runnable);
    this.#tasks.splice(this.#tasks.indexOf(task), 1);
    this.steps += 1;
    this.note(`${task.life?.name ?? ''} ${task.name}`);
    task.run();
    return true;
  }

  #pauses(life: Life | undefined): boolean {
    return life !== undefined && life.pausedUntil > this.#time;
  }

  #goOn(): boolean {
    let next: Planned | undefined;
    let at = Number.POSITIVE_INFINITY;
    for (const planned of this.#plan) {
      if (planned.life?.dead === true) continue;
      const when = Math.max(planned.at, planned.life?.pausedUntil ?? 0, this.#time);
      if (when < at || (when === at && planned.order < next!.order)) {
        next = planned;
        at = when;
      }
    }
    // A paused process may have tasks, too.
    for (const { life } of this.#tasks)
      if (life !== undefined && life.pausedUntil < at) at = life.pausedUntil;
    if (at === Number.POSITIVE_INFINITY) return false;
    this.#time = Math.max(this.#time, at);
    if (this.#plan.length > 200) this.#plan = this.#plan.filter(({ life }) => life?.dead !== true);
    if (next === undefined || Math.max(next.at, next.life?.pausedUntil ?? 0) > this.#time) return true;
    this.#plan.splice(this.#plan.indexOf(next), 1);
    next.run();
    return true;
  }
}
