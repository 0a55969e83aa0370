// What an element sees and can do while it is asked.
import { isTruthy } from '../../expressions/compare.js';
import type { Expression } from '../../expressions/index.js';
import type { Json } from '../../definition/flow.js';
import type { Visit } from '../../elements/element.js';
import { engineLimits } from '../../limits.js';
import type { RecordsSession } from '../../ports/records.js';
import { callInTime, checkInput, checkOutput, toCall } from '../call-action.js';
import type { FrameContext } from '../frame-context.js';
import { effectId } from '../frames.js';
import { type JournalEntry, toJournaled } from '../journal-entry.js';
import { actionErrors, runErrors } from '../run-errors.js';
import type { SavingSite } from '../saving-site.js';
import type { BeforeSaveHook, Rights } from './segment-records.js';
import type { SegmentState } from './segment-state.js';

/** What an element may do in one visit; what it did is in its entry of the journal. */
export class ElementVisit implements Visit {
  readonly element: string;
  readonly number: number;
  readonly now: string;
  readonly user: Visit['user'];
  readonly starter: string;
  readonly #state: SegmentState;
  readonly #context: FrameContext;
  readonly #entry: JournalEntry;
  #records: RecordsSession | undefined;
  #site: SavingSite | undefined;
  #emitted = 0;

  constructor(
    state: SegmentState,
    context: FrameContext,
    element: string,
    number: number,
    entry: JournalEntry,
  ) {
    this.element = element;
    this.number = number;
    this.now = state.now;
    this.user = state.actor as Visit['user'];
    const { user } = state.task.run;
    this.starter = user.person ?? user.id;
    this.#state = state;
    this.#context = context;
    this.#entry = entry;
  }

  // Most elements have nothing to do with records.
  get records(): RecordsSession {
    this.#records ??= this.#state.records.session(this.key, this.#rights, this.#beforeSave);
    return this.#records;
  }

  get key(): string {
    return effectId(this.#state.task.run.id, this.#place);
  }

  get memory(): Visit['memory'] {
    const { frame } = this.#context;
    const { element } = this;
    return {
      get: () => frame.memory[element],
      set: (value) => {
        if (value === undefined) delete frame.memory[element];
        else frame.memory[element] = value;
      },
    };
  }

  async assigneeExists(...assignee: Parameters<Visit['assigneeExists']>): Promise<boolean> {
    return (await this.#state.world.assignees?.exists(...assignee)) ?? true;
  }

  async assigneeIncludes(...member: Parameters<Visit['assigneeIncludes']>): Promise<boolean> {
    return (await this.#state.world.assignees?.includes(...member)) ?? true;
  }

  evaluate(expression: Expression): Json {
    return this.#context.evaluate(expression);
  }

  decide(expression: Expression, told?: Json): boolean {
    const { value, truth } = this.#context.evaluateWithTruth(expression, told);
    this.#entry.truth ??= [];
    this.#entry.truth.push(truth);
    return isTruthy(value);
  }

  variable(path: string): Json | undefined {
    return this.#context.variable(path);
  }

  assign(path: string, value: Json): void {
    this.#context.assign(path, value);
  }

  output(value: Json): void {
    this.#context.frame.outputs[this.element] = value;
    this.#entry.output = toJournaled(value);
  }

  async perform(name: string, input: Json): Promise<Json> {
    const state = this.#state;
    const entry = this.#entry;
    const action = state.action(name);
    const { schemas } = state.world.registries;
    if (action.effect === 'external') {
      throw actionErrors.error('failed', `${name} acts outside and can't be performed within a segment`);
    }
    state.permit(action, this.#context.systemMode);
    checkInput(action, schemas, input);
    const call = { action: name, input: toJournaled(input) } as NonNullable<JournalEntry['calls']>[number];
    entry.calls ??= [];
    entry.calls.push(call);
    let hasEnded = false;
    const requireOpen = (): void => {
      if (hasEnded) throw actionErrors.error('ended', `${name} has ended, and used records after that`);
    };
    const key = this.key;
    const records =
      action.effect === 'records'
        ? state.records.session(key, { action: true, ...this.#rights }, this.#beforeSave, requireOpen)
        : undefined;
    const { run } = state.task;
    const asked = { input, key, attempt: 1, run: run.id, now: this.now, user: this.user };
    const output = await callInTime(action, state.world.clock, (limit) =>
      action.perform(toCall(records === undefined ? asked : { records, ...asked }, limit)),
    ).finally(() => {
      hasEnded = true;
    });
    checkOutput(action, schemas, output);
    call.output = toJournaled(output);
    return output;
  }

  emit({ topic, key: of, payload }: Parameters<Visit['emit']>[0]): void {
    const state = this.#state;
    if (state.task.within !== undefined) {
      throw runErrors.error('before-save', `${this.element} can't tell of what is only being saved`);
    }
    this.#emitted += 1;
    if (state.outbox.length >= engineLimits.outboxRowsPerSegmentMax) {
      throw runErrors.error('limit-outbox', `more than ${engineLimits.outboxRowsPerSegmentMax} messages`);
    }
    const { run } = state.task;
    state.outbox.push({
      id: `${this.key}:${this.#emitted}`,
      run: run.id,
      topic,
      // Without a key of their own, messages of one run are in order among themselves.
      key: of === '' ? run.id : of,
      payload,
      at: state.now,
      order: '',
      attempt: 0,
      claimAt: state.now,
    });
  }

  get #place() {
    return { frame: this.#context.frame.id, element: this.element, visit: this.number };
  }

  get #rights(): Rights {
    return {
      system: this.#context.systemMode,
      permissions: new Set(this.#state.actor.permissions ?? []),
    };
  }

  /** What runs before the saves of the visit. */
  get #beforeSave(): BeforeSaveHook | undefined {
    const { beforeSave } = this.#state.world;
    return beforeSave && ((type) => beforeSave.of(type, () => this.#savingSite()));
  }

  #savingSite(): SavingSite {
    const state = this.#state;
    this.#site ??= {
      run: state.task.run,
      place: this.#place,
      actor: state.actor,
      now: state.now,
      depth: state.depthOf(this.#context),
      steps: state.steps,
      records: state.records,
      journal: state.journal as unknown as Json[],
      saves: 0,
    };
    return this.#site;
  }
}
