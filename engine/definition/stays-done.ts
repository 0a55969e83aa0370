// What a flow does outside and nothing can undo.
import type { Action } from '../actions/action.js';

/** The name of the first action that acts outside and can't be undone. */
export const staysDone = (actions: readonly Action[]): string | undefined =>
  actions.find(({ effect, undo }) => effect === 'external' && typeof undo !== 'function')?.name;
