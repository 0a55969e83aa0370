// The work of people that is open in a run: screens, tasks and approvals, and whose it is.
import type { Json } from '../definition/flow.js';
import type { AssigneeKind } from '../ports/assignees.js';
import { waitsOf } from './frames.js';
import type { FlowRef, Place, RunState, RunUser } from './run-state.js';

/** What somebody may do now. */
export interface OpenWork {
  readonly run: string;
  readonly flow: FlowRef;
  readonly subject?: RunState['subject'];
  readonly startedBy: string;
  readonly place: Place;
  readonly kind: 'screen' | 'task' | 'approval';
  /** Names of the answers that are awaited: `answer`, `claim`, `release`. */
  readonly answers: readonly string[];
  /** Who is asked: `user:ada`, `group:supervisor`, `queue:returns`; of a screen who runs the flow. */
  readonly assignee: string;
  readonly claimedBy: string | null;
  readonly dueAt: string | null;
  readonly form: Json;
}

interface WorkForm {
  readonly kind?: string;
  readonly assignee?: { readonly kind: string; readonly name: string };
  readonly claimedBy?: string | null;
  readonly dueAt?: string | null;
}

/** All open work of a run; none once it has ended, and none while it is stopped. */
export function openWorkOf(run: RunState): OpenWork[] {
  if (run.status !== 'waiting' && run.status !== 'active') return [];
  const asked = waitsOf(run.root).filter(({ wait }) => wait.kind === 'answer');
  if (asked.length === 0) return [];
  const work = new Map<string, OpenWork & { answers: string[] }>();
  for (const { place, wait } of asked) {
    if (wait.kind !== 'answer') continue;
    const key = `${place.frame}:${place.element}`;
    const known = work.get(key);
    if (known !== undefined) {
      known.answers.push(wait.name);
      continue;
    }
    const form = wait.form as unknown as WorkForm;
    const kind = form.kind === 'task' || form.kind === 'approval' ? form.kind : 'screen';
    const { assignee } = form;
    work.set(key, {
      run: run.id,
      flow: run.flow,
      ...(run.subject === undefined ? {} : { subject: run.subject }),
      startedBy: run.user.id,
      place,
      kind,
      answers: [wait.name],
      assignee:
        assignee === undefined ? `user:${(run.actor ?? run.user).id}` : `${assignee.kind}:${assignee.name}`,
      claimedBy: form.claimedBy ?? null,
      dueAt: form.dueAt ?? null,
      form: wait.form,
    });
  }
  return [...work.values()];
}

/** Under which names the open work of a run is found: whose it is, and who has claimed it. */
export function workKeysOf(run: RunState): string[] {
  const keys = new Set<string>();
  for (const { assignee, claimedBy } of openWorkOf(run)) {
    keys.add(assignee);
    if (claimedBy !== null) keys.add(`user:${claimedBy}`);
  }
  return [...keys];
}

/** Kind and name of whom work is given to. */
export function assigneeOf(assignee: string): [kind: AssigneeKind, name: string] {
  const split = assignee.indexOf(':');
  return [assignee.slice(0, split) as AssigneeKind, assignee.slice(split + 1)];
}

/** The names under which a user finds work. */
export const workKeysFor = ({ id, groups = [], queues = [] }: RunUser): string[] => [
  `user:${id}`,
  ...groups.map((group) => `group:${group}`),
  ...queues.map((queue) => `queue:${queue}`),
];
