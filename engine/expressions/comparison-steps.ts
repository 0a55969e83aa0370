// The most steps that comparing two values can take; beside compare.ts, which spends them.
import { isInstantText } from '../calendar/instant.js';
import { type Extent, itemOf } from './extent.js';

export const charsAStep = 64;
/** Points in time are read before they are compared. */
export const momentSteps = 50;
const momentCharsMin = 17;

export const textSteps = (chars: number): number => Math.ceil(chars / charsAStep);

/** Both are walked side by side, as far as the smaller goes. */
export const equalitySteps = (left: Extent, right: Extent): number => Math.min(left.parts, right.parts);

export const orderSteps = (left: Extent, right: Extent): number =>
  left.isText && right.isText ? textSteps(Math.min(left.chars, right.chars)) : 0;

export const momentOrderSteps = (left: Extent, right: Extent): number =>
  Math.max(orderSteps(left, right), areMoments(left, right) ? momentSteps : 0);

export const momentEqualitySteps = (left: Extent, right: Extent): number =>
  Math.max(equalitySteps(left, right), areMoments(left, right) ? momentSteps : 0);

function areMoments(...extents: readonly Extent[]): boolean {
  return extents.every(
    ({ chars, isText, value }) =>
      isText && chars >= momentCharsMin && (typeof value !== 'string' || isInstantText(value)),
  );
}

/** Looking for a value in a list or a text. */
export function membershipSteps(value: Extent, container: Extent): number {
  const inList = Math.min(container.parts, container.length * equalitySteps(value, itemOf(container)));
  return Math.max(container.isText ? textSteps(container.chars) : 0, inList);
}

/** Comparisons of a sort; twice what a perfect one needs, as runs and gallops may be in vain. */
export const sortComparisons = (items: number): number => 2 * items * Math.ceil(Math.log2(items + 1));
