// Calls in branches that may lose a race: what such a call does outside has to be undone, or it stays done for nothing.
import type { CompileProblem } from '../elements/element.js';
import { elementsOf } from './check-calls.js';
import type { FlowSites } from './flow-sites.js';
import type { GraphNode } from './paths.js';

export function checkRaces(
  nodes: ReadonlyMap<string, GraphNode>,
  sites: FlowSites,
  report: (problem: CompileProblem) => void,
): void {
  const told = new Set<string>();
  for (const { name, branches } of nodes.values()) {
    for (const { name: branch, start, awaited } of branches) {
      if (awaited !== false) continue;
      for (const element of elementsOf(start, nodes, name)) {
        const action = sites
          .notesOf(element)
          .actions.find(({ effect, undo }) => effect === 'external' && typeof undo !== 'function');
        if (action === undefined || told.has(element)) continue;
        told.add(element);
        report({
          code: 'flow.late-effect',
          pointer: `/elements/${element}`,
          detail: `${name} may go on before the branch ${branch} has ended, and ${action.name} can't be undone`,
          expected: 'an action that can be undone, or a branch that is waited for',
        });
      }
    }
  }
}
