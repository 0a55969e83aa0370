// Which elements stand in which branch: the regions of the machine.
import type { ElementDefinition, FlowDefinition } from '../definition/flow.js';
import type { Branch, CompileProblem, ElementType, Outlet } from '../elements/element.js';

/** An element with its ways out, as the graph sees it. */
export interface Node {
  readonly name: string;
  readonly type: ElementType;
  readonly definition: ElementDefinition;
  readonly outlets: readonly Outlet[];
  readonly branches: readonly Branch[];
}

/** The main path, or one branch of a parallel element. */
export interface Region {
  /** The parallel element and its branch; undefined: the main path. */
  readonly of?: { readonly element: string; readonly branch: string };
  readonly parent?: Region;
  readonly start: string | undefined;
  readonly elements: string[];
}

/**
 * Assigns every element that can be reached to one region; an element that two regions reach is reported.
 * Targets that don't exist are reported, too.
 */
export function toRegions(
  definition: FlowDefinition,
  nodes: ReadonlyMap<string, Node>,
  report: (problem: CompileProblem) => void,
): readonly Region[] {
  const regions: Region[] = [];
  const regionOf = new Map<string, Region>();
  const walk = (start: string | undefined, of: Region['of'], parent: Region | undefined): void => {
    const region: Region = {
      ...(of === undefined ? {} : { of }),
      ...(parent === undefined ? {} : { parent }),
      start: start !== undefined && nodes.has(start) ? start : undefined,
      elements: [],
    };
    regions.push(region);
    const open = region.start === undefined ? [] : [region.start];
    while (open.length > 0) {
      const name = open.shift()!;
      const known = regionOf.get(name);
      if (known === region) continue;
      if (known !== undefined) {
        report({
          code: 'flow.branch-shared',
          pointer: `/elements/${name}`,
          detail: `${name} is reached from ${nameOf(known)} and from ${nameOf(region)}`,
          expected: 'elements of a branch that are reached from within this branch only',
        });
        continue;
      }
      regionOf.set(name, region);
      region.elements.push(name);
      const node = nodes.get(name)!;
      for (const target of targetsOf(node)) if (nodes.has(target)) open.push(target);
    }
    for (const name of region.elements) {
      for (const branch of nodes.get(name)!.branches) {
        walk(branch.start, { element: name, branch: branch.name }, region);
      }
    }
  };
  walk(definition.start.next, undefined, undefined);
  return regions;
}

/** What control comes to from an element on, branches included, by ways that don't lead over `around`. */
export function reachedFrom(
  start: string | undefined,
  around: string,
  nodes: ReadonlyMap<string, Node>,
): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (name: string | undefined): void => {
    if (name !== undefined && name !== around && nodes.has(name)) found.add(name);
  };
  add(start);
  for (const name of found) for (const target of waysOutOf(nodes.get(name)!)) add(target);
  return found;
}

/** All elements that an element may lead to, by any way out, branches included. */
export function waysOutOf({ outlets, branches, definition }: Node): string[] {
  return [
    ...outlets.map(({ target }) => target),
    ...branches.map(({ start }) => start),
    definition.onFault?.next,
  ].filter((target) => target !== undefined);
}

/** All elements that come next, in order. */
function targetsOf(node: Node): string[] {
  const targets = node.outlets.flatMap(({ target }) => (target === undefined ? [] : [target]));
  const fault = node.definition.onFault?.next;
  return fault === undefined ? targets : [...targets, fault];
}

const nameOf = ({ of }: Region): string =>
  of === undefined ? 'the main path' : `the branch ${of.branch} of ${of.element}`;
