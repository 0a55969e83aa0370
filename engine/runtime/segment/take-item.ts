// Takes the item of a segment to where it is waited for.
import type { ActivityEvent, Wait } from '../../elements/element.js';
import { resume } from './ask-element.js';
import { activityAt, isFor, isMeantFor, waitsOf } from '../frames.js';
import { moveControl } from './move-control.js';
import type { Place } from '../run-state.js';
import type { SegmentState } from './segment-state.js';
import { takeFailure, takeOutcome, takeUndone } from './take-effect.js';

/** Takes the item; false: nobody waits for it any more. */
export async function takeItem(state: SegmentState): Promise<boolean> {
  const { item } = state.task;
  const { body, by, user } = item;
  switch (body.kind) {
    case 'start':
      return true;
    case 'signal': {
      // The first that its content is right for has it; the others go on waiting.
      for (const { place, wait } of waitsOf(state.root)) {
        if (wait.kind !== 'signal' || wait.signal !== body.signal || !isMeantFor(item, place)) continue;
        const { payload } = body;
        if (await offer(state, place, { kind: 'signal', name: wait.name, payload })) return true;
      }
      return false;
    }
    case 'event': {
      let taken = false;
      for (const { place, wait } of waitsOf(state.root)) {
        if (!isFor(wait, body) || !isMeantFor(item, place)) continue;
        // An earlier one may have ended this one.
        if (activityAt(state.root, place) === undefined) continue;
        const { payload } = body;
        if (await offer(state, place, { kind: 'event', name: wait.name, payload })) taken = true;
      }
      return taken;
    }
    case 'answer': {
      const wait = waitAt(state, body, body.name);
      if (wait?.kind !== 'answer') return false;
      await offer(state, body, {
        kind: 'answer',
        name: body.name,
        by,
        ...(user === undefined ? {} : { user }),
        payload: body.payload,
      });
      return true;
    }
    case 'timer': {
      const wait = waitAt(state, body, body.name);
      if (wait?.kind !== 'timer' || wait.at > state.now) return false;
      await offer(state, body, { kind: 'timer', name: body.name });
      return true;
    }
    case 'record': {
      let taken = false;
      for (const { place, wait } of waitsOf(state.root)) {
        if (wait.kind !== 'record' || wait.record !== body.type || wait.id !== body.id) continue;
        // An earlier one may have ended this one.
        if (activityAt(state.root, place) === undefined) continue;
        taken = true;
        await offer(state, place, wait);
      }
      return taken;
    }
    case 'outcome':
      return takeOutcome(state, body.output);
    case 'failed':
      return takeFailure(state, body.error);
    case 'undone':
      return takeUndone(state, body);
    case 'move':
      return moveControl(state, body);
    case 'inDoubt':
      return false;
  }
}

function waitAt(state: SegmentState, place: Place, name: string): Wait | undefined {
  if (state.isHeld(place)) return undefined;
  return activityAt(state.root, place)?.waits.find((wait) => wait.name === name);
}

/** Gives a place what it may wait for; whether that was taken. */
async function offer(state: SegmentState, place: Place, event: ActivityEvent): Promise<boolean> {
  if (state.isHeld(place)) return false;
  const { frame, element, visit } = place;
  state.taken.push({ frame, element, visit });
  if ((await resume(state, place, event)) !== 'stays') return true;
  state.taken.pop();
  return false;
}
