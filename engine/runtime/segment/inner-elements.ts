// Which elements lie in the branches of another.
import type { CompiledFlow } from '../../compile/compile-flow.js';
import type { Region } from '../../compile/graph.js';

/** Elements of the branch that an element stands in, those in branches of them included. */
export function elementsBeside(flow: CompiledFlow, name: string): string[] {
  const { region: own } = flow.elements.get(name)!;
  return elementsIn(flow, (region) => region === own);
}

/** Elements in the branches of a parallel element, at any depth. */
export const innerElements = (flow: CompiledFlow, name: string): string[] =>
  elementsIn(flow, ({ of }) => of?.element === name);

/** Elements of branches that lie in such a branch, or are one. */
function elementsIn(flow: CompiledFlow, isWanted: (region: Region) => boolean): string[] {
  const isIn = (region: Region | undefined): boolean =>
    region !== undefined && (isWanted(region) || isIn(region.parent));
  return [...flow.elements.values()].filter(({ region }) => isIn(region)).map((element) => element.name);
}
