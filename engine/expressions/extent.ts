// How large a value can be, before it is known: what the static cost of a rule is computed from.
import { expressionLimits } from './expression-limits.js';
import type { ExpressionType } from './operator.js';

type Scalar = string | number | boolean | null;

/** A bound on a value and on everything in it. */
export interface Extent {
  /** Characters of the longest text that it or a part of it is, or is written as. */
  readonly chars: number;
  /** Items of the longest list that it is or holds. */
  readonly items: number;
  /** Items of the list that it is itself; 0 for anything else. */
  readonly length: number;
  /** Values in it, itself included. */
  readonly parts: number;
  /** Whether it may be a text itself. */
  readonly isText: boolean;
  /** The value, if it is written in the rule. */
  readonly value?: Scalar;
  /** Whose schema says nothing of its length, so that one is assumed: a JSON pointer, or the name it is found by. */
  readonly assumedOf?: string;
  /** Bound on the part of a name or index, `*` being any; if left out nothing more is known of its parts. */
  readonly part?: (name: string) => Extent;
}

/** What is beyond all limits; larger numbers are cut to it. */
export const boundless = 1e15;

const { assumed, listItemsMax, textCharsMax } = expressionLimits;

export const atMost = (count: number): number => Math.min(count, boundless);

/** As `unknownExtent`, in an item of a list. */
export const unknownItem: Extent = {
  chars: assumed.textChars,
  items: assumed.itemParts - 1,
  length: assumed.itemParts - 1,
  parts: assumed.itemParts,
  isText: true,
};

/** A value that nothing is known of, within what is assumed of data. */
export const unknownExtent: Extent = {
  chars: assumed.textChars,
  items: assumed.listItems,
  length: assumed.listItems,
  parts: assumed.parts,
  isText: true,
  part: (name) => (name === '*' || /^\d+$/.test(name) ? unknownItem : unknownExtent),
};

/** What operators can make at most. */
export const largestExtent: Extent = {
  chars: textCharsMax,
  items: listItemsMax,
  length: listItemsMax,
  parts: boundless,
  isText: true,
};

const scalar = (chars: number, isText: boolean): Extent => ({ chars, items: 0, length: 0, parts: 1, isText });

/** Plain digits of 1e308, and of the smallest numbers, are this long. */
export const numberExtent = scalar(350, false);
export const booleanExtent = scalar(5, false);
export const nullExtent: Extent = { ...scalar(0, false), value: null };
/** Dates, points in time and durations have at most 100 characters. */
export const dateExtent = scalar(100, true);
export const textExtent = (chars: number): Extent => scalar(Math.min(chars, textCharsMax), true);
export const moneyExtent = objectExtent({ amount: textExtent(90), currency: textExtent(3) });

export function listExtent(length: number, item: Extent): Extent {
  return {
    chars: length === 0 ? 0 : item.chars,
    items: Math.max(length, length === 0 ? 0 : item.items),
    length,
    parts: atMost(1 + length * item.parts),
    isText: false,
    part: () => item,
  };
}

/** A list whose items are known one by one. */
export function listOfExtents(items: readonly Extent[]): Extent {
  const any = items.length === 0 ? nullExtent : items.reduce(joined);
  return {
    ...listExtent(items.length, any),
    parts: atMost(items.reduce((sum, { parts }) => sum + parts, 1)),
    part: (name) => items[Number(name)] ?? any,
  };
}

/** `rest` bounds what else may be in it, taken together. */
export function objectExtent(entries: Readonly<Record<string, Extent>>, rest?: Extent): Extent {
  const all = [...Object.values(entries), ...(rest === undefined ? [] : [rest])];
  const chars = Math.max(0, ...all.map((one) => one.chars));
  // Money is written as its amount and its currency.
  const { amount, currency } = entries as { amount?: Extent; currency?: Extent };
  const written =
    Object.hasOwn(entries, 'amount') && Object.hasOwn(entries, 'currency')
      ? amount!.chars + 1 + currency!.chars
      : 0;
  return {
    chars: Math.max(chars, written),
    items: Math.max(0, ...all.map(({ items }) => items)),
    length: 0,
    parts: atMost(all.reduce((sum, { parts }) => sum + parts, 1)),
    isText: false,
    part: (name) =>
      Object.hasOwn(entries, name) ? entries[name]! : (rest ?? all.reduce(joined, nullExtent)),
  };
}

/** The extent of plain data that is at hand. */
export function extentOfValue(value: unknown): Extent {
  if (Array.isArray(value)) return listOfExtents(value.map(extentOfValue));
  if (typeof value === 'object' && value !== null) {
    return objectExtent(
      Object.fromEntries(Object.entries(value).map(([name, part]) => [name, extentOfValue(part)])),
    );
  }
  if (typeof value === 'string') return { ...scalar(value.length, true), value };
  if (typeof value === 'number') return { ...numberExtent, value };
  if (typeof value === 'boolean') return { ...booleanExtent, value };
  return nullExtent;
}

/** The part of a name or index, `*` being any item. */
export function partOf(extent: Extent, name: string): Extent {
  if (extent.part !== undefined) return extent.part(name);
  const { chars, items, parts } = extent;
  return { chars, items, length: items, parts: Math.max(1, parts - 1), isText: true };
}

export const itemOf = (list: Extent): Extent => partOf(list, '*');

/** The extent without what is known of its single parts. */
export function summaryOf({ chars, items, length, parts, isText, value }: Extent): Extent {
  return { chars, items, length, parts, isText, ...(value === undefined ? {} : { value }) };
}

/** A bound on both. */
export function joined(left: Extent, right: Extent): Extent {
  const part = joinedParts(left, right);
  const assumedOf = left.assumedOf ?? right.assumedOf;
  return {
    chars: Math.max(left.chars, right.chars),
    items: Math.max(left.items, right.items),
    length: Math.max(left.length, right.length),
    parts: Math.max(left.parts, right.parts),
    isText: left.isText || right.isText,
    ...(left.value === undefined || left.value !== right.value ? {} : { value: left.value }),
    ...(assumedOf === undefined ? {} : { assumedOf }),
    ...(part === undefined ? {} : { part }),
  };
}

function joinedParts(left: Extent, right: Extent): Extent['part'] {
  // What is one value has no parts that could be larger.
  if (right.parts === 1) return left.part;
  if (left.parts === 1) return right.part;
  if (left.part === undefined || right.part === undefined) return undefined;
  const [first, second] = [left.part, right.part];
  // Once for each name: parts of formulas that read one another twice would be asked for again and again.
  const known = new Map<string, Extent>();
  return (name) => {
    const part = known.get(name) ?? joined(first(name), second(name));
    known.set(name, part);
    return part;
  };
}

/** Whether the second bounds the first, parts of theirs left aside. */
export function isWithin(inner: Extent, outer: Extent): boolean {
  return (
    inner.chars <= outer.chars &&
    inner.items <= outer.items &&
    inner.length <= outer.length &&
    inner.parts <= outer.parts &&
    (outer.isText || !inner.isText) &&
    (outer.value === undefined || outer.value === inner.value)
  );
}

/** What a value of a type can be, made by an operator that says no more. */
export function extentOfType(type: ExpressionType): Extent {
  switch (type) {
    case 'number':
      return numberExtent;
    case 'boolean':
      return booleanExtent;
    case 'null':
      return nullExtent;
    case 'money':
      return moneyExtent;
    case 'date':
    case 'dateTime':
    case 'duration':
      return dateExtent;
    case 'string':
      return textExtent(textCharsMax);
    default:
      return largestExtent;
  }
}
