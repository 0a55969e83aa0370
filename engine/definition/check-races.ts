// Calls in branches that may lose a race, of flows called there, too: what such a call does outside has to be undone, or it
// stays done for nothing.
import { reachedFrom } from '../compile/graph.js';
import type { CompileProblem } from '../elements/element.js';
import { foundInCalled } from './called-flows.js';
import type { FlowInterface } from './flow-interface.js';
import type { FlowSites } from './flow-sites.js';
import type { GraphNode } from './paths.js';
import { staysDone } from './stays-done.js';

export function checkRaces(
  flow: string,
  nodes: ReadonlyMap<string, GraphNode>,
  sites: FlowSites,
  flows: ReadonlyMap<string, FlowInterface> | undefined,
  report: (problem: CompileProblem) => void,
): void {
  const told = new Set<string>();
  for (const { name, branches } of nodes.values()) {
    for (const { name: branch, start, awaited } of branches) {
      if (awaited !== false) continue;
      for (const element of reachedFrom(start, name, nodes)) {
        const { actions, calls } = sites.notesOf(element);
        const what =
          staysDone(actions) ??
          // Of the flow itself its own elements tell.
          foundInCalled(calls, flows, new Set([flow]), (called, name) =>
            called.staysDone === undefined ? undefined : `${called.staysDone} of ${name}`,
          );
        if (what === undefined || told.has(element)) continue;
        told.add(element);
        report({
          code: 'flow.late-effect',
          pointer: `/elements/${element}`,
          detail: `${name} may go on before the branch ${branch} has ended, and ${what} can't be undone`,
          expected: 'an action that can be undone, or a branch that is waited for',
        });
      }
    }
  }
}
