// Frames and activities: how they are begun, found, walked and dropped.
import type { CompiledFlow } from '../compile/compile-flow.js';
import { compilerVersion, ended } from '../compile/machine.js';
import type { Json } from '../definition/flow.js';
import type { Wait } from '../elements/element.js';
import { toPointer } from '../errors/json-pointer.js';
import { runErrors, toErrorProblems } from './run-errors.js';
import { earliest } from './instants.js';
import type { Activity, FlowRef, Frame, InboxItem, ItemBody, Place, RunState } from './run-state.js';

export const placeKey = ({ frame, element, visit }: Place): string => `${frame}:${element}:${visit}`;
export const effectId = (run: string, place: Place): string => `${run}:${placeKey(place)}`;

/**
 * A frame at its beginning; inputs are checked, defaults filled in. Unchecked ones are for looking at start conditions. `at` is
 * where the inputs are in what a caller has sent.
 *
 * @throws {RecourseError} `run.input-invalid`
 */
export function newFrame(
  id: string,
  ref: FlowRef,
  flow: CompiledFlow,
  input: Readonly<Record<string, Json>>,
  { unchecked = false, at = '' }: { readonly unchecked?: boolean; readonly at?: string } = {},
): Frame {
  const variables: Record<string, Json> = {};
  const problems: { pointer: string; code: string; detail: string }[] = [];
  const code = 'run.input-invalid';
  for (const name of Object.keys(input)) {
    if (flow.variables.get(name)?.input !== true) {
      problems.push({ pointer: at + toPointer([name]), code, detail: `${ref.name} has no input ${name}` });
    }
  }
  for (const variable of flow.variables.values()) {
    const { name } = variable;
    const given = variable.input && Object.hasOwn(input, name) ? input[name] : undefined;
    if (given !== undefined) {
      problems.push(
        ...toErrorProblems(
          variable
            .check(given)
            .map((problem) => ({ ...problem, pointer: `${at}/${name}${problem.pointer}` })),
          code,
        ),
      );
    } else if (variable.input && variable.default === undefined) {
      problems.push({ pointer: `${at}/${name}`, code, detail: `the input ${name} is missing` });
    }
    // A null that is given is a value; only what is left out has its default.
    variables[name] = given === undefined ? (variable.default ?? null) : given;
  }
  if (problems.length > 0 && !unchecked) {
    throw runErrors.error('input-invalid', `the input of ${ref.name} is not valid`, { problems });
  }
  return {
    id,
    flow: ref,
    compiler: compilerVersion,
    value: flow.definition.start.next ?? ended,
    variables,
    input: { ...variables },
    outputs: {},
    visits: {},
    memory: {},
    activities: {},
  };
}

/** An activity with where it is. */
export interface Located {
  readonly frame: Frame;
  readonly element: string;
  readonly activity: Activity;
}

/** All activities of a frame and of the flows called in it. */
export function activitiesOf(frame: Frame, found: Located[] = []): Located[] {
  const { activities } = frame;
  for (const element of Object.keys(activities)) {
    const activity = activities[element]!;
    found.push({ frame, element, activity });
    if (activity.child !== undefined) activitiesOf(activity.child, found);
  }
  return found;
}

/** The frame of an id, if it is still there. */
export function frameOf(root: Frame, id: string): Frame | undefined {
  if (root.id === id) return root;
  for (const { activity } of activitiesOf(root)) if (activity.child?.id === id) return activity.child;
  return undefined;
}

/** The activity at a place, if control is still there. */
export function activityAt(root: Frame, place: Place): Activity | undefined {
  const activity = frameOf(root, place.frame)?.activities[place.element];
  return activity?.visit === place.visit ? activity : undefined;
}

/** A wait with where it is. */
export interface LocatedWait {
  readonly place: Place;
  readonly wait: Wait;
}

/** All waits of a frame and of the flows called in it. */
export const waitsOf = (root: Frame): LocatedWait[] =>
  activitiesOf(root).flatMap(({ frame, element, activity: { visit, waits } }) =>
    waits.map((wait) => ({ place: { frame: frame.id, element, visit }, wait })),
  );

/** Under what runs are found that wait for an event, of any key or of one. No record type begins with `$`. */
export const eventKey = (event: string, key?: string): string =>
  key === undefined ? `$event:${event}` : `$event:${event}:${key}`;

export const isEventKey = (key: string): boolean => key.startsWith('$event:');

/** Whether a wait is for an event that has come; whether it is taken is for the element to say. */
export const isFor = (wait: Wait, { event, key }: Extract<ItemBody, { kind: 'event' }>): boolean =>
  wait.kind === 'event' && wait.event === event && (wait.key === undefined || wait.key === key);

/** Whether what has come may be taken at a place: what is kept and not buffered was for those only who waited then. */
export const isMeantFor = ({ awaitedAt }: InboxItem, place: Place): boolean =>
  awaitedAt?.some((awaited) => placeKey(awaited) === placeKey(place)) ?? true;

/** Whether a place has taken what is to be tried again. */
export const isHeldBy = (holders: readonly { readonly taken?: readonly Place[] }[], place: Place): boolean =>
  holders.some(({ taken = [] }) => taken.some((held) => placeKey(held) === placeKey(place)));

/** The fields of a run that follow from its frames. */
export function derive(
  root: Frame,
  retries: RunState['retries'],
): { status: 'active' | 'waiting'; dueAt: string | undefined; waitsOn: string[]; parked: boolean } {
  const timers: string[] = [];
  const waitsOn: string[] = [];
  let inFlight = retries.length > 0;
  let parked = false;
  for (const { frame, element, activity } of activitiesOf(root)) {
    if (activity.effect !== undefined) inFlight = true;
    const { visit, waits } = activity;
    const isHeld = retries.length > 0 && isHeldBy(retries, { frame: frame.id, element, visit });
    for (const wait of waits) {
      parked = true;
      if (wait.kind === 'timer' && !isHeld) timers.push(wait.at);
      if (wait.kind === 'record') waitsOn.push(`${wait.record}:${wait.id}`);
      if (wait.kind === 'event') waitsOn.push(eventKey(wait.event, wait.key));
    }
  }
  return {
    status: inFlight ? 'active' : 'waiting',
    dueAt: earliest([...timers, ...retries.map(({ at }) => at)]),
    waitsOn: waitsOn.length < 2 ? waitsOn : [...new Set(waitsOn)],
    parked: parked || inFlight,
  };
}
