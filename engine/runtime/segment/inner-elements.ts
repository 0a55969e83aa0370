// Which elements lie in the branches of another.
import type { CompiledFlow } from '../../compile/compile-flow.js';
import type { Region } from '../../compile/graph.js';

/** Elements of the branch that an element stands in, those in branches of them included. */
export function elementsBeside(flow: CompiledFlow, name: string): string[] {
  const { region: own } = flow.elements.get(name)!;
  const isIn = (region: Region | undefined): boolean =>
    region !== undefined && (region === own || isIn(region.parent));
  return [...flow.elements.values()].filter(({ region }) => isIn(region)).map((element) => element.name);
}

/** Elements in the branches of a parallel element, at any depth. */
export function* innerElements(flow: CompiledFlow, name: string): Generator<string> {
  for (const element of flow.elements.values()) {
    for (let region = element.region; region.of !== undefined; region = region.parent!) {
      if (region.of.element === name) {
        yield element.name;
        break;
      }
    }
  }
}
