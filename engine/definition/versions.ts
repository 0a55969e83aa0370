// Versions of flows: drafts are saved, one version is active, and what a run uses never changes.
import { compileFlow, type CompiledFlow, type Registries } from '../compile/compile-flow.js';
import type { CompileProblem } from '../elements/element.js';
import { defineErrors } from '../errors/catalogue.js';
import { engineLimits } from '../limits.js';
import type { Clock } from '../ports/clock.js';
import type { EngineStore, FlowActivation, FlowVersion } from '../ports/engine-store.js';
import type { FlowRef, RunUser } from '../runtime/run-state.js';
import type { FlowDefinition } from './flow.js';
import { toContentHash } from './hash.js';

const caller = { who: 'caller', retryable: false } as const;

export const versionErrors = defineErrors('version', {
  invalid: {
    ...caller,
    status: 422,
    title: 'The flow is not valid',
    remedy: 'Correct each of the problems listed.',
  },
  unknown: {
    ...caller,
    status: 404,
    title: 'No such version of the flow',
    remedy: 'Look at the list of versions.',
  },
  conflict: {
    ...caller,
    status: 412,
    title: 'Another version has become active',
    remedy: 'Look at the active version, then try again.',
  },
  forbidden: {
    ...caller,
    status: 403,
    title: 'A flow in system mode is made active by whoever may answer for it',
    remedy:
      'Ask somebody with the permission flows.system to make the version active, or take system mode out of the flow.',
  },
  unconfirmed: {
    status: 409,
    title: 'Nobody answers for the system mode of the flow',
    who: 'operator',
    retryable: false,
    remedy: 'Have the version made active again by somebody with the permission flows.system.',
  },
  called: {
    ...caller,
    status: 409,
    title: 'Other flows call this flow',
    remedy: 'Change or retire the flows that call it first.',
  },
});

/** Permission to make flows active that act with all rights. */
export const systemPermission = 'flows.system';

const savesMax = 20;

/** A flow to be taken in, with what was seen of it. */
export interface TakenFlow {
  readonly definition: FlowDefinition;
  /** Its newest version. */
  readonly newest: FlowVersion | undefined;
  /** The active version that it is to replace (0: none); absent: it stays a draft. */
  readonly replaces?: number;
}

export class FlowVersions {
  readonly #store: EngineStore;
  readonly #registries: Registries;
  readonly #clock: Clock;
  /** By content hash, so an entry can't be out of date. */
  readonly #compiled = new Map<string, CompiledFlow>();
  /** Versions in system mode that are known to have been made active by somebody who may. */
  readonly #confirmed = new Set<string>();
  /** What is active, by name, of an engine that is alone: nobody else makes another version so. */
  readonly #active: Map<string, Promise<FlowRef | undefined>> | undefined;
  /** Told after a version has become active here; what it does is waited for. */
  listener: (() => void | Promise<void>) | undefined;

  /** @param alone whether nobody else changes the flows in the store */
  constructor(store: EngineStore, registries: Registries, clock: Clock, { alone = false } = {}) {
    this.#store = store;
    this.#registries = registries;
    this.#clock = clock;
    this.#active = alone ? new Map() : undefined;
  }

  /**
   * Saves a definition as the next version, a draft; the same content as the newest version is not saved again.
   *
   * @throws {RecourseError} `version.invalid` with all problems
   */
  async save(definition: FlowDefinition, by: string, source?: string): Promise<FlowVersion> {
    for (let attempt = 0; attempt < savesMax; attempt += 1) {
      const [newest] = await this.list(definition.name);
      const saved = await this.saveAfter(newest, definition, by, source);
      if (saved !== undefined) return saved;
    }
    throw versionErrors.error('conflict', `${definition.name} is being saved by many at once`);
  }

  /**
   * Saves a definition as `save` does, after the newest version as the caller has seen it.
   *
   * @returns undefined: there is a newer one by now
   * @throws {RecourseError} `version.invalid` with all problems
   */
  async saveAfter(
    newest: FlowVersion | undefined,
    definition: FlowDefinition,
    by: string,
    source?: string,
  ): Promise<FlowVersion | undefined> {
    const version = this.#next(newest, definition, by, source);
    return version === newest || (await this.#store.saveDraft(version)) ? version : undefined;
  }

  /** What a definition is to be saved as; the newest version itself where that says the same. */
  #next(
    newest: FlowVersion | undefined,
    definition: FlowDefinition,
    by: string,
    source?: string,
  ): FlowVersion {
    const { hash } = this.#compile(definition);
    if (newest?.hash === hash) return newest;
    return {
      name: definition.name,
      version: (newest?.version ?? 0) + 1,
      hash,
      status: 'draft',
      definition,
      savedAt: this.#now(),
      savedBy: by,
      ...(source === undefined ? {} : { source }),
    };
  }

  /**
   * Saves several flows as `save` does, and makes those active that replace a version: all of it, or nothing.
   *
   * @returns each as it is now, in the same order
   * @throws {RecourseError} `version.invalid`, `version.forbidden`; `version.conflict` if any was changed since it was seen
   */
  async take(flows: readonly TakenFlow[], who: RunUser): Promise<readonly FlowVersion[]> {
    const activated = { by: who.id, at: this.#now() };
    const versions = flows.map(({ definition, newest }) => this.#next(newest, definition, who.id));
    const drafts = versions.filter((version, at) => version !== flows[at]!.newest);
    const activations = flows.flatMap(({ definition, replaces: expected }, at) => {
      if (expected === undefined) return [];
      requireSystemRight(definition, who);
      const { version } = versions[at]!;
      const calls = [...this.#compile(definition).calls];
      return [{ name: definition.name, version, expected, activated, calls }];
    });
    await this.#changeActive(
      activations.map(({ name }) => name),
      () => this.#store.takeFlows(drafts, activations),
      'one of the flows was changed meanwhile',
    );
    return versions.map((version, at) =>
      flows[at]!.replaces === undefined ? version : { ...version, status: 'active', activated },
    );
  }

  /**
   * Makes a version the active one, if `expected` (0: none) still is. Who does it answers for a flow in system mode: whoever
   * starts it needs no permission to have it act with all rights.
   *
   * @param validated whether it was found sound with the flows that it calls, which have to be active still then
   * @throws {RecourseError} `version.conflict`, `version.unknown`, `version.forbidden`
   */
  async activate(
    name: string,
    version: number,
    expected: number,
    who: RunUser,
    { validated = false } = {},
  ): Promise<void> {
    const { definition } = await this.get(name, version);
    requireSystemRight(definition, who);
    const activated = { by: who.id, at: this.#now() };
    const calls = validated ? [...this.#compile(definition).calls] : [];
    await this.#makeActive(
      { name, version, expected, activated, calls },
      `the active version of ${name} is not ${expected}, or a flow that it calls has been retired`,
    );
  }

  /**
   * Takes the active version, as it was seen, out of use; runs on it finish.
   *
   * @throws {RecourseError} `version.conflict`, also if a flow that calls it has become active since
   */
  async retire({
    name,
    version,
    relied = 0,
  }: Pick<FlowVersion, 'name' | 'version' | 'relied'>): Promise<void> {
    await this.#makeActive(
      { name, version: 0, expected: version, relied },
      `the active version of ${name} is not ${version}, or a flow that calls it has become active`,
    );
  }

  #makeActive(activation: FlowActivation, refusal: string): Promise<void> {
    return this.#changeActive([activation.name], () => this.#store.takeFlows([], [activation]), refusal);
  }

  async #changeActive(
    names: readonly string[],
    change: () => Promise<boolean>,
    refusal: string,
  ): Promise<void> {
    try {
      if (!(await change())) throw versionErrors.error('conflict', refusal);
    } finally {
      for (const name of names) this.#active?.delete(name);
    }
    if (names.length > 0) await this.listener?.();
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }

  /** All versions of a flow, or of all flows; the newest of a flow first. */
  async list(name?: string): Promise<readonly FlowVersion[]> {
    return inOrder(await this.#store.listFlows(name === undefined ? {} : { name }));
  }

  /** The active version of each flow, by name. */
  async listActive(): Promise<readonly FlowVersion[]> {
    return inOrder(await this.#store.listFlows({ status: 'active' }));
  }

  /** @throws {RecourseError} `version.unknown` */
  async get(name: string, version: number): Promise<FlowVersion> {
    const found = await this.#store.flowByVersion(name, version);
    if (found === undefined) throw versionErrors.error('unknown', `${name} has no version ${version}`);
    return found;
  }

  active(name: string): Promise<FlowRef | undefined> {
    const known = this.#active?.get(name);
    if (known !== undefined) return known;
    const found = this.#store.activeFlow(name);
    this.#active?.set(name, found);
    const forget = (): void => {
      if (this.#active?.get(name) === found) this.#active.delete(name);
    };
    // Whoever asks for what isn't there is not remembered.
    found.then((active) => active ?? forget(), forget);
    return found;
  }

  /**
   * Whether somebody who may has made a version in system mode active. One that was active before that was asked has nobody
   * who answers for it.
   *
   * @throws {RecourseError} `version.unknown`
   */
  async isConfirmed({ name, version }: FlowRef): Promise<boolean> {
    const key = `${name}:${version}`;
    if (this.#confirmed.has(key)) return true;
    if ((await this.get(name, version)).activated === undefined) return false;
    this.#confirmed.add(key);
    return true;
  }

  /** @throws {RecourseError} `version.unknown` */
  async compiled(ref: FlowRef): Promise<CompiledFlow> {
    const known = this.#compiled.get(ref.hash);
    if (known !== undefined) return known;
    const version = await this.#store.flowByHash(ref.hash);
    if (version === undefined)
      throw versionErrors.error('unknown', `${ref.name} ${ref.version} is not stored`);
    return this.#compile(version.definition);
  }

  /** The active versions of all flows that a flow calls, directly or not; those without one are left out. */
  async pin(ref: FlowRef): Promise<Record<string, FlowRef>> {
    const pinned: Record<string, FlowRef> = {};
    const open = [ref];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const name of (await this.compiled(next)).calls) {
        if (Object.hasOwn(pinned, name)) continue;
        const active = name === ref.name ? ref : await this.active(name);
        if (active === undefined) continue;
        pinned[name] = active;
        open.push(active);
      }
    }
    return pinned;
  }

  #compile(definition: FlowDefinition): CompiledFlow {
    const known = this.#compiled.get(toContentHash(definition));
    if (known !== undefined) return known;
    const problems: CompileProblem[] = [];
    const compiled = compileFlow(definition, this.#registries, (problem) => problems.push(problem));
    if (compiled === undefined) {
      throw versionErrors.error('invalid', `${definition.name}: ${problems[0]?.detail ?? 'not valid'}`, {
        problems,
      });
    }
    if (this.#compiled.size >= engineLimits.compiledFlowsMax) {
      this.#compiled.delete(this.#compiled.keys().next().value!);
    }
    this.#compiled.set(compiled.hash, compiled);
    return compiled;
  }
}

const inOrder = (versions: FlowVersion[]): readonly FlowVersion[] =>
  versions.sort((left, right) =>
    left.name === right.name ? right.version - left.version : left.name < right.name ? -1 : 1,
  );

/** Why a flow acts with all rights; undefined: it acts with those of its user. */
export const systemReasonOf = ({ mode }: FlowDefinition): string | undefined =>
  typeof mode === 'object' ? mode.system.reason : undefined;

/** @throws {RecourseError} `version.forbidden` unless the user may make the flow active as far as its mode goes */
export function requireSystemRight(definition: FlowDefinition, { permissions = [] }: RunUser): void {
  if (systemReasonOf(definition) === undefined || permissions.includes(systemPermission)) return;
  throw versionErrors.error(
    'forbidden',
    `${definition.name} acts in system mode: to make it active needs the permission ${systemPermission}`,
    { data: { flow: definition.name, permission: systemPermission } },
  );
}
