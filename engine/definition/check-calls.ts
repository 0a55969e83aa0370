// What elements do with the world outside: retries, faults, signals, calls of flows, branches that assign.
import { reachedFrom } from '../compile/graph.js';
import type { CompileProblem } from '../elements/element.js';
import { checkBeforeSave } from './check-before-save.js';
import type { FlowDefinition } from './flow.js';
import type { FlowInterface } from './flow-interface.js';
import type { FlowSites } from './flow-sites.js';
import { endPlace, type GraphNode, pastsOf } from './paths.js';

type Report = (problem: CompileProblem) => void;

export function checkCalls(
  definition: FlowDefinition,
  nodes: ReadonlyMap<string, GraphNode>,
  sites: FlowSites,
  context: { readonly flows?: ReadonlyMap<string, FlowInterface> },
  report: Report,
): void {
  for (const node of nodes.values()) {
    checkRetry(node, sites, report);
    checkFault(node, sites, report);
  }
  checkSignals(definition, nodes, sites, report);
  checkBeforeSave(definition, nodes, sites, context.flows, report);
  checkRecursion(definition, nodes, sites, context.flows, report);
  checkBranches(nodes, sites, report);
}

function checkRetry({ name, definition, type }: GraphNode, sites: FlowSites, report: Report): void {
  if (definition.retry === undefined) return;
  const { actions, calls } = sites.notesOf(name);
  const useful = actions.filter(({ effect, repeat }) => effect !== 'pure' && repeat !== 'never');
  if (useful.length > 0 || calls.length > 0) return;
  const never = actions.find(({ repeat }) => repeat === 'never');
  report({
    code: 'flow.retry-useless',
    pointer: `/elements/${name}/retry`,
    detail:
      never === undefined
        ? `${type.title.toLowerCase()} ${name} would fail again in the same way`
        : `the action ${never.name} is never repeated`,
    expected: 'retry on actions that ask or act outside',
  });
}

function checkFault({ name, definition }: GraphNode, sites: FlowSites, report: Report): void {
  if (definition.onFault !== undefined) return;
  const action = sites.notesOf(name).actions.find(({ effect }) => effect === 'external');
  if (action === undefined) return;
  report({
    code: 'flow.fault-unhandled',
    pointer: `/elements/${name}`,
    detail: `nothing is said of what follows when ${action.name} fails`,
    expected: '"onFault": {"next": …}',
  });
}

function checkSignals(
  { signals = {}, elements }: FlowDefinition,
  nodes: ReadonlyMap<string, GraphNode>,
  sites: FlowSites,
  report: Report,
): void {
  // An element of a wrong shape may wait for any of them.
  const isWhole = nodes.size === Object.keys(elements).length;
  for (const name of Object.keys(signals)) {
    if (!isWhole || sites.signals.has(name)) continue;
    report({
      code: 'flow.signal-unused',
      pointer: `/signals/${name}`,
      detail: `nothing waits for the signal ${name}`,
      expected: 'an element that waits for it',
    });
  }
}

function checkRecursion(
  definition: FlowDefinition,
  nodes: ReadonlyMap<string, GraphNode>,
  sites: FlowSites,
  flows: ReadonlyMap<string, FlowInterface> | undefined,
  report: Report,
): void {
  const pasts = pastsOf(definition, nodes);
  const end = pasts.get(endPlace);
  for (const { name } of nodes.values()) {
    if (!pasts.has(name) || (end !== undefined && !end.always.has(name))) continue;
    for (const flow of sites.notesOf(name).calls) {
      const trail = trailTo(definition.name, flow, flows, [definition.name]);
      if (trail === undefined) continue;
      report({
        code: 'flow.subflow-endless',
        pointer: `/elements/${name}`,
        detail: `every run calls ${trail.join(', which calls ')}`,
        expected: 'a path through the flow that does not call it again',
      });
    }
  }
}

/** The flows from one to another by calls that are always made. */
function trailTo(
  goal: string,
  from: string,
  flows: ReadonlyMap<string, FlowInterface> | undefined,
  trail: readonly string[],
): readonly string[] | undefined {
  if (from === goal) return [...trail.slice(1), goal];
  if (trail.includes(from) || trail.length > 16) return undefined;
  for (const { flow, always } of flows?.get(from)?.calls ?? []) {
    const found = always ? trailTo(goal, flow, flows, [...trail, from]) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function checkBranches(nodes: ReadonlyMap<string, GraphNode>, sites: FlowSites, report: Report): void {
  for (const { name, branches } of nodes.values()) {
    const first = new Map<string, { readonly branch: string; readonly element: string }>();
    for (const { name: branch, start } of branches) {
      for (const element of reachedFrom(start, name, nodes)) {
        for (const { variable, pointer } of sites.notesOf(element).assigns) {
          const other = first.get(variable);
          if (other === undefined) first.set(variable, { branch, element });
          // An element that two branches share is reported as such.
          else if (other.branch !== branch && other.element !== element) {
            report({
              code: 'flow.branches-assign',
              pointer,
              detail: `${variable} is assigned in the branches ${other.branch} and ${branch} of ${name}`,
              expected: 'one variable for each branch',
            });
          }
        }
      }
    }
  }
}
