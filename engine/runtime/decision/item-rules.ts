// What a run does with items: which it takes, which are kept for later, and which are known by their id for ever.
import type { EffectState } from '../../ports/engine-store.js';
import type { DeliveryOptions } from './delivery.js';
import { activitiesOf, activityAt, isFor, type LocatedWait, placeKey, waitsOf } from '../frames.js';
import type { InboxItem, ItemBody, PendingRetry, Place, RunState } from '../run-state.js';

/** Whether a run waits for what has come. */
export function takes(run: RunState, { body }: InboxItem): boolean {
  if (body.kind === 'start') return true;
  if (body.kind === 'record') return run.waitsOn.includes(`${body.type}:${body.id}`);
  return waitsOf(run.root).some((located) => isWaitFor(located, body));
}

function isWaitFor({ place, wait }: LocatedWait, body: ItemBody): boolean {
  switch (body.kind) {
    case 'signal':
      return wait.kind === 'signal' && wait.signal === body.signal;
    case 'event':
      return isFor(wait, body);
    case 'record':
      return wait.kind === 'record' && wait.record === body.type && wait.id === body.id;
    case 'answer':
    case 'timer':
      return wait.kind === body.kind && wait.name === body.name && placeKey(place) === placeKey(body);
    default:
      return false;
  }
}

/** Where a run stands at what has stopped it: its effect, or where its item was taken. */
export function stoppedAt({ root, incident, compensation }: RunState): readonly Place[] {
  if (incident?.effect !== undefined) return [incident.place];
  if (incident?.taken !== undefined) return incident.taken;
  const body = incident?.item?.body;
  if (body === undefined) return [];
  if (body.kind === 'undone')
    return typeof compensation?.afterwards === 'object' ? [compensation.afterwards] : [];
  if ('effect' in body)
    return activitiesOf(root).flatMap(({ frame: { id: frame }, element, activity: { visit, effect } }) =>
      effect === body.effect ? [{ frame, element, visit }] : [],
    );
  // Earlier versions did not note where it was taken.
  return waitsOf(root).flatMap((located) => (isWaitFor(located, body) ? [located.place] : []));
}

/** What an incident has been waiting for: the truth about its effect, or an operator's move. */
export function isResolution(run: RunState, { body }: InboxItem, effect: EffectState | undefined): boolean {
  if (run.status !== 'incident') return false;
  if (body.kind === 'move') return true;
  return effect !== undefined && run.incident?.effect === effect.id && body.kind !== 'inDoubt';
}

/** Items that don't come again by themselves, and that the run does not have yet. */
export const mustBeKept = ({ body }: InboxItem, { kept, retry }: DeliveryOptions): boolean =>
  kept !== true && retry === undefined && body.kind !== 'timer' && body.kind !== 'move';

/** The item as a stopped run keeps it: of the changes of one record, one is enough. */
export function toKept(run: RunState, item: InboxItem, isBuffered: boolean): InboxItem {
  const { body } = item;
  if (body.kind === 'record') return { ...item, id: `${run.id}:record:${body.type}:${body.id}:${run.seq}` };
  if (body.kind !== 'event' && (body.kind !== 'signal' || isBuffered)) return item;
  const waits = waitsOf(run.root).filter((located) => isWaitFor(located, body));
  return { ...item, awaitedAt: waits.map(({ place }) => place) };
}

/** Items that are known by their id for ever. */
const fromOutside = ({ body }: InboxItem): boolean =>
  body.kind === 'signal' || body.kind === 'answer' || body.kind === 'event';

/** Whether the unit writes down that the item was taken. Others are fenced by the activity that they are for. */
export const consumes = (item: InboxItem, { kept, retry }: DeliveryOptions): boolean =>
  kept === true || (fromOutside(item) && retry === undefined);

/** Whether nothing but an operator can put it right. */
export const needsOperator = ({ body }: InboxItem): boolean =>
  body.kind === 'inDoubt' || (body.kind === 'undone' && !body.ok && body.skipped !== true);

/** Whether what is to be tried again may still be taken: a join may have dropped whoever it was for. */
export function isOpen(root: RunState['root'], { item: { body }, taken = [] }: PendingRetry): boolean {
  if (taken.length > 0) return taken.some((place) => activityAt(root, place) !== undefined);
  if (body.kind === 'timer' || body.kind === 'answer') return activityAt(root, body) !== undefined;
  if (body.kind !== 'outcome') return true;
  return activitiesOf(root).some(({ activity }) => activity.effect === body.effect);
}
