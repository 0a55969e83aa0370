// What is so of a flow that is called, or of one that it calls.
import type { FlowInterface } from './flow-interface.js';

/** What is found first of called flows, each looked at before those that it calls; `seen` are looked at no more. */
export function foundInCalled(
  calls: readonly string[],
  flows: ReadonlyMap<string, FlowInterface> | undefined,
  seen: Set<string>,
  find: (called: FlowInterface, name: string) => string | undefined,
): string | undefined {
  for (const name of calls) {
    const called = flows?.get(name);
    if (called === undefined || seen.has(name)) continue;
    seen.add(name);
    const inner = called.calls.map(({ flow }) => flow);
    const found = find(called, name) ?? foundInCalled(inner, flows, seen, find);
    if (found !== undefined) return found;
  }
  return undefined;
}
