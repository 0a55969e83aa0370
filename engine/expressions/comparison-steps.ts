// The most steps that comparing two values can take; beside compare.ts, which spends them.
import { isInstantText } from '../calendar/instant.js';
import { expressionLimits } from './expression-limits.js';
import { type Extent, itemOf } from './extent.js';

export const charsAStep = 64;
/** Names of fields that are listed to see whether two objects have as many. */
export const keysAStep = 16;
/** Points in time are read before they are compared. */
export const momentSteps = 50;
const momentCharsMin = 17;

export const textSteps = (chars: number): number => Math.ceil(chars / charsAStep);

/**
 * Looking for a text in another: as often as it nearly fits, it is compared nearly to its end.
 *
 * What is looked for can't fit in more places than the text is longer, so the most is half the text in as many places.
 */
export const searchSteps = (chars: number, searchedChars: number): number =>
  textSteps(chars) * Math.max(1, textSteps(Math.min(searchedChars, chars - searchedChars)));

/** The most that `searchSteps` gives for texts within these bounds. */
export const searchStepsMax = (text: Extent, searched: Extent): number =>
  textSteps(text.chars) * Math.max(1, textSteps(Math.min(searched.chars, Math.floor(text.chars / 2))));

/** Both are walked side by side, as far as the smaller goes; the names of both are listed. */
export const equalitySteps = (left: Extent, right: Extent): number =>
  Math.min(left.parts, right.parts) + keySteps(left, right);

/**
 * Listing names, if both may be objects: what has no parts is none, or is empty, which only the evaluation charges for. Data
 * of which nothing is known has no more parts than a result may have.
 */
function keySteps(left: Extent, right: Extent): number {
  if (left.parts === 1 || right.parts === 1) return 0;
  const names = [left, right].map(({ parts }) => Math.min(parts, expressionLimits.outputNodesMax) - 1);
  return Math.floor(names.reduce((sum, count) => sum + count, 0) / keysAStep);
}

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
  const item = itemOf(container);
  // All items together have no more parts than the list, but each is compared with all names of the value.
  const walked = Math.min(container.parts, container.length * Math.min(value.parts, item.parts));
  const inList = walked + container.length * keySteps(value, item);
  return Math.max(container.isText ? searchStepsMax(container, value) : 0, inList);
}

/** Comparisons of a sort; twice what a perfect one needs, as runs and gallops may be in vain. */
export const sortComparisons = (items: number): number => 2 * items * Math.ceil(Math.log2(items + 1));
