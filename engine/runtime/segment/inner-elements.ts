// Which elements lie in the branches of another.
import type { CompiledFlow } from '../../compile/compile-flow.js';

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
