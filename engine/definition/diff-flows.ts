// What changed between two versions of a flow, as an analyst sees it: elements added, removed, renamed and changed;
// formatting and the order of keys are no change.
import { toSortedJson } from './canonical.js';
import type { ElementDefinition, FlowDefinition, Json } from './flow.js';

export interface FlowChange {
  readonly kind: 'added' | 'removed' | 'renamed' | 'changed';
  /** `element ask`, `variable amount`, `start` … */
  readonly what: string;
  /** Of a renamed element: its name before. */
  readonly from?: string;
  /** Properties that differ, with their values before and after; left out is undefined. */
  readonly properties?: readonly { readonly name: string; readonly before?: Json; readonly after?: Json }[];
}

const parts = ['variables', 'constants', 'formulas', 'texts', 'choices', 'signals'] as const;
const singular: Readonly<Record<(typeof parts)[number], string>> = {
  variables: 'variable',
  constants: 'constant',
  formulas: 'formula',
  texts: 'text',
  choices: 'choice',
  signals: 'signal',
};
const whole = ['label', 'description', 'runLabel', 'start', 'mode', 'timeZone', 'stages'] as const;

const same = (left: unknown, right: unknown): boolean => textOf(left) === textOf(right);
const textOf = (value: unknown): string => (value === undefined ? '' : toSortedJson(value as Json));

/** The changes from one version to another; none when both say the same. */
export function diffFlows(before: FlowDefinition, after: FlowDefinition): FlowChange[] {
  const renamed = renamesOf(before, after);
  const changes: FlowChange[] = [];
  for (const name of whole) {
    const [left, right] = [withRenames(before[name], renamed), after[name]];
    if (!same(left, right))
      changes.push({ kind: 'changed', what: name, properties: propertiesOf(left, right) });
  }
  for (const part of parts) {
    changes.push(...diffParts(singular[part], before[part] ?? {}, after[part] ?? {}));
  }
  return [...changes, ...diffElements(before, after, renamed)];
}

function diffParts(
  what: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): FlowChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name): FlowChange[] => {
    const [left, right] = [before[name], after[name]];
    if (left === undefined) return [{ kind: 'added', what: `${what} ${name}` }];
    if (right === undefined) return [{ kind: 'removed', what: `${what} ${name}` }];
    if (same(left, right)) return [];
    return [{ kind: 'changed', what: `${what} ${name}`, properties: propertiesOf(left, right) }];
  });
}

function diffElements(
  before: FlowDefinition,
  after: FlowDefinition,
  renamed: ReadonlyMap<string, string>,
): FlowChange[] {
  const old = new Map(
    Object.entries(before.elements).map(([name, element]) => [
      renamed.get(name) ?? name,
      { name, element: withRenames(element, renamed) as ElementDefinition },
    ]),
  );
  const names = [...new Set([...old.keys(), ...Object.keys(after.elements)])].sort();
  return names.flatMap((name): FlowChange[] => {
    const [left, right] = [old.get(name), after.elements[name]];
    if (left === undefined) return [{ kind: 'added', what: `element ${name}` }];
    if (right === undefined) return [{ kind: 'removed', what: `element ${name}` }];
    const properties = propertiesOf(left.element, right);
    const changed = properties.length === 0 ? {} : { properties };
    if (left.name !== name)
      return [{ kind: 'renamed', what: `element ${name}`, from: left.name, ...changed }];
    return properties.length === 0 ? [] : [{ kind: 'changed', what: `element ${name}`, ...changed }];
  });
}

/** An element that is gone and one that is new are one renamed when all but their targets is the same, and no other is so. */
function renamesOf(before: FlowDefinition, after: FlowDefinition): ReadonlyMap<string, string> {
  const bare = ({ next: _next, onFault: _onFault, ...rest }: ElementDefinition): string => textOf(rest);
  const gone = Object.entries(before.elements).filter(([name]) => after.elements[name] === undefined);
  const fresh = Object.entries(after.elements).filter(([name]) => before.elements[name] === undefined);
  const renamed = new Map<string, string>();
  for (const [name, element] of gone) {
    const twins = fresh.filter(([, other]) => bare(other) === bare(element));
    const rivals = gone.filter(([, other]) => bare(other) === bare(element));
    if (twins.length === 1 && rivals.length === 1) renamed.set(name, twins[0]![0]);
  }
  return renamed;
}

const targets: ReadonlySet<string> = new Set(['next', 'late', 'rejected', 'body', 'start']);

/** The same with targets that name renamed elements under their new names. */
function withRenames(value: unknown, renamed: ReadonlyMap<string, string>): unknown {
  if (renamed.size === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => withRenames(each, renamed));
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      targets.has(name) && typeof each === 'string'
        ? (renamed.get(each) ?? each)
        : withRenames(each, renamed),
    ]),
  );
}

function propertiesOf(before: unknown, after: unknown): NonNullable<FlowChange['properties']> {
  const isObject = (value: unknown): value is Readonly<Record<string, Json>> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject(before) || !isObject(after)) {
    return same(before, after) ? [] : [{ name: '', ...given('before', before), ...given('after', after) }];
  }
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .filter((name) => !same(before[name], after[name]))
    .map((name) => ({ name, ...given('before', before[name]), ...given('after', after[name]) }));
}

const given = (name: 'before' | 'after', value: unknown) =>
  value === undefined ? {} : { [name]: value as Json };
