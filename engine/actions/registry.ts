// The actions that flows may use: a closed list, given when the engine is made.
import type { Action } from './action.js';

export interface ActionRegistry {
  get(name: string): Action | undefined;
  names(): Iterable<string>;
  all(): readonly Action[];
}

/** @throws {TypeError} when two actions have one name, or an external one doesn't say how it is repeated */
export function createActionRegistry(actions: readonly Action[]): ActionRegistry {
  const known = new Map<string, Action>();
  for (const action of actions) {
    if (known.has(action.name)) throw new TypeError(`there are two actions ${action.name}`);
    if (action.effect === 'external') requireRepeat(action);
    known.set(action.name, action);
  }
  return {
    get: (name) => known.get(name),
    names: () => known.keys(),
    all: () => [...known.values()],
  };
}

function requireRepeat({ name, repeat, keyLifetimeMs, lookUp }: Action): void {
  if (repeat === undefined) throw new TypeError(`the external action ${name} doesn't say how it is repeated`);
  if (repeat === 'keyed' && !(keyLifetimeMs !== undefined && keyLifetimeMs > 0)) {
    throw new TypeError(`the keyed action ${name} doesn't say how long its key lives`);
  }
  if (repeat === 'ask' && lookUp === undefined) throw new TypeError(`the action ${name} can't be asked`);
}
