// Work that people do outside the flow's own screens: who may do it, until when, and what happens if nobody does.
import type { Json, Rule, Schema } from '../definition/flow.js';
import { defineErrors } from '../errors/catalogue.js';
import type { Expression } from '../expressions/index.js';
import { compileDuration, instantAfter } from './durations.js';
import type { ActivityEvent, CompileSite, Visit, Wait } from './element.js';
import { ownOf, refuse, toObject, type Values } from './form-fields.js';
import { type AssigneeKind, assigneeKinds } from '../ports/assignees.js';
import { nameSchema, ruleSchema } from './rule-schema.js';

/** Exactly one of them. */
export interface Assignee {
  readonly user?: Rule;
  readonly group?: Rule;
  readonly queue?: Rule;
}

export interface HumanWork {
  readonly subject: string;
  readonly instructions?: string;
  readonly assignee: Assignee;
  readonly due?: Rule;
  readonly late?: string;
  readonly escalation?: { readonly after: Rule; readonly to: Assignee };
  readonly fourEyes?: boolean;
}

export const workErrors = defineErrors('work', {
  'assignee-invalid': {
    status: 422,
    title: 'Work for nobody',
    who: 'caller',
    retryable: false,
    remedy: 'Have the rule give the name of a user, a group or a queue.',
  },
  'assignee-unknown': {
    status: 422,
    title: 'Work for somebody who is not there',
    who: 'operator',
    retryable: false,
    remedy: 'Make the user, or a role of the name of the group or queue, and retry; or correct the flow.',
  },
});

const assigneeSchema = (description: string): Schema => ({
  type: 'object',
  description,
  examples: [{ queue: 'returns' }],
  properties: {
    user: ruleSchema('Id of a user.', 'ada'),
    group: ruleSchema('Name of a group; one of them claims it.', 'supervisors'),
    queue: ruleSchema('Name of a queue; whoever works on it claims it.', 'returns'),
  },
  minProperties: 1,
  maxProperties: 1,
  additionalProperties: false,
});

export const humanWorkProperties: Readonly<Record<string, Schema>> = {
  subject: {
    type: 'string',
    minLength: 1,
    maxLength: 200,
    description: 'What is to be done, in a line; text with merge fields.',
    examples: ['Check the parcel of {{order}}'],
  },
  instructions: {
    type: 'string',
    maxLength: 20_000,
    description: 'How; text with merge fields.',
    examples: ['Photograph what is broken.'],
  },
  assignee: assigneeSchema('Who does it.'),
  due: ruleSchema('Duration from now in which it should be done.', 'P2D'),
  late: nameSchema(
    'The element that follows when it is due and not done; without it the work stays where it is.',
    'remind',
  ),
  escalation: {
    type: 'object',
    description: 'Goes to somebody else when it is not done in time.',
    examples: [{ after: 'P1D', to: { group: 'supervisors' } }],
    properties: {
      after: ruleSchema('Duration from now.', 'P1D'),
      to: assigneeSchema('Who gets it then.'),
    },
    required: ['after', 'to'],
    additionalProperties: false,
  },
  fourEyes: {
    type: 'boolean',
    description: 'Nobody may do it for a run that they started themselves.',
    examples: [true],
  },
};

/** Answers that only say who does the work. */
export const claimNames: ReadonlySet<string> = new Set(['claim', 'release']);

/** What is kept while the work is open. */
interface WorkState {
  readonly assignee: { readonly kind: AssigneeKind; readonly name: string };
  readonly claimedBy: string | null;
  readonly dueAt: string | null;
  readonly escalateAt: string | null;
  readonly isLate: boolean;
  readonly done: Json;
}

interface CompiledAssignee {
  readonly kind: AssigneeKind;
  readonly name: Expression;
}

/** The part of tasks and approvals that is alike: claiming, times, who may answer. */
export class Work {
  readonly #properties: HumanWork;
  readonly #zone: string;
  readonly #subject: Expression;
  readonly #instructions: Expression | undefined;
  readonly #assignee: CompiledAssignee;
  readonly #due: Expression | undefined;
  readonly #escalation: { readonly after: Expression; readonly to: CompiledAssignee } | undefined;

  constructor(properties: HumanWork, at: CompileSite) {
    const { subject, instructions, assignee, due, late, escalation } = properties;
    this.#properties = properties;
    this.#zone = at.flow.timeZone ?? 'UTC';
    this.#subject = at.text(subject, '/subject');
    this.#instructions = instructions === undefined ? undefined : at.text(instructions, '/instructions');
    this.#assignee = compileAssignee(assignee, '/assignee', at);
    this.#due = due === undefined ? undefined : compileDuration(due, '/due', at);
    if (late !== undefined && due === undefined) at.useless?.('/late', 'without due it is never late');
    this.#escalation =
      escalation === undefined
        ? undefined
        : {
            after: compileDuration(escalation.after, '/escalation/after', at),
            to: compileAssignee(escalation.to, '/escalation/to', at),
          };
  }

  /** @throws {RecourseError} `work.assignee-invalid`, `work.assignee-unknown` */
  async begin(visit: Visit): Promise<WorkState> {
    const state: WorkState = {
      assignee: await toAssignee(this.#assignee, visit),
      claimedBy: null,
      dueAt: this.#due === undefined ? null : this.#after(this.#due, visit),
      escalateAt: this.#escalation === undefined ? null : this.#after(this.#escalation.after, visit),
      isLate: false,
      done: [],
    };
    this.#keep(visit, state);
    return state;
  }

  state(visit: Visit): WorkState {
    return visit.memory.get() as unknown as WorkState;
  }

  /** Waits for what can be done with the work now. */
  waits(visit: Visit, more: Values): readonly Wait[] {
    const { assignee, claimedBy, dueAt, escalateAt, isLate } = this.state(visit);
    const form: Json = {
      subject: visit.evaluate(this.#subject),
      ...(this.#instructions === undefined ? {} : { instructions: visit.evaluate(this.#instructions) }),
      assignee,
      claimedBy,
      dueAt,
      isLate,
      ...more,
    };
    const names =
      assignee.kind === 'user' ? ['answer'] : claimedBy === null ? ['claim'] : ['answer', 'release', 'claim'];
    return [
      ...names.map((name): Wait => ({ kind: 'answer', name, form })),
      ...(dueAt === null || isLate ? [] : [{ kind: 'timer', name: 'due', at: dueAt } as const]),
      ...(escalateAt === null ? [] : [{ kind: 'timer', name: 'escalation', at: escalateAt } as const]),
    ];
  }

  /** Whether it leaves by its late path now; else it is only marked. */
  async onTimer(visit: Visit, name: string): Promise<boolean> {
    const state = this.state(visit);
    if (name === 'due') {
      this.#keep(visit, { ...state, isLate: true });
      return this.#properties.late !== undefined;
    }
    const to = await toAssignee(this.#escalation!.to, visit);
    this.#keep(visit, { ...state, assignee: to, claimedBy: null, escalateAt: null });
    return false;
  }

  /** Takes it, also from whoever may not do it any more, or gives it back. @throws {RecourseError} `run.answer-invalid` */
  async onClaim(visit: Visit, name: string, by: string, user: Person | undefined): Promise<void> {
    const state = this.state(visit);
    const { assignee, claimedBy } = state;
    this.#checkEyes(visit, personOf(by, user));
    const isOthers = claimedBy !== null && claimedBy !== by;
    if (name === 'claim') checkMember(assignee, user);
    if (
      isOthers &&
      (name === 'release' || (await visit.assigneeIncludes(assignee.kind, assignee.name, claimedBy)))
    ) {
      refuse('it is claimed by somebody else');
    }
    this.#keep(visit, { ...state, claimedBy: name === 'claim' ? by : null });
  }

  /** @throws {RecourseError} `run.answer-invalid` for whoever may not do it */
  checkPerson(visit: Visit, by: string, user: Person | undefined): void {
    const { assignee, claimedBy } = this.state(visit);
    const expected = assignee.kind === 'user' ? assignee.name : claimedBy;
    if (expected !== by) refuse(`this is ${expected === null ? 'not claimed yet' : "somebody else's work"}`);
    checkMember(assignee, user);
    this.#checkEyes(visit, personOf(by, user));
  }

  setDone(visit: Visit, done: Json): void {
    this.#keep(visit, { ...this.state(visit), done, claimedBy: null });
  }

  end(visit: Visit): void {
    visit.memory.set(undefined);
  }

  #checkEyes(visit: Visit, person: string): void {
    if (this.#properties.fourEyes === true && visit.starter === person) {
      refuse('whoever started the run may not do this');
    }
  }

  #keep(visit: Visit, state: WorkState): void {
    visit.memory.set(state as unknown as Json);
  }

  #after(duration: Expression, visit: Visit): string {
    return instantAfter(visit.now, visit.evaluate(duration), this.#zone);
  }
}

/** What is known of who answers; undefined where whoever embeds the engine has checked it. */
type Person = Extract<ActivityEvent, { kind: 'answer' }>['user'];

/** Who it is that answers, also by a program. */
export const personOf = (by: string, user: Person | undefined): string => user?.person ?? by;

/** @throws {RecourseError} `run.answer-invalid` for whoever is not one of the group or queue */
function checkMember({ kind, name }: WorkState['assignee'], user: Person): void {
  if (user === undefined || kind === 'user') return;
  if ((kind === 'group' ? user.groups : user.queues)?.includes(name)) return;
  refuse(`this is for the ${kind} ${name}, and you are not in it`);
}

function compileAssignee(assignee: Assignee, pointer: string, at: CompileSite): CompiledAssignee {
  const kind = assigneeKinds.find((name) => assignee[name] !== undefined) ?? 'queue';
  const place = `${pointer}/${kind}`;
  const name = at.expression(assignee[kind], place);
  at.constant?.(name, place, `the name of a ${kind}`, (value) =>
    isName(value) ? undefined : `${JSON.stringify(value)} is no name of a ${kind}`,
  );
  at.assignee?.(kind, name, place);
  return { kind, name };
}

const isName = (value: Json): value is string => typeof value === 'string' && value !== '';

/** @throws {RecourseError} `work.assignee-invalid`, `work.assignee-unknown`: work for nobody would wait for ever */
async function toAssignee({ kind, name }: CompiledAssignee, visit: Visit): Promise<WorkState['assignee']> {
  const value = visit.evaluate(name);
  if (!isName(value))
    throw workErrors.error('assignee-invalid', `the work is for the ${kind} ${JSON.stringify(value)}`);
  if (await visit.assigneeExists(kind, value)) return { kind, name: value };
  throw workErrors.error('assignee-unknown', `the work is for the ${kind} ${value}, and there is none`, {
    data: { kind, name: value },
  });
}

/** The values of an answer. */
export const valuesOf = (payload: Json): Json => ownOf(toObject(payload), 'values') ?? {};
