// The control flow of a flow as an XState machine: a state an element, a parallel state with a region a branch. Only
// pure functions are used; there are no actors, no `invoke`, no `after` and no `always`.
import { type AnyMachineSnapshot, type AnyStateMachine, createMachine, transition } from 'xstate';
import type { Node, Region } from './graph.js';

/** Raised when compiled machines change shape; stored in every frame. */
export const compilerVersion = 1;

/** Value of a frame whose flow has ended. */
export const ended = '$end';
/** Value of a branch that has ended. */
export const branchEnded = '$done';

/** Where control is, as XState writes it and the store keeps it. */
export type StateValue = string | { [element: string]: { [branch: string]: StateValue } };

interface StateConfig {
  type?: 'parallel' | 'final';
  initial?: string;
  on?: Record<string, { target: string; reenter: true }>;
  states?: Record<string, StateConfig>;
}

/** Makes the machine of the regions; the first one is the main path. */
export function toMachine(
  name: string,
  nodes: ReadonlyMap<string, Node>,
  regions: readonly Region[],
): AnyStateMachine {
  const inner = new Map<string, Region>();
  for (const region of regions) {
    if (region.of !== undefined) inner.set(`${region.of.element}.${region.of.branch}`, region);
  }
  const toStates = (region: Region, end: string): Record<string, StateConfig> => {
    const states: Record<string, StateConfig> = {};
    for (const element of region.elements) {
      const node = nodes.get(element)!;
      const on: StateConfig['on'] = {};
      for (const { name: outlet, target } of node.outlets) {
        on[`${element}.${outlet}`] = {
          target: target !== undefined && nodes.has(target) ? target : end,
          reenter: true,
        };
      }
      const fault = node.definition.onFault?.next;
      if (fault !== undefined) on[`${element}.$fault`] = { target: fault, reenter: true };
      const state: StateConfig = { on };
      if (node.branches.length > 0) {
        state.type = 'parallel';
        state.states = {};
        for (const branch of node.branches) {
          const region = inner.get(`${element}.${branch.name}`)!;
          state.states[branch.name] = {
            initial: region.start ?? branchEnded,
            states: toStates(region, branchEnded),
          };
        }
      }
      states[element] = state;
    }
    states[end] = { type: 'final' };
    return states;
  };
  const main = regions[0]!;
  const config: StateConfig & { id: string } = {
    id: name,
    initial: main.start ?? ended,
    on: { [ended]: { target: `.${ended}`, reenter: true } },
    states: toStates(main, ended),
  };
  return createMachine(config as Parameters<typeof createMachine>[0]);
}

/** Snapshots of one machine that are remembered, at most. */
const rememberedMax = 2_000;

/** The pure functions of a machine without context: one value has one snapshot, and one event leads to one other. */
class Transitions {
  readonly #machine: AnyStateMachine;
  readonly #at = new Map<string, AnyMachineSnapshot>();
  readonly #after = new Map<string, AnyMachineSnapshot>();

  constructor(machine: AnyStateMachine) {
    this.#machine = machine;
  }

  at(value: StateValue): AnyMachineSnapshot {
    return remembered(this.#at, JSON.stringify(value), () =>
      this.#machine.resolveState({ value, context: {} }),
    );
  }

  after(snapshot: AnyMachineSnapshot, event: string): AnyMachineSnapshot {
    const key = `${event} ${JSON.stringify(snapshot.value)}`;
    return remembered(this.#after, key, () => transition(this.#machine, snapshot, { type: event })[0]);
  }
}

function remembered(
  known: Map<string, AnyMachineSnapshot>,
  key: string,
  make: () => AnyMachineSnapshot,
): AnyMachineSnapshot {
  let snapshot = known.get(key);
  if (snapshot === undefined) {
    snapshot = make();
    if (known.size >= rememberedMax) known.clear();
    known.set(key, snapshot);
  }
  return snapshot;
}

const transitionsOf = new WeakMap<AnyStateMachine, Transitions>();

/** Where control is in one frame; moves by one event at a time. */
export class Control {
  readonly #transitions: Transitions;
  #snapshot: AnyMachineSnapshot;

  /** `value` undefined: at the beginning. */
  constructor(machine: AnyStateMachine, value: StateValue | undefined) {
    let transitions = transitionsOf.get(machine);
    if (transitions === undefined) {
      transitions = new Transitions(machine);
      transitionsOf.set(machine, transitions);
    }
    this.#transitions = transitions;
    this.#snapshot = transitions.at(value ?? (machine.config.initial as string));
  }

  get value(): StateValue {
    return this.#snapshot.value as StateValue;
  }

  get hasEnded(): boolean {
    return this.value === ended;
  }

  send(event: string): void {
    this.#snapshot = this.#transitions.after(this.#snapshot, event);
  }

  /** Puts control elsewhere, at the beginning of whatever is there. */
  put(value: StateValue): void {
    this.#snapshot = this.#transitions.at(value);
  }
}
