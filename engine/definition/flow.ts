// What a flow file says. One JSON document a flow; `flow.schema.json` is generated from the elements and describes
// the same shapes for editors.
import type { Filter } from '../elements/record-filters.js';
import type { RecordQuery } from '../ports/records.js';

/** JSON, as flows, variables and journals hold it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** A JSON Schema (2020-12). */
export type Schema = { readonly [keyword: string]: unknown };

/** A JsonLogic rule, or a condition list (`{ conditions, logic }`). */
export type Rule = unknown;

export interface FlowDefinition {
  /** Version of this format. */
  readonly format: 1;
  /** Kebab-case, unique among the flows. */
  readonly name: string;
  readonly label: string;
  readonly description?: string;
  /** What lists call a run of it: text with merge fields over its inputs and `$record`, as they are when it starts. */
  readonly runLabel?: string;
  readonly start: StartDefinition;
  /** Whose rights the flow acts with; `user` if left out. System mode needs a permission and a reason. */
  readonly mode?: 'user' | { readonly system: { readonly reason: string } };
  readonly timeZone?: string;
  readonly variables?: Readonly<Record<string, VariableDefinition>>;
  readonly constants?: Readonly<Record<string, Json>>;
  /** Evaluated at each reference. */
  readonly formulas?: Readonly<Record<string, { readonly expression: Rule; readonly description?: string }>>;
  /** Text with merge fields, `Hello {{customer.name}}`. */
  readonly texts?: Readonly<Record<string, string>>;
  readonly choices?: Readonly<Record<string, ChoiceDefinition>>;
  readonly stages?: readonly { readonly name: string; readonly label: string }[];
  /** Named events from outside that a wait can take. */
  readonly signals?: Readonly<Record<string, SignalDefinition>>;
  readonly elements: Readonly<Record<string, ElementDefinition>>;
}

export interface VariableDefinition {
  readonly schema: Schema;
  readonly description?: string;
  /** Given at the start; required there unless it has a default. */
  readonly input?: boolean;
  /** Part of what the run answers at its end. */
  readonly output?: boolean;
  readonly default?: Json;
}

export interface SignalDefinition {
  readonly schema: Schema;
  readonly description?: string;
  /** Kept until a wait takes it; else a signal that nothing waits for is refused. */
  readonly buffered?: boolean;
}

export type ChoiceDefinition = SingleChoice | RecordChoices | ItemChoices;

export interface SingleChoice {
  readonly label: string;
  readonly value: Json;
  /** What is asked for beside it when it is chosen. */
  readonly userInput?: { readonly label: string; readonly schema: Schema; readonly required?: boolean };
}

/** Choices that are looked up. */
export interface ChoiceSet {
  /** Fields of the record or item. */
  readonly label: string;
  readonly value: string;
  /** 200 if left out. */
  readonly limit?: number;
  /** Made when a field that offers them is answered. */
  readonly assignments?: readonly ChoiceAssignment[];
}

/** A variable that takes a field of what is chosen, or null. */
export interface ChoiceAssignment {
  readonly target: string;
  readonly field: string;
}

export interface RecordChoices extends ChoiceSet {
  readonly record: string;
  readonly where?: readonly Filter[];
  readonly logic?: string;
  readonly sort?: RecordQuery['sort'];
}

export interface ItemChoices extends ChoiceSet {
  /** The list. */
  readonly collection: Rule;
}

export interface StartDefinition {
  readonly trigger: Trigger;
  /** All must hold; each says why the flow does not apply when it doesn't. */
  readonly conditions?: readonly { readonly when: Rule; readonly otherwise: string }[];
  /** The first element; absent: the flow ends at once. */
  readonly next?: string;
}

export type Trigger =
  | {
      readonly type: 'action';
      /** Record type that the flow acts on; its record is `$record`. */
      readonly record?: string;
      /** Permission that starting it needs. */
      readonly permission?: string;
      /** Also while the record is on hold; for flows that look after holds. */
      readonly whileHeld?: boolean;
    }
  | {
      readonly type: 'recordChange';
      readonly record: string;
      readonly on: readonly ('create' | 'update' | 'delete')[];
      readonly when?: Rule;
      /** Only when `when` did not hold before the change. */
      readonly newlyTrue?: boolean;
      /** Before the save: may set fields of `$record` and refuse the save; may not wait, act outside or write anything else. */
      readonly before?: boolean;
      /** Of flows before the save: 1 to 2000, lowest first; one without stands between 1000 and 1001. */
      readonly order?: number;
    }
  | { readonly type: 'schedule'; readonly cron: string; readonly timeZone?: string }
  | { readonly type: 'event'; readonly event: string; readonly when?: Rule };

/** What every element has; each type adds its own properties. */
export interface ElementDefinition {
  readonly type: string;
  readonly label: string;
  readonly description?: string;
  /** Name of the stage that the flow is in from here on. */
  readonly stage?: string;
  /** The element after this one; absent: the flow, or the branch of a parallel element, ends here. */
  readonly next?: string;
  readonly onFault?: FaultDefinition;
  readonly retry?: RetryDefinition;
  readonly [property: string]: unknown;
}

/** Where a fault leads. The error is `$error` there. */
export interface FaultDefinition {
  readonly next: string;
  /** Discards what the segment wrote before, and what this branch has assigned in it; else both stay. */
  readonly rollBack?: boolean;
}

export interface RetryDefinition {
  /** Attempts in all. */
  readonly attempts: number;
  /** Wait before the second attempt, in milliseconds. */
  readonly delayMs: number;
  /** Factor from one wait to the next; 2 if left out. */
  readonly factor?: number;
  readonly delayMsMax?: number;
  /** Share of a wait that is random, 0 to 1; 0.2 if left out. */
  readonly jitter?: number;
  /** Codes of errors to try again on; all retryable ones if left out. */
  readonly codes?: readonly string[];
}
