// The signals that a run knows: those that its flow declares, and the flows that it calls.
import type { CompiledSignal } from '../compile/compile-flow.js';
import type { FlowVersions } from '../definition/versions.js';
import type { FlowRef, RunState } from './run-state.js';

const flowsOf = (run: RunState): FlowRef[] => [run.flow, ...Object.values(run.pinned)];

/** A signal as it is declared; undefined: the run knows none of that name. */
export async function signalOf(
  versions: FlowVersions,
  run: RunState,
  signal: string,
): Promise<CompiledSignal | undefined> {
  for (const ref of flowsOf(run)) {
    const declared = (await versions.compiled(ref)).signals.get(signal);
    if (declared !== undefined) return declared;
  }
  return undefined;
}

/** Names of the signals that are kept for a later wait. */
export async function bufferedSignals(versions: FlowVersions, run: RunState): Promise<string[]> {
  const names = new Set<string>();
  for (const ref of flowsOf(run)) {
    for (const [name, signal] of (await versions.compiled(ref)).signals) {
      if (signal.buffered) names.add(name);
    }
  }
  return [...names];
}
