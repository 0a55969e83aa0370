// Runs of small flows with all standard elements in a world of their own.
import assert from 'node:assert/strict';
import type {
  ElementDefinition,
  FlowDefinition,
  Json,
  OutboxRow,
  Place,
  RunState,
  RunUser,
} from '../../../../engine/index.js';
import { standardElements } from '../../../../engine/elements/standard-elements.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { flow } from '../../../support/flows.js';

export class ElementWorld {
  readonly world: EngineWorld;
  /** What has left the outbox. */
  readonly delivered: readonly OutboxRow[];
  #runs = 0;

  constructor(world: EngineWorld, delivered: readonly OutboxRow[]) {
    this.world = world;
    this.delivered = delivered;
  }

  static async open(): Promise<ElementWorld> {
    const delivered: OutboxRow[] = [];
    const receive = async (row: OutboxRow): Promise<void> => {
      delivered.push(row);
    };
    const engine = { handlers: { mail: receive, event: receive, 'record.changed': receive } };
    return new ElementWorld(await openWorld({ elements: standardElements, engine }), delivered);
  }

  async close(): Promise<void> {
    await this.world.engine.close();
    await this.world.close();
  }

  /** Runs elements from the one named `e`, until they wait or have ended. */
  async run(
    elements: Readonly<Record<string, Partial<ElementDefinition>>>,
    more: Partial<FlowDefinition> = {},
    input: Readonly<Record<string, Json>> = {},
  ): Promise<RunState> {
    this.#runs += 1;
    const id = `r${this.#runs}`;
    const labelled = Object.fromEntries(
      Object.entries(elements).map(([name, one]) => [name, { label: name, ...one } as ElementDefinition]),
    );
    const definition = flow(`f${this.#runs}`, 'e', labelled, more);
    await this.world.publish(definition);
    await this.world.engine.start({ flow: definition.name, input, user: agent, id });
    return this.world.settle(id);
  }

  /** The output of an element in a flow of it alone, which has to end. */
  async output(
    element: Partial<ElementDefinition>,
    more: Partial<FlowDefinition> = {},
  ): Promise<Json | undefined> {
    const run = await this.run({ e: element }, more);
    assert.equal(run.status, 'done', JSON.stringify(run.incident?.error));
    return run.root.outputs['e'];
  }

  /** The code with which an element fails. */
  async fault(
    element: Partial<ElementDefinition>,
    more: Partial<FlowDefinition> = {},
  ): Promise<string | undefined> {
    return (await this.run({ e: element }, more)).incident?.error.code;
  }

  /** What is shown by the wait of that name of the element `e`. */
  async form(run: string, name = 'answer'): Promise<Readonly<Record<string, Json>> | undefined> {
    const state = await this.world.store.loadRun(run);
    const wait = state?.root.activities['e']?.waits.find((one) => one.kind === 'answer' && one.name === name);
    return wait?.kind === 'answer' ? (wait.form as Record<string, Json>) : undefined;
  }

  /** Answers the element `e`, as `by` or `user`; the code of the refusal, or undefined. */
  async answer(
    run: string,
    payload: Json,
    by = 'agent',
    name = 'answer',
    user?: RunUser,
  ): Promise<string | undefined> {
    const state = await this.world.store.loadRun(run);
    const place: Place & { readonly name: string } = {
      frame: 'main',
      element: 'e',
      visit: state?.root.activities['e']?.visit ?? 1,
      name,
    };
    try {
      await this.world.engine.answer(run, place, payload, { by, ...(user === undefined ? {} : { user }) });
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
    await this.world.settle(run);
    return undefined;
  }

  async state(run: string): Promise<RunState> {
    const state = await this.world.store.loadRun(run);
    assert.ok(state);
    return state;
  }
}
