// What a run must come to: a plain interpreter of a flow's definition that never crashes, waits for nothing, stores
// nothing and shares no code with the engine. Where things race, it asks which of them came first.
import type { ElementDefinition, FlowDefinition, Json } from '../../engine/index.js';
import { externalActions, undoableActions } from './provider.js';
import { stampFlow, stampPlace } from './stamp-flow.js';
import type { Racer } from './winners.js';

export interface Expected {
  readonly total: number;
  /** Fields of the run's own record. */
  readonly marks: Readonly<Record<string, Json>>;
  /** How often the shared record was counted up. */
  readonly counted: number;
  /** External effects that happen, by key. */
  readonly effects: ReadonlyMap<string, { readonly action: string; undone: boolean }>;
  /** Places on the paths that lost a race: something may have happened there. */
  readonly maybe: ReadonlySet<string>;
  /** Ids of rows of the outbox. */
  readonly notes: ReadonlySet<string>;
  /** `<frame>:<element>:<visit>` of all that is entered. */
  readonly entered: ReadonlySet<string>;
  /** How often each signal is taken. */
  readonly signals: ReadonlyMap<string, number>;
}

/** Which of those that race at a place came first. */
export type Oracle = (place: string, racers: readonly Racer[]) => string;

export const signalPayload = 3;
export const answerPayload = 4;
export const eventPayload = 5;
export const skippedOutput = 6;

/** Interprets a run; `flows` by name. With `stamp` each save of a record is counted in it. */
export function interpret(
  run: string,
  flow: string,
  flows: ReadonlyMap<string, FlowDefinition>,
  oracle: Oracle,
): Expected {
  const model = new Model(run, flows, oracle);
  model.marks = { saves: 0 };
  const total = model.runFlow(flow, 'main');
  return { ...model, total };
}

interface Frame {
  readonly id: string;
  readonly flow: FlowDefinition;
  variables: Record<string, Json>;
  outputs: Record<string, Json>;
  readonly visits: Record<string, number>;
  loops: Record<string, number>;
}

type Row = Record<string, unknown>;
type Events = {
  name: string;
  signal?: string;
  event?: string;
  record?: Row;
  after?: string;
  next?: string;
}[];

/** A path that waits for what never comes. */
const parked = Symbol('parked');
const far = 'P3000D';

function toRacer(place: string, { name, signal, event }: Events[number]): Racer {
  if (signal !== undefined) return { name, place, on: 'signal', signal };
  return event === undefined ? { name, place, on: 'timer', event: name } : { name, place, on: 'event' };
}

class Model {
  marks: Record<string, Json> = {};
  counted = 0;
  readonly effects = new Map<string, { action: string; undone: boolean }>();
  readonly maybe = new Set<string>();
  notes = new Set<string>();
  readonly entered = new Set<string>();
  readonly signals = new Map<string, number>();
  readonly #run: string;
  readonly #flows: ReadonlyMap<string, FlowDefinition>;
  readonly #oracle: Oracle;
  /** As it was when the main path began to wait last. */
  #before: { marks: Record<string, Json>; notes: Set<string>; frame: Partial<Frame> } | undefined;

  constructor(run: string, flows: ReadonlyMap<string, FlowDefinition>, oracle: Oracle) {
    this.#run = run;
    this.#flows = flows;
    this.#oracle = oracle;
  }

  runFlow(name: string, id: string): number {
    const flow = this.#flows.get(name)!;
    const variables: Record<string, Json> = {};
    for (const [variable, { default: value }] of Object.entries(flow.variables ?? {}))
      variables[variable] = value ?? null;
    const frame: Frame = { id, flow, variables, outputs: {}, visits: {}, loops: {} };
    if (this.#path(frame, flow.start.next) === parked) throw new Error(`${name} waits for ever`);
    return frame.variables['total'] as number;
  }

  #path(frame: Frame, start: string | undefined): undefined | typeof parked {
    for (let at = start; at !== undefined; ) {
      const element = frame.flow.elements[at]!;
      const visit = (frame.visits[at] ?? 0) + 1;
      frame.visits[at] = visit;
      const place = `${frame.id}:${at}:${visit}`;
      this.entered.add(place);
      const next = this.#enter(frame, at, element, place, visit);
      if (next === parked) return parked;
      at = next;
    }
    return undefined;
  }

  #enter(
    frame: Frame,
    name: string,
    element: ElementDefinition,
    place: string,
    visit: number,
  ): string | undefined | typeof parked {
    const evaluate = (rule: unknown): Json => this.#evaluate(frame, rule);
    switch (element.type) {
      case 'assignment':
        for (const { target, value } of element['assignments'] as { target: string; value: Json }[])
          frame.variables[target] = (frame.variables[target] as number) + (evaluate(value) as number);
        return element.next;
      case 'decision': {
        const [outcome] = element['outcomes'] as { when: Row; next?: string }[];
        return evaluate(outcome!.when) === true ? outcome!.next : element.next;
      }
      case 'getRecords':
        frame.outputs[name] = { count: 0 };
        return element.next;
      case 'updateRecords': {
        const fields = element['fields'] as Row;
        if (this.#flows.has(stampFlow.name)) this.entered.add(stampPlace(frame.id, name, visit));
        if (element['id'] === 'shared') this.counted += 1;
        else {
          if (this.#flows.has(stampFlow.name)) this.marks['saves'] = (this.marks['saves'] as number) + 1;
          for (const [field, rule] of Object.entries(fields)) this.marks[field] = evaluate(rule);
        }
        return element.next;
      }
      case 'note':
        this.notes.add(`${this.#run}:${place}:1`);
        return element.next;
      case 'action':
        return this.#perform(frame, name, element, place);
      case 'question':
        this.#wait(frame);
        frame.outputs[name] = { n: answerPayload };
        return element.next;
      case 'wait':
        return this.#waitFor(frame, name, element['events'] as Events, place);
      case 'subflow':
        frame.outputs[name] = {
          total: this.runFlow(String(element['flow']), `${frame.id}/${name}.${visit}`),
        };
        return element.next;
      case 'loop': {
        const at = frame.loops[name] ?? 0;
        const items = evaluate(element['collection']) as readonly Json[];
        frame.loops = { ...frame.loops, [name]: at < items.length ? at + 1 : 0 };
        return at < items.length ? String(element['body']) : element.next;
      }
      case 'parallel':
        return this.#fork(frame, element, place);
      case 'compensate': {
        const left = [...this.effects.values()].filter(
          ({ action, undone }) => !undone && undoableActions.includes(action),
        );
        for (const effect of left) effect.undone = true;
        this.#wait(frame);
        frame.outputs[name] = { undone: left.length };
        return element.next;
      }
      default:
        throw new Error(`the model does not know ${element.type}`);
    }
  }

  #perform(frame: Frame, name: string, element: ElementDefinition, place: string): string | undefined {
    const action = String(element['action']);
    const input = element['input'] as { n: number; refuse?: boolean };
    if (action === 'fail') {
      // The segment is taken back to where the path waited last.
      const before = this.#before!;
      this.marks = before.marks;
      this.notes = before.notes;
      Object.assign(frame, before.frame);
      return element.onFault!.next;
    }
    if (externalActions.includes(action)) {
      this.#wait(frame);
      if (input.refuse === true) return element.onFault!.next;
      this.effects.set(`${this.#run}:${place}`, { action, undone: false });
    }
    frame.outputs[name] = { n: action === 'broken' ? skippedOutput : input.n };
    return element.next;
  }

  #waitFor(frame: Frame, name: string, events: Events, place: string): string | undefined | typeof parked {
    this.#wait(frame);
    const possible = events.filter(({ after }) => after !== far);
    const [first] = possible;
    if (first === undefined) {
      // Whether it comes to this before the others have ended is nobody's business.
      this.entered.delete(place);
      this.maybe.add(place);
      return parked;
    }
    const won =
      possible.length === 1
        ? first.name
        : this.#oracle(
            place,
            possible.map((event) => toRacer(place, event)),
          );
    const winner = possible.find(({ name: known }) => known === won) ?? first;
    if (winner.signal !== undefined)
      this.signals.set(winner.signal, (this.signals.get(winner.signal) ?? 0) + 1);
    frame.outputs[name] = { payload: { n: winner.event === undefined ? signalPayload : eventPayload } };
    return winner.next;
  }

  #fork(frame: Frame, element: ElementDefinition, place: string): string | undefined {
    const branches = element['branches'] as { name: string; start: string }[];
    if (element['join'] === 'any') {
      const racers = branches.map(({ name, start }): Racer => {
        const at = `${frame.id}:${start}:${(frame.visits[start] ?? 0) + 1}`;
        const [time] = (frame.flow.elements[start]?.['events'] ?? []) as Events;
        return time === undefined
          ? { name, place: at, on: 'effect' }
          : { name, place: at, on: 'timer', event: time.name };
      });
      // What waits for nothing has ended before the others begin to wait.
      const atOnce = branches.find(({ start }) => {
        const { type, action } = frame.flow.elements[start] as ElementDefinition & { action?: string };
        return type === 'action' && !externalActions.includes(action!);
      });
      const winner = atOnce?.name ?? this.#oracle(place, racers);
      for (const { name, start } of branches) {
        if (name === winner) this.#path(frame, start);
        else this.maybe.add(`${frame.id}:${start}:${(frame.visits[start] ?? 0) + 1}`);
        // The loser has been entered, too, if it came to that.
        if (name !== winner) frame.visits[start] = (frame.visits[start] ?? 0) + 1;
      }
      return element.next;
    }
    for (const { start } of branches) this.#path(frame, start);
    return element.next;
  }

  #wait(frame: Frame): void {
    const { variables, outputs, loops } = frame;
    this.#before = {
      marks: { ...this.marks },
      notes: new Set(this.notes),
      frame: { variables: { ...variables }, outputs: { ...outputs }, loops: { ...loops } },
    };
  }

  #evaluate(frame: Frame, rule: unknown): Json {
    if (rule === null || typeof rule !== 'object') return rule as Json;
    const [operator, operand] = Object.entries(rule)[0] as [string, unknown];
    if (operator === 'var') {
      const scope: Record<string, unknown> = {
        ...frame.variables,
        ...frame.outputs,
        $flow: { run: this.#run },
      };
      let value: unknown = scope;
      for (const part of String(operand).split('.')) value = (value as Row)[part];
      return value as Json;
    }
    const [left, ...rest] = (operand as unknown[]).map((part) => this.#evaluate(frame, part));
    if (operator === '+') return rest.reduce<number>((sum, part) => sum + (part as number), left as number);
    if (operator === '>') return (left as number) > (rest[0] as number);
    throw new Error(`the model does not know ${operator}`);
  }
}
