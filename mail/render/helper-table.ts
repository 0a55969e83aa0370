// The helpers that templates may use, as data: the check and the render thread read the same table.

/** What a helper's argument must be. */
export type ArgumentKind = 'any' | 'money' | 'date' | 'number' | 'text' | 'list' | 'object';

export interface HelperEntry {
  /** `text` prints, `logic` stands in another helper's argument, `block` encloses. */
  readonly kind: 'text' | 'logic' | 'block';
  readonly takes: ArgumentKind;
  readonly argumentsMin: number;
  readonly argumentsMax: number;
  /** Named arguments: the values they may have, or undefined for any text. */
  readonly named: Readonly<Record<string, readonly (string | number)[] | undefined>>;
  readonly requires?: readonly string[];
}

const styles = ['short', 'medium', 'long', 'full'] as const;
const pluralForms = ['zero', 'one', 'two', 'few', 'many', 'other'] as const;

export const helperTable: Readonly<Record<string, HelperEntry>> = {
  money: { kind: 'text', takes: 'money', argumentsMin: 1, argumentsMax: 1, named: {} },
  date: {
    kind: 'text',
    takes: 'date',
    argumentsMin: 1,
    argumentsMax: 1,
    named: { style: styles, time: styles },
  },
  number: {
    kind: 'text',
    takes: 'number',
    argumentsMin: 1,
    argumentsMax: 1,
    named: { digits: [0, 1, 2, 3, 4, 5, 6] },
  },
  plural: {
    kind: 'text',
    takes: 'number',
    argumentsMin: 1,
    argumentsMax: 1,
    named: Object.fromEntries(pluralForms.map((form) => [form, undefined])),
    requires: ['other'],
  },
  url: { kind: 'text', takes: 'text', argumentsMin: 1, argumentsMax: 1, named: {} },
  eq: { kind: 'logic', takes: 'any', argumentsMin: 2, argumentsMax: 2, named: {} },
  and: { kind: 'logic', takes: 'any', argumentsMin: 2, argumentsMax: 10, named: {} },
  or: { kind: 'logic', takes: 'any', argumentsMin: 2, argumentsMax: 10, named: {} },
  not: { kind: 'logic', takes: 'any', argumentsMin: 1, argumentsMax: 1, named: {} },
  if: { kind: 'block', takes: 'any', argumentsMin: 1, argumentsMax: 1, named: {} },
  unless: { kind: 'block', takes: 'any', argumentsMin: 1, argumentsMax: 1, named: {} },
  each: { kind: 'block', takes: 'list', argumentsMin: 1, argumentsMax: 1, named: {} },
  with: { kind: 'block', takes: 'object', argumentsMin: 1, argumentsMax: 1, named: {} },
};

/** The entry of a helper, or undefined; inherited names are none. */
export const helperOf = (name: string): HelperEntry | undefined =>
  Object.hasOwn(helperTable, name) ? helperTable[name] : undefined;
