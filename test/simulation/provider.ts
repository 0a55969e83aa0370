// The other side of the simulated external actions: what really happened, and how badly it answers.
import { type Action, type ActionCall, actionErrors, type Json, runErrors } from '../../engine/index.js';
import type { MemoryEngineStore } from './memory-engine-store.js';
import type { Life, World } from './world.js';

/** Calls of one key that may go wrong. */
const misfortunesMax = 3;

/** External actions whose effects can be undone, and those whose can't. */
export const undoableActions: readonly string[] = ['charge', 'book', 'post'];
export const finalActions: readonly string[] = ['mail', 'file', 'ring'];
export const externalActions: readonly string[] = [...undoableActions, ...finalActions];

interface Answers {
  readonly times: number;
  readonly output: Json;
}

export class Provider {
  /** What happened, by action and key, with how often. */
  readonly happened = new Map<string, Answers>();
  readonly undone = new Map<string, Answers>();
  readonly #world: World;
  readonly #store: MemoryEngineStore;
  readonly #misfortunes = new Map<string, number>();
  readonly #flaky = new Map<string, number>();
  readonly #wrong: (what: string) => void;
  /** Share of the calls that go wrong. */
  trouble = 0;
  /** What the clients of the world see of the calls. */
  calls = 0;

  constructor(world: World, store: MemoryEngineStore, wrong: (what: string) => void) {
    this.#world = world;
    this.#store = store;
    this.#wrong = wrong;
  }

  actionsFor(life: Life): Action[] {
    return [
      this.#external(life, 'charge', 'keyed'),
      this.#external(life, 'book', 'ask'),
      this.#external(life, 'post', 'never'),
      this.#external(life, 'mail', 'keyed'),
      this.#external(life, 'file', 'ask'),
      this.#external(life, 'ring', 'never'),
      this.#within('quote', 'query', (call) => {
        this.#failFirst(call);
        return call.input;
      }),
      this.#within('fragile', 'pure', (call) => {
        this.#failFirst(call, true);
        return call.input;
      }),
      ...['broken', 'fail'].map((name) =>
        this.#within(name, 'pure', () => {
          throw actionErrors.error('failed', `${name} never works`);
        }),
      ),
    ];
  }

  #within(name: string, effect: 'pure' | 'query', perform: (call: ActionCall) => Json): Action {
    const base = { name, title: name, description: name, input: { type: 'object' }, output: {}, effect };
    return { ...base, perform: async (call) => perform(call) };
  }

  #external(life: Life, name: string, repeat: 'keyed' | 'ask' | 'never'): Action {
    return {
      name,
      title: name,
      description: name,
      input: { type: 'object' },
      output: {},
      effect: 'external',
      repeat,
      ...(repeat === 'keyed' ? { keyLifetimeMs: 86_400_000 } : {}),
      perform: (call) => {
        const id = call.key.split('#')[0]!;
        const inFlight = this.#store.runOf(call.run)?.inFlight ?? [];
        if (!this.#store.effects.has(id) && !inFlight.some((effect) => effect.id === id)) {
          this.#wrong(`${call.key} is performed before its intent is stored`);
        }
        if ((call.input as { refuse?: boolean }).refuse === true) {
          return this.#answer(life, `${name} refused`, () => {
            throw actionErrors.error('failed', 'refused');
          });
        }
        const known = this.happened.get(`${name}:${call.key}`);
        if (known === undefined && this.#isFlaky(call)) {
          return this.#answer(life, `${name} busy`, () => {
            throw runErrors.error('overloaded', 'busy');
          });
        }
        return this.#call(life, `${name} ${call.key}`, this.happened, `${name}:${call.key}`, repeat, {
          n: (call.input as { n: number }).n,
        });
      },
      ...(repeat === 'ask'
        ? {
            lookUp: (call: ActionCall) =>
              this.#answer(
                life,
                `lookUp ${call.key}`,
                () => this.happened.get(`${name}:${call.key}`)?.output,
              ),
          }
        : {}),
      undo: finalActions.includes(name)
        ? { none: 'nobody can take it back' }
        : (call) =>
            this.#call(life, `undo ${call.key}`, this.undone, `${name}:${call.key}`, repeat, {
              undone: true,
            }),
    };
  }

  #isFlaky({ key, input }: ActionCall): boolean {
    const call = key.split('#')[0]!;
    const before = this.#flaky.get(call) ?? 0;
    this.#flaky.set(call, before + 1);
    return before < ((input as { flaky?: number }).flaky ?? 0);
  }

  #failFirst(call: ActionCall, forOperators = false): void {
    if (!this.#isFlaky(call)) return;
    throw forOperators ? actionErrors.error('failed', 'fragile') : runErrors.error('overloaded', 'busy');
  }

  #record(book: Map<string, Answers>, key: string, output: Json): void {
    book.set(key, { times: (book.get(key)?.times ?? 0) + 1, output });
  }

  /** The request arrives at once, or never; the answer may be late, lost, or a failure that says nothing. */
  #call(
    life: Life,
    what: string,
    book: Map<string, Answers>,
    key: string,
    repeat: Action['repeat'],
    output: Json,
  ): Promise<Json> {
    this.calls += 1;
    const { random } = this.#world;
    const arrives = (): Json => {
      if (repeat !== 'keyed' || !book.has(key)) this.#record(book, key, output);
      return output;
    };
    const before = this.#misfortunes.get(key) ?? 0;
    if (before < misfortunesMax && random.chance(this.trouble)) {
      this.#misfortunes.set(key, before + 1);
      const happens = random.chance(0.5);
      if (happens) arrives();
      const lost = random.between(0, 2);
      this.#world.note(`${life.name} trouble ${lost} ${String(happens)} ${what}`);
      if (lost === 0) return new Promise(() => {});
      return this.#answer(
        life,
        `late ${what}`,
        () => {
          if (lost === 1 || !happens) throw new Error('502 bad gateway');
          return output;
        },
        lost === 1 ? 0 : random.between(21_000, 60_000),
      );
    }
    const answer = arrives();
    return this.#answer(life, what, () => answer);
  }

  #answer<T>(life: Life, what: string, give: () => T, delayMs?: number): Promise<T> {
    const { random } = this.#world;
    const wait = delayMs ?? (random.chance(0.6) ? 0 : random.between(1, 8_000));
    return new Promise((resolve, reject) => {
      const deliver = (): void =>
        this.#world.turn(life, `answered: ${what}`, () => {
          try {
            resolve(give());
          } catch (error) {
            reject(error as Error);
          }
        });
      if (wait === 0) deliver();
      else this.#world.after(wait, deliver, life);
    });
  }
}
