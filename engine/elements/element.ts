// The contract of an element type: data first, code beside it. Nothing outside elements/ asks what type an element is.
import type { CompiledChoice } from './choices.js';
import type { FlowDefinition, Json, Schema } from '../definition/flow.js';
import type { Expression, ExpressionCheck, ExpressionType } from '../expressions/index.js';
import type { Action } from '../actions/action.js';
import type { AssigneeKind } from '../ports/assignees.js';
import type { RecordsSession, RecordType } from '../ports/records.js';

/** A way out of an element. `target` undefined: the flow, or the branch, ends here. */
export interface Outlet {
  readonly name: string;
  readonly target: string | undefined;
  /** What the line on the canvas says. */
  readonly label?: string;
  /** Where the target stands in the element, for messages: `/outcomes/0/next`. */
  readonly pointer: string;
  /** The path from here has to come back to this element: the body of a loop. */
  readonly body?: true;
}

/** A branch of a parallel element: elements from `start` until an end. */
export interface Branch {
  readonly name: string;
  readonly start: string | undefined;
  readonly pointer: string;
  /** It has always ended when control leaves the element. */
  readonly awaited?: boolean;
}

/** What an element's output may depend on. */
export interface OutputSite {
  readonly flow: FlowDefinition;
  action(name: string): Action | undefined;
  record(type: string): RecordType | undefined;
  /** Outputs of a flow, as a schema of an object. */
  outputsOf(flow: string): Schema | undefined;
}

export interface ElementType<P = Readonly<Record<string, unknown>>> {
  readonly type: string;
  readonly title: string;
  readonly description: string;
  /** JSON Schema of the properties that this type adds; each property has a description and an example. */
  readonly schema: Schema;
  /** All ways out, but for `onFault`, which every element has. Both the graph check and the canvas ask this. */
  outlets(properties: P & { readonly next?: string }): readonly Outlet[];
  branches?(properties: P): readonly Branch[];
  /** It may have to wait, for a time, an event or a person; refused before a save. */
  readonly parks?: true;
  /** People answer it; from then on the run acts for whoever has answered last. */
  readonly asks?: true;
  /** It writes records or messages, or discards what was written; refused before a save. */
  readonly writes?: true;
  /** Schema of what expressions find under its name: `none` if nothing, undefined or left out if that isn't known. */
  output?(properties: P, at: OutputSite): Schema | 'none' | undefined;
  /** Whether one of its outcomes holds in any case, so that the path for none of them is never taken. */
  exhaustive?(properties: P, flow: FlowDefinition): boolean;
  /** One line that says what it does, in words. */
  summary(properties: P): string;
  /** Prepares the element once a version; problems go to `at.report`, all of them. */
  compile(properties: P, at: CompileSite): Behaviour;
}

/** What an element can ask while it is compiled. */
export interface CompileSite {
  readonly name: string;
  readonly flow: FlowDefinition;
  /**
   * A rule or a condition list at a pointer below the element; what is wrong with it is reported. `told`: it is decided
   * when a signal or an event has come, whose content it finds under `$event`, of that schema.
   */
  expression(rule: unknown, pointer: string, told?: Schema): Expression;
  /** A rule or a condition list by which something is decided; as `expression`. */
  condition(rule: unknown, pointer: string, told?: Schema): Expression;
  /** Text with merge fields. */
  text(template: string, pointer: string): Expression;
  /** An expression that was checked elsewhere; what is wrong with it is reported. */
  check(result: ExpressionCheck): Expression;
  /**
   * A variable of the flow that is assigned to, `path` as in `order.note`, and the value if it replaces what was there;
   * reported if they don't fit. In a before-save flow also a field of the record, `$record.note`. Answers the schema of what
   * is assigned to, if that is known.
   */
  target(path: string, pointer: string, value?: Expression): Schema | undefined;
  action(name: string, pointer: string, inputs?: GivenInputs): Action | undefined;
  /** A flow that the element calls; runs pin its version when they start. */
  calls(flow: string, pointer: string, inputs?: GivenInputs): void;
  /** A template and the variables that it is given. Absent where templates aren't checked. */
  template?(name: string, pointer: string, variables: GivenInputs): void;
  /** A record type, and what is done with records of it; they are read if left out. Absent where record types aren't checked. */
  record?(type: string, pointer: string, use?: keyof RecordType['permissions']): void;
  /** Fields that a new record of a type is given; a warning where it lacks one that is required. As `record`. */
  newRecord?(type: string, pointer: string, fields: readonly string[]): void;
  /** A field of records of a type, and what it is set to or compared with; answers its schema, if that is known. As `record`. */
  field?(type: string, field: string, pointer: string, value?: Expression): Schema | undefined;
  /**
   * Examines a value that is the same whenever the flow runs; `wrong` says what is wrong with it. Of any other it is looked at
   * whether it is of one of the types. Absent where values aren't checked.
   */
  constant?(
    value: Expression,
    pointer: string,
    expected: string,
    wrong: (value: Json) => string | undefined,
    types?: readonly ExpressionType[],
  ): void;
  /** A property that nothing reads beside others that are there. As `constant`. */
  useless?(pointer: string, why: string): void;
  /** Whom work is given to. Absent where that isn't checked. */
  assignee?(kind: AssigneeKind, name: Expression, pointer: string): void;
  /** A signal that the element waits for. Absent where that isn't checked. */
  signal?(name: string, pointer: string): void;
  /** What is allowed and probably a mistake. Absent where only mistakes count. */
  warn?(problem: CompileProblem): void;
  /** Choices of the flow by name; undefined if it has none of that name, which is reported. */
  choice(name: string, pointer: string): CompiledChoice | undefined;
  /** Validates a value known at save against a schema, and at run time through what it answers. */
  validator(schema: Schema, pointer: string): (value: unknown) => readonly SchemaProblem[];
  report(problem: CompileProblem): void;
}

/** Values that are handed over by name; `pointer` is below the element. */
export interface GivenInputs {
  readonly pointer: string;
  readonly values: Readonly<Record<string, Expression>>;
}

export interface SchemaProblem {
  readonly pointer: string;
  readonly detail: string;
}

export interface CompileProblem {
  /** `flow.*`, in the catalogue of the definition room. */
  readonly code: string;
  readonly pointer: string;
  readonly detail: string;
  readonly expected: string;
  readonly didYouMean?: string;
}

/** A compiled element. Pure but for what it does through the visit; everything it may read is in there. */
export interface Behaviour {
  enter(visit: Visit): Outcome | Promise<Outcome>;
  /** Called for a parked element when something it waits for has come. */
  resume?(visit: Visit, event: ActivityEvent): Outcome | Promise<Outcome>;
}

/** What happens next. */
export type Outcome =
  /** Leaves by an outlet. */
  | { readonly kind: 'go'; readonly outlet: string }
  /** Stays until one of the waits comes. */
  | { readonly kind: 'park'; readonly waits: readonly Wait[] }
  /** Stays, and goes on waiting for what it waits for. `because`: what went wrong, for the log. */
  | { readonly kind: 'stay'; readonly because?: string }
  /** Stays until the external action has answered: an intent first, the call after its commit. */
  | { readonly kind: 'perform'; readonly action: string; readonly input: Json }
  /** Stays until the called flow has ended. */
  | { readonly kind: 'call'; readonly flow: string; readonly input: Readonly<Record<string, Json>> }
  /** Begins all branches; stays until they are joined. */
  | { readonly kind: 'fork' }
  /** Ends the flow here, whatever else is under way in it. */
  | { readonly kind: 'end' }
  /** Undoes what this run has done outside, last first; stays until that is done: `compensated`. */
  | { readonly kind: 'compensate' }
  /** Discards the segment's record writes and goes on. */
  | { readonly kind: 'rollBack'; readonly outlet: string };

export type Wait =
  /** `at`: instant, ISO 8601 in UTC. `name` tells several apart. */
  | { readonly kind: 'timer'; readonly name: string; readonly at: string }
  | { readonly kind: 'signal'; readonly name: string; readonly signal: string }
  /** An event that is told to all who wait for it; with a key only those of that key. */
  | { readonly kind: 'event'; readonly name: string; readonly event: string; readonly key?: string }
  /** Looked at again whenever the record changes. */
  | { readonly kind: 'record'; readonly name: string; readonly record: string; readonly id: string }
  /** An answer from a person: a screen, a task, an approval; `form` is what is shown and validated. */
  | { readonly kind: 'answer'; readonly name: string; readonly form: Json };

export type ActivityEvent =
  | { readonly kind: 'timer'; readonly name: string }
  | { readonly kind: 'signal'; readonly name: string; readonly payload: Json }
  /** One whose element stays, in every place that waits for it, has not been taken. */
  | { readonly kind: 'event'; readonly name: string; readonly payload: Json }
  /** `record` and `id`: what the wait was begun for. */
  | { readonly kind: 'record'; readonly name: string; readonly record: string; readonly id: string }
  | {
      readonly kind: 'answer';
      readonly name: string;
      readonly by: string;
      /** Where it is known, who that is. */
      readonly user?: {
        readonly person?: string;
        readonly groups?: readonly string[];
        readonly queues?: readonly string[];
      };
      readonly payload: Json;
    }
  /** The external action's answer. */
  | { readonly kind: 'outcome'; readonly output: Json }
  /** The called flow's outputs. */
  | { readonly kind: 'returned'; readonly output: Readonly<Record<string, Json>> }
  /** `failed` of the effects could not be undone. */
  | { readonly kind: 'compensated'; readonly undone: number; readonly failed: number }
  /** A branch has ended; `ended` branches have by now. */
  | { readonly kind: 'branchEnded'; readonly branch: string; readonly ended: number };

/** One time that control is at an element: what it may see and do. */
export interface Visit {
  readonly element: string;
  /** 1 for the first time in this frame. */
  readonly number: number;
  /** No other visit has it, of this or another run; the same when the segment is run again. */
  readonly key: string;
  /** Fixed for the segment. ISO 8601 in UTC. */
  readonly now: string;
  readonly records: RecordsSession;
  /** The user the run acts for. */
  readonly user: Readonly<{ id: string; [property: string]: Json }>;
  /** Who started the run: the person, where a program did. */
  readonly starter: string;
  /** Whether work can be given to somebody of this name. */
  assigneeExists(kind: AssigneeKind, name: string): Promise<boolean>;
  /** Whether a user may do now what is given to somebody. */
  assigneeIncludes(kind: AssigneeKind, name: string, user: string): Promise<boolean>;
  evaluate(expression: Expression): Json;
  /** As `evaluate`, with the truth table written to the journal; `told` is what it finds under `$event`. */
  decide(expression: Expression, told?: Json): boolean;
  /** The value at a path of a variable. */
  variable(path: string): Json | undefined;
  /** Sets a variable or a part of it, or a field of the record before its save. @throws {RecourseError} `run.variable-invalid` against its schema. */
  assign(path: string, value: Json): void;
  /** What expressions find under this element's name. */
  output(value: Json): void;
  /** Kept for this element from one visit to the next, for the life of the frame. */
  readonly memory: { get(): Json | undefined; set(value: Json | undefined): void };
  /** Runs an action of effect pure, records or query now. */
  perform(action: string, input: Json): Promise<Json>;
  /** A row of the outbox, written with the segment. Delivered at least once, in order per key. */
  emit(row: { readonly topic: string; readonly key: string; readonly payload: Json }): void;
}
