// A frame at work in a segment: its control, and the scope that its expressions see.
import type { CompiledFlow } from '../compile/compile-flow.js';
import { Control, type StateValue } from '../compile/machine.js';
import type { Json } from '../definition/flow.js';
import { RecourseError } from '../errors/recourse-error.js';
import type { Expression, Scope, TruthOperand } from '../expressions/index.js';
import { runErrors, toErrorProblems } from './run-errors.js';
import type { Frame } from './run-state.js';

/** What all frames of a segment see alike. */
export interface Globals {
  readonly now: string;
  readonly user: Json;
  readonly permission: Json;
  readonly run: { readonly id: string; readonly startedAt: string };
  readonly calendars: Readonly<Record<string, unknown>>;
  readonly record: () => Json;
  readonly recordPrior: Json | undefined;
  /** Before a save: sets what is saved. */
  readonly setRecord?: (value: Json) => void;
  /** What the event told that started the run. */
  readonly event?: Json | undefined;
}

/** What an expression sees of a flow. */
interface Sight {
  readonly flow: CompiledFlow;
  /** First names of what it reads, formulas included; undefined: all of them. */
  readonly names: ReadonlySet<string> | undefined;
  /** The formulas that it reads, directly or not, in an order in which they can be evaluated. */
  readonly formulas: readonly string[];
}

const sights = new WeakMap<Expression, Sight>();

export class FrameContext {
  readonly frame: Frame;
  readonly flow: CompiledFlow;
  readonly control: Control;
  /** The element of the calling frame. */
  readonly caller: { readonly context: FrameContext; readonly element: string } | undefined;
  /** It acts with all rights: its flow is in system mode, and so are all that call it. */
  readonly systemMode: boolean;
  readonly #globals: Globals;
  readonly #stages: readonly string[];
  readonly #permission: Json;

  constructor(frame: Frame, flow: CompiledFlow, globals: Globals, caller?: FrameContext['caller']) {
    this.frame = frame;
    this.flow = flow;
    this.control = new Control(flow.machine, frame.value as StateValue | undefined);
    this.caller = caller;
    this.systemMode = flow.systemMode && (caller === undefined || caller.context.systemMode);
    this.#globals = globals;
    this.#permission = toPermissions(globals.permission, flow.reads);
    this.#stages = (flow.definition.stages ?? []).map(({ name }) => name);
  }

  evaluate(expression: Expression): Json {
    return this.#seeing(expression, (scope) => expression.evaluate(scope)).value as Json;
  }

  /** `told`: what it finds under `$event` instead of what has started the run. */
  evaluateWithTruth(expression: Expression, told?: Json): { value: unknown; truth: TruthOperand } {
    return this.#seeing(expression, (scope) => expression.evaluateWithTruth(scope), told);
  }

  #seeing<T>(expression: Expression, evaluate: (scope: Scope) => T, told = this.#globals.event): T {
    const sight = this.#sightOf(expression);
    try {
      return evaluate(this.#scope(sight, told));
    } catch (error) {
      const isUnknown = error instanceof RecourseError && error.code === 'expression.variable-unknown';
      if (!isUnknown || sight.names === undefined) throw error;
      // Once more for the error alone: what may have been meant is found among all names.
      return evaluate(this.#scope({ ...sight, names: undefined }, told));
    }
  }

  variable(path: string): Json | undefined {
    const [root = '', ...rest] = path.split('.');
    let current = root === '$record' ? this.#globals.record() : partOf(this.frame.variables, root);
    for (const name of rest) current = partOf(current, name);
    return current;
  }

  /** @throws {RecourseError} `run.variable-invalid` */
  assign(path: string, value: Json): void {
    const [name, ...rest] = path.split('.') as [string, ...string[]];
    if (name === '$record') {
      this.#setField(rest, value, path);
      return;
    }
    const variable = this.flow.variables.get(name);
    if (variable === undefined) {
      throw runErrors.error('variable-invalid', `${this.flow.definition.name} has no variable ${name}`);
    }
    const whole = withPart(this.frame.variables[name] ?? null, rest, value, path);
    const problems = variable.check(whole);
    if (problems.length > 0) {
      throw runErrors.error('variable-invalid', `${path}: ${problems[0]?.detail ?? 'is not valid'}`, {
        problems: toErrorProblems(problems, 'run.variable-invalid'),
        data: { variable: name },
      });
    }
    this.frame.variables[name] = whole;
  }

  /** Sets a field of the record that is about to be saved. Whether it is valid is known when it is saved. */
  #setField(field: readonly string[], value: Json, path: string): void {
    const { record, setRecord } = this.#globals;
    const before = record();
    if (setRecord === undefined || before === null || field.length === 0 || field[0] === 'id') {
      throw runErrors.error(
        'variable-invalid',
        `${path}: only fields of a record before its save can be set`,
      );
    }
    setRecord(withPart(before, field, value, path));
  }

  /** Of variables and outputs only those that are read: making the whole scope takes longer than most expressions. */
  #scope({ names, formulas }: Sight, told: Json | undefined): Record<string, unknown> {
    const { now, user, calendars, recordPrior } = this.#globals;
    const scope: Record<string, unknown> = {
      $now: now,
      $user: user,
      $permission: this.#permission,
      $calendar: calendars,
      $error: this.frame.error ?? null,
      $event: told ?? null,
      $visits: this.frame.visits,
    };
    if (this.flow.readsRecord) {
      scope['$record'] = this.#globals.record();
      scope['$recordPrior'] = recordPrior ?? null;
    }
    if (names === undefined || names.has('$flow')) scope['$flow'] = this.#toFlow();
    const { outputs, variables } = this.frame;
    const { constants = {} } = this.flow.definition;
    if (names === undefined) Object.assign(scope, constants, variables, outputs);
    else
      for (const name of names) {
        if (Object.hasOwn(outputs, name)) scope[name] = outputs[name];
        else if (Object.hasOwn(variables, name)) scope[name] = variables[name];
        else if (Object.hasOwn(constants, name)) scope[name] = constants[name];
      }
    for (const name of formulas) scope[name] = this.flow.formulas.get(name)!.evaluate(scope).value;
    return scope;
  }

  #toFlow(): Record<string, unknown> {
    const { definition } = this.flow;
    const { run } = this.#globals;
    const { flow, visits, errors = {}, stage = null } = this.frame;
    return {
      name: definition.name,
      version: flow.version,
      run: run.id,
      startedAt: run.startedAt,
      visited: Object.keys(visits),
      errors,
      stage,
      stages: this.#stages,
    };
  }

  #sightOf(expression: Expression): Sight {
    const known = sights.get(expression);
    // An element from outside may evaluate one expression in many flows.
    if (known?.flow === this.flow) return known;
    const { formulas } = this.flow;
    const names = new Set<string>();
    let seesAll = false;
    const visit = ({ reads, readsMore, sees, seesAll: seesMore }: Expression): void => {
      seesAll ||= readsMore || seesMore;
      for (const name of sees) names.add(name);
      const read = readsMore ? [...formulas.keys()] : reads.map(({ path }) => path.split('.')[0] ?? '');
      for (const name of read) {
        if (names.has(name)) continue;
        names.add(name);
        const formula = formulas.get(name);
        if (formula !== undefined) visit(formula);
      }
    };
    visit(expression);
    const sight = {
      flow: this.flow,
      names: seesAll || names.has('') ? undefined : names,
      formulas: [...formulas.keys()].filter((name) => names.has(name)),
    };
    sights.set(expression, sight);
    return sight;
  }
}

const permissionRead = /^\$permission\.(.+)$/;

/** Permissions by name and by path, as in `$permission.orders.cancel`; false where a flow asks for one that the user lacks. */
function toPermissions(held: Json, reads: CompiledFlow['reads']): Json {
  const all: Record<string, Json> = { ...(held as Record<string, Json>) };
  for (const { path } of reads) {
    const name = permissionRead.exec(path)?.[1];
    if (name === undefined) continue;
    const isHeld = partOf(held, name) === true;
    all[name] = isHeld;
    place(all, name.split('.'), isHeld);
  }
  return all;
}

function place(object: Record<string, Json>, [name = '', ...rest]: readonly string[], value: boolean): void {
  if (rest.length === 0) object[name] = value;
  else {
    const part = partOf(object, name);
    const inner = typeof part === 'object' && part !== null ? (part as Record<string, Json>) : {};
    object[name] = inner;
    place(inner, rest, value);
  }
}

function partOf(value: Json | undefined, name: string): Json | undefined {
  if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, Json>)[name];
}

function withPart(whole: Json, path: readonly string[], value: Json, full: string): Json {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  if (Array.isArray(whole)) {
    const index = Number(name);
    if (!Number.isInteger(index) || index < 0 || index >= whole.length) {
      throw runErrors.error('variable-invalid', `${full}: there is no item ${name}`);
    }
    return whole.with(index, withPart(whole[index] ?? null, rest, value, full));
  }
  if (whole !== null && typeof whole !== 'object') {
    throw runErrors.error('variable-invalid', `${full}: ${name} is no part of a ${typeof whole}`);
  }
  if (name === '__proto__') throw runErrors.error('variable-invalid', `${full}: not a name`);
  const object = (whole ?? {}) as Record<string, Json>;
  const part = Object.hasOwn(object, name) ? (object[name] ?? null) : null;
  return { ...object, [name]: withPart(part, rest, value, full) };
}
