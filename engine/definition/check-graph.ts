// Whether the elements are connected as they should be: everything is reached, and every circle can be left.
import type { CompileProblem, Outlet } from '../elements/element.js';
import { toPointer } from '../errors/json-pointer.js';
import { Suggestions } from '../expressions/did-you-mean.js';
import { toRegions, waysOutOf } from '../compile/graph.js';
import { components } from './components.js';
import type { FlowDefinition } from './flow.js';
import type { GraphNode } from './paths.js';

type Report = (problem: CompileProblem & { readonly code: string }) => void;

/** The elements of a flow, and what can be guessed of those whose shape is wrong. */
export interface FlowGraph {
  readonly definition: FlowDefinition;
  readonly nodes: ReadonlyMap<string, GraphNode>;
  /** Elements that one of a wrong shape may lead to. */
  readonly guesses: ReadonlyMap<string, readonly string[]>;
}

export function checkGraph(graph: FlowGraph, report: Report): void {
  const meant = checkTargets(graph, report);
  toRegions(graph.definition, graph.nodes, report);
  checkReach(graph, meant, report);
  checkCycles(graph, report);
  const inBodies = checkBodies(graph, report);
  checkOutcomes(graph, inBodies, report);
}

/** Reports targets that don't exist; answers which ones were probably meant. */
function checkTargets({ definition, nodes }: FlowGraph, report: Report): Map<string, string[]> {
  const suggestions = new Suggestions();
  const meant = new Map<string, string[]>();
  const check = (target: string | undefined, pointer: string, from: string): void => {
    if (target === undefined || Object.hasOwn(definition.elements, target)) return;
    const near = suggestions.for(target, definition.elements);
    report({
      code: 'flow.target-unknown',
      pointer,
      detail: `there is no element ${JSON.stringify(target)}`,
      expected: 'the name of an element of this flow',
      ...(near === undefined ? {} : { didYouMean: near }),
    });
    meant.set(from, [...(meant.get(from) ?? []), near ?? '']);
  };
  check(definition.start.next, '/start/next', '');
  for (const { name, outlets, branches, definition: element } of nodes.values()) {
    const at = `/elements/${name}`;
    for (const { target, pointer } of outlets) check(target, at + pointer, name);
    for (const { start, pointer } of branches) check(start, at + pointer, name);
    check(element.onFault?.next, `${at}/onFault/next`, name);
  }
  return meant;
}

function checkReach(
  { definition, nodes, guesses }: FlowGraph,
  meant: ReadonlyMap<string, string[]>,
  report: Report,
): void {
  const names = Object.keys(definition.elements);
  if (definition.start.next === undefined && names.length > 0) {
    report({
      code: 'flow.element-unreachable',
      pointer: '/start',
      detail: 'the start leads to none of the elements',
      expected: 'next: the first element',
    });
    return;
  }
  const isLost = (target: string): boolean => target === '';
  // What the start was meant to lead to isn't known: nothing can be said of the others.
  if ((meant.get('') ?? []).some(isLost)) return;
  const reached = new Set<string>(
    [definition.start.next, ...(meant.get('') ?? [])].filter((name) => name !== undefined),
  );
  for (const name of reached) {
    const node = nodes.get(name);
    const targets = node === undefined ? (guesses.get(name) ?? []) : waysOutOf(node);
    for (const target of [...targets, ...(meant.get(name) ?? [])]) reached.add(target);
  }
  for (const name of names) {
    if (reached.has(name)) continue;
    report({
      code: 'flow.element-unreachable',
      pointer: toPointer(['elements', name]),
      detail: `no path leads to ${name}`,
      expected: 'an element that leads here',
    });
  }
}

/** Whether the flow may end in a branch: it leads to an element with no way out of it. */
function mayEnd(start: string | undefined, nodes: ReadonlyMap<string, GraphNode>): boolean {
  const reached = new Set([start]);
  for (const name of reached) {
    const node = nodes.get(name ?? '');
    // What an element of a wrong shape leads to isn't known.
    if (node === undefined && name !== undefined) return true;
    if (node?.outlets.length === 0) return true;
    for (const target of node === undefined ? [] : waysOutOf(node)) reached.add(target);
  }
  return false;
}

function checkCycles({ definition: flow, nodes, guesses }: FlowGraph, report: Report): void {
  const next = (name: string): string[] => {
    const node = nodes.get(name);
    return node === undefined
      ? [...(guesses.get(name) ?? [])]
      : waysOutOf(node).filter((to) => nodes.has(to));
  };
  for (const component of components([...nodes.keys()], next)) {
    const members = new Set(component);
    const [first] = component;
    if (component.length === 1 && !next(first!).includes(first!)) continue;
    const leaves = component.some((name) => {
      const node = nodes.get(name)!;
      const { outlets, branches, definition } = node;
      const leading = outlets.filter(({ target }) => target === undefined || !members.has(target));
      const fault = definition.onFault?.next;
      return (
        outlets.length === 0 ||
        leading.some((outlet) => !isIdle(outlet, node, flow)) ||
        branches.some(({ start }) => mayEnd(start, nodes)) ||
        (fault !== undefined && !members.has(fault))
      );
    });
    if (leaves) continue;
    const ordered = [...nodes.keys()].filter((name) => members.has(name));
    report({
      code: 'flow.endless-cycle',
      pointer: `/elements/${ordered[0]}`,
      detail: `nothing leads out of the circle of ${ordered.slice(0, 10).join(', ')}`,
      expected: 'an element in it that can lead on to another one, or to the end',
    });
  }
}

/** The way for none of the outcomes, where one of them holds in any case. */
const isIdle = ({ name }: Outlet, { type, definition }: GraphNode, flow: FlowDefinition): boolean =>
  name === 'next' && type.exhaustive?.(definition, flow) === true;

/** Elements reached from some without passing another one, within their branch. */
function reachFrom(
  { nodes, guesses }: FlowGraph,
  starts: readonly (string | undefined)[],
  without: string,
): { readonly names: ReadonlySet<string>; readonly comesBack: boolean } {
  const names = new Set(starts.filter((name) => name !== undefined && name !== without) as string[]);
  let comesBack = starts.includes(without);
  for (const name of names) {
    const node = nodes.get(name);
    const targets =
      node === undefined
        ? (guesses.get(name) ?? [without])
        : [...node.outlets.map(({ target }) => target), node.definition.onFault?.next];
    for (const target of targets) {
      if (target === without) comesBack = true;
      else if (target !== undefined) names.add(target);
    }
  }
  return { names, comesBack };
}

/** Checks that loop bodies come back; answers the elements in them. */
function checkBodies(graph: FlowGraph, report: Report): ReadonlySet<string> {
  const inBodies = new Set<string>();
  for (const { name, outlets } of graph.nodes.values()) {
    if (!outlets.some(({ body }) => body === true)) continue;
    const after = outlets.filter(({ body }) => body !== true).map(({ target }) => target);
    const afterNames = reachFrom(graph, after, name).names;
    for (const { target, pointer } of outlets.filter(({ body }) => body === true)) {
      if (target !== undefined && !Object.hasOwn(graph.definition.elements, target)) continue;
      const { names, comesBack } = reachFrom(graph, [target], name);
      if (!comesBack) {
        report({
          code: 'flow.loop-body-open',
          pointer: `/elements/${name}${pointer}`,
          detail:
            target === undefined ? `${name} has no body` : `no path from ${target} comes back to ${name}`,
          expected: `a path whose last element has "next": ${JSON.stringify(name)}`,
        });
        continue;
      }
      for (const inner of names) {
        if (afterNames.has(inner)) continue;
        inBodies.add(inner);
        const node = graph.nodes.get(inner);
        for (const outlet of node?.outlets ?? []) {
          if (outlet.target !== undefined || isIdle(outlet, node!, graph.definition)) continue;
          report({
            code: 'flow.loop-body-ends',
            pointer: `/elements/${inner}${outlet.pointer}`,
            detail: `here the flow ends in the middle of the loop ${name}`,
            expected: `${JSON.stringify(name)}, or an end element`,
          });
        }
      }
    }
  }
  return inBodies;
}

/** A way out of several that leads nowhere ends the flow without anybody having said so. */
function checkOutcomes(
  { definition, nodes }: FlowGraph,
  inBodies: ReadonlySet<string>,
  report: Report,
): void {
  // A branch has no other way to end than to lead nowhere.
  const [main] = toRegions(definition, nodes, () => {});
  for (const name of main?.elements ?? []) {
    const node = nodes.get(name)!;
    const { outlets } = node;
    if (outlets.length < 2 || inBodies.has(name) || outlets.some(({ body }) => body === true)) continue;
    for (const outlet of outlets) {
      if (outlet.target !== undefined || isIdle(outlet, node, definition)) continue;
      report({
        code: 'flow.outcome-unhandled',
        pointer: `/elements/${name}${outlet.pointer}`,
        detail: `nothing follows ${name} when it is left by ${outlet.label ?? outlet.name}`,
        expected: 'the next element, or an end element',
      });
    }
  }
}
