// The element types that an engine knows: a closed list, given when the engine is made.
import type { ElementType } from './element.js';

export interface ElementRegistry {
  get(type: string): ElementType | undefined;
  names(): Iterable<string>;
  all(): readonly ElementType[];
}

// Each type is written for its own properties, which its schema guarantees before anything else sees them.
type AnyElementType = ElementType<never>;

/** @throws {TypeError} when two types have one name */
export function createElementRegistry(types: readonly AnyElementType[]): ElementRegistry {
  const known = new Map<string, ElementType>();
  for (const type of types) {
    if (known.has(type.type)) throw new TypeError(`there are two element types ${type.type}`);
    known.set(type.type, Object.freeze({ ...type }) as unknown as ElementType);
  }
  return {
    get: (type) => (typeof type === 'string' ? known.get(type) : undefined),
    names: () => known.keys(),
    all: () => [...known.values()],
  };
}
