// Faults that the simulator was told to have, and what each does to a request.

/** Whether the request is executed, and how it is answered. */
interface Behaviour {
  /** `before`: the answer comes instead of doing it. `after`: it is done, then answered so. */
  readonly when: 'before' | 'after';
  readonly answer:
    | 'none'
    | 'reset'
    | 'error'
    | 'unavailable'
    | 'rate-limit'
    | 'redirect'
    | 'refusal'
    | 'cut'
    | 'not-json'
    | 'other-object'
    | 'huge'
    | 'twice'
    | 'usual';
  /** Waits `delayMs` before doing it, or before answering. */
  readonly waits?: 'before' | 'after';
  /** What is kept under the key: the right answer, nothing, or the faulty one. */
  readonly keeps?: 'nothing' | 'fault';
}

const behaviours = {
  decline: { when: 'before', answer: 'refusal', keeps: 'fault' },
  'timeout-before': { when: 'before', answer: 'none' },
  'timeout-after': { when: 'after', answer: 'none' },
  'reset-before': { when: 'before', answer: 'reset' },
  'reset-after': { when: 'after', answer: 'reset' },
  'error-before': { when: 'before', answer: 'error' },
  'error-after': { when: 'after', answer: 'error' },
  /** As Stripe does it: the 500 is kept, and answered for ever under the key. */
  'error-kept': { when: 'after', answer: 'error', keeps: 'fault' },
  unavailable: { when: 'before', answer: 'unavailable' },
  'rate-limit': { when: 'before', answer: 'rate-limit' },
  redirect: { when: 'before', answer: 'redirect' },
  'late-doing': { when: 'after', answer: 'usual', waits: 'before' },
  'late-answer': { when: 'after', answer: 'usual', waits: 'after' },
  twice: { when: 'after', answer: 'twice' },
  cut: { when: 'after', answer: 'cut' },
  'not-json': { when: 'after', answer: 'not-json' },
  'other-object': { when: 'after', answer: 'other-object' },
  huge: { when: 'after', answer: 'huge' },
  'forget-key': { when: 'after', answer: 'usual', keeps: 'nothing' },
} as const satisfies Record<string, Behaviour>;

export type FaultKind = keyof typeof behaviours;
export const faultKinds = Object.keys(behaviours) as FaultKind[];
export const isFaultKind = (value: unknown): value is FaultKind =>
  typeof value === 'string' && Object.hasOwn(behaviours, value);

export const callKinds = [
  'authorize',
  'capture',
  'release',
  'refund',
  'status',
  'search',
  'refunds',
] as const;
export type CallKind = (typeof callKinds)[number];

export interface FaultPlan {
  readonly fault: FaultKind;
  readonly call: CallKind | '*';
  /** How many requests it meets. */
  readonly times: number;
  /** Lets so many requests pass first. */
  readonly skip: number;
  readonly delayMs: number;
  readonly decline?: string;
}

export interface ActiveFault extends Behaviour {
  readonly fault: FaultKind;
  readonly delayMs: number;
  readonly decline?: string;
}

export const plansMax = 1_000;
const delayMsDefault = 1_000;

export const toFault = (
  fault: FaultKind,
  more: { delayMs?: number; decline?: string } = {},
): ActiveFault => ({
  fault,
  delayMs: delayMsDefault,
  ...behaviours[fault],
  ...more,
});

/** Plans, each used up by the requests that it meets; the oldest first. */
export class FaultPlans {
  #plans: FaultPlan[] = [];

  /** False when there are too many already. */
  add(plan: FaultPlan): boolean {
    if (this.#plans.length >= plansMax) return false;
    this.#plans.push(plan);
    return true;
  }

  clear(): void {
    this.#plans = [];
  }

  /** The fault of this request, if it is to have one. */
  take(call: CallKind): ActiveFault | undefined {
    const at = this.#plans.findIndex((plan) => plan.call === call || plan.call === '*');
    const plan = this.#plans[at];
    if (plan === undefined) return undefined;
    if (plan.skip > 0) {
      this.#plans[at] = { ...plan, skip: plan.skip - 1 };
      return undefined;
    }
    if (plan.times > 1) this.#plans[at] = { ...plan, times: plan.times - 1 };
    else this.#plans.splice(at, 1);
    const { fault, delayMs, decline } = plan;
    return toFault(fault, { delayMs, ...(decline === undefined ? {} : { decline }) });
  }
}
