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

/** Whether an element stands in the branch of another one, or in a branch in it. */
export const isBeside = (flow: CompiledFlow, name: string, other: string): boolean => {
  const { region: own } = flow.elements.get(other)!;
  return isIn(flow.elements.get(name)?.region, (region) => region === own);
};

/** Elements of branches that lie in such a branch, or are one. */
const elementsIn = (flow: CompiledFlow, isWanted: (region: Region) => boolean): string[] =>
  [...flow.elements.values()].filter(({ region }) => isIn(region, isWanted)).map(({ name }) => name);

const isIn = (region: Region | undefined, isWanted: (region: Region) => boolean): boolean =>
  region !== undefined && (isWanted(region) || isIn(region.parent, isWanted));
