// What a flow that runs before a save may not be made of: nothing that waits, acts outside or writes.
import type { Action } from '../actions/action.js';
import type { CompileProblem } from '../elements/element.js';
import { foundInCalled } from './called-flows.js';
import type { FlowDefinition } from './flow.js';
import type { FlowInterface } from './flow-interface.js';
import type { FlowSites } from './flow-sites.js';
import type { GraphNode } from './paths.js';
import { isBeforeSave } from './record-target.js';

export interface Unfit {
  /** What can't be done before a save, as in "send posts a letter outside". */
  readonly what: string;
  /** Below the element. */
  readonly pointer: string;
}

/** What of one element can't be done before a save, but for the flows that it calls. */
export function unfitBeforeSave(
  { name, type, definition }: Pick<GraphNode, 'name' | 'type' | 'definition'>,
  actions: readonly Action[],
): Unfit[] {
  const found: Unfit[] = [];
  const external = actions.find(({ effect }) => effect === 'external');
  const writing = actions.find(({ effect }) => effect === 'records');
  if (type.parks === true) found.push({ what: `${name} may have to wait`, pointer: '' });
  else if (type.writes === true) {
    found.push({ what: `${name} writes, or discards, more than that record`, pointer: '' });
  } else if (external !== undefined) found.push({ what: `${external.name} acts outside`, pointer: '' });
  else if (writing !== undefined) found.push({ what: `${writing.name} writes records`, pointer: '' });
  if (definition.retry !== undefined) {
    found.push({ what: `${name} would wait before it tries again`, pointer: '/retry' });
  }
  if (definition.onFault?.rollBack === true) {
    found.push({ what: `${name} would discard what others have written`, pointer: '/onFault/rollBack' });
  }
  return found;
}

export function checkBeforeSave(
  { name: flow, start: { trigger }, variables = {} }: FlowDefinition,
  nodes: ReadonlyMap<string, GraphNode>,
  sites: FlowSites,
  flows: ReadonlyMap<string, FlowInterface> | undefined,
  report: (problem: CompileProblem) => void,
): void {
  if (!isBeforeSave(trigger)) return;
  for (const [name, variable] of Object.entries(variables)) {
    if (variable.input !== true || variable.default !== undefined) continue;
    report({
      code: 'flow.before-save',
      pointer: `/variables/${name}/input`,
      detail: `nobody gives ${name} when a record is saved`,
      expected: 'a default, or a variable that is no input',
    });
  }
  for (const node of nodes.values()) {
    const { actions, calls } = sites.notesOf(node.name);
    const unfit = unfitBeforeSave(node, actions);
    const called = calls.flatMap((each): Unfit[] => {
      const what = foundInCalled([each], flows, new Set([flow]), ({ unfitBeforeSave: one }, name) =>
        one === undefined ? undefined : `of the flow ${name}, ${one}`,
      );
      return what === undefined ? [] : [{ what, pointer: '' }];
    });
    for (const { what, pointer } of [...unfit, ...called]) {
      report({
        code: 'flow.before-save',
        pointer: `/elements/${node.name}${pointer}`,
        detail: `${what}, and the record is just being saved`,
        expected: 'elements that are done at once and change nothing but $record',
      });
    }
  }
}
