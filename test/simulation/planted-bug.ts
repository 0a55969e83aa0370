// What a planted bug may change: the ports of an engine, the elements it knows, or the store. Never the engine.
import type { Action, ElementType, EngineStore, RecordType } from '../../engine/index.js';
import type { MemoryEngineStore } from './memory-engine-store.js';
import type { Life, World } from './world.js';

export interface PlantedBug {
  readonly name: string;
  /** The store that all processes share. */
  readonly memory?: (types: readonly RecordType[], world: () => World) => MemoryEngineStore;
  /** The store as one process sees it, and what else it sees, made together when the process starts. */
  readonly process?: (parts: ProcessParts) => Partial<ProcessParts>;
  readonly elements?: readonly ElementType<never>[];
}

export interface ProcessParts {
  readonly life: Life;
  readonly world: World;
  readonly memory: MemoryEngineStore;
  readonly store: EngineStore;
  readonly actions: readonly Action[];
}

/** A store with some of its methods replaced. */
export function storeWith(store: EngineStore, replaced: Partial<EngineStore>): EngineStore {
  return new Proxy(store, {
    get: (target, name) => replaced[name as keyof EngineStore] ?? target[name as keyof EngineStore],
  });
}
