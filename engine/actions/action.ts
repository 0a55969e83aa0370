// The contract of an action: what a flow may do beyond its own variables. Registered explicitly when the engine is made.
import type { Json, RetryDefinition, Schema } from '../definition/flow.js';
import type { RecordsSession } from '../ports/records.js';

/**
 * - `pure`: computes only.
 * - `records`: reads and writes records, in the segment's unit.
 * - `query`: asks the outside and changes nothing; may be asked again freely; the only effect of a preview.
 * - `external`: changes something outside: committed as an intent before it is made.
 */
export type Effect = 'pure' | 'records' | 'query' | 'external';

/**
 * After a crash, a time-out or a lost lease an external action is
 * - `keyed`: sent again under the same idempotency key, within `keyLifetimeMs` of its first attempt;
 * - `ask`: looked up by our reference first;
 * - `never` repeated: an operator says whether it happened.
 */
export type Repeat = 'keyed' | 'ask' | 'never';

export interface Action {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** What whoever the run acts for must be allowed, beyond what starting the flow needs. */
  readonly permission?: string;
  readonly input: Schema;
  readonly output: Schema;
  readonly effect: Effect;
  /** Required of external actions. */
  readonly repeat?: Repeat;
  /** `keyed`: how long the other side remembers the key. */
  readonly keyLifetimeMs?: number;
  /** How long a call may take before it counts as lost. */
  readonly timeoutMs?: number;
  readonly retry?: RetryDefinition;
  perform(call: ActionCall): Promise<Json>;
  /** `ask`: what became of the call with this reference; undefined if it never arrived. */
  lookUp?(call: ActionCall): Promise<Json | undefined>;
  /** Undoes a call that was made; required of what moves money or goods, or a reason why it can't be. */
  readonly undo?:
    | ((call: ActionCall & { readonly output: Json }) => Promise<Json>)
    | { readonly none: string };
}

export interface ActionCall {
  readonly input: Json;
  /** Stable over all attempts of one visit: `<run>:<frame>:<element>:<visit>`. */
  readonly key: string;
  /** 1 for the first. */
  readonly attempt: number;
  readonly run: string;
  /** Instant, ISO 8601 in UTC. */
  readonly now: string;
  readonly user: Readonly<{ id: string; [property: string]: Json }>;
  /** `records` actions only. */
  readonly records?: RecordsSession;
  /** Aborted when the time is over. */
  readonly signal: AbortSignal;
}
