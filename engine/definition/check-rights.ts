// Whether a flow that starts by itself needs rights that whom it acts for does not have.
import type { CompileProblem } from '../elements/element.js';
import type { FlowDefinition } from './flow.js';
import type { FlowSites } from './flow-sites.js';
import type { GraphNode, Past } from './paths.js';
import { isBeforeSave } from './record-target.js';

/** Reports what such a flow does under a permission that is not among those held, before anybody can have answered. */
export function checkRights(
  { start: { trigger }, mode }: FlowDefinition,
  nodes: ReadonlyMap<string, GraphNode>,
  pasts: ReadonlyMap<string, Past>,
  sites: FlowSites,
  held: ReadonlySet<string>,
  report: (problem: CompileProblem) => void,
): void {
  if (trigger.type === 'action' || isBeforeSave(trigger) || typeof mode === 'object') return;
  // A called flow may ask people, too.
  const asking = [...nodes.values()].filter(
    ({ name, type }) => type.asks === true || sites.notesOf(name).calls.length > 0,
  );
  for (const name of nodes.keys()) {
    const past = pasts.get(name);
    if (past === undefined || asking.some((one) => past.sometimes.has(one.name))) continue;
    for (const { what, permission, pointer } of sites.notesOf(name).needs) {
      if (held.has(permission)) continue;
      report({
        code: 'flow.right-missing',
        pointer,
        detail: `${what} needs the permission ${permission}, and the flow starts by itself, for nobody who has it`,
        expected: 'system mode, or a person who has answered before',
      });
    }
  }
}
