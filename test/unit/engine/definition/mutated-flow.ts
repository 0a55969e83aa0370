// Random mutations of a flow: one value deleted, renamed, led elsewhere, replaced, copied or swapped with another.
import type { FlowDefinition, Json } from '../../../../engine/definition/flow.js';

/** A small generator with a seed (mulberry32). */
export function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Holder = Record<string, unknown>;

/** Every value of a document with what holds it. */
function placesIn(value: unknown): { readonly holder: Holder; readonly key: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => [
    { holder: value as Holder, key },
    ...placesIn((value as Holder)[key]),
  ]);
}

const odd: readonly Json[] = [
  null,
  true,
  0,
  -1,
  1.5,
  '',
  'nowhere',
  [],
  {},
  [null],
  { var: 'nothing' },
  { var: '' },
  'P1D',
];

/** Deletes, renames, retargets, swaps or replaces one value. */
export function mutated(
  flow: FlowDefinition,
  random: (below: number) => number,
): { flow: FlowDefinition; how: string } {
  const copy = structuredClone(flow);
  const whole = copy as unknown as Holder;
  const places = placesIn(copy).filter(
    ({ holder, key }) => key !== 'format' && (holder !== whole || key !== 'name'),
  );
  const { holder, key } = places[random(places.length)]!;
  const other = places[random(places.length)]!;
  const names = Object.keys(copy.elements);
  const kind = ['delete', 'rename', 'retarget', 'replace', 'swap', 'copy'][random(6)]!;
  const before = holder[key];
  if (kind === 'delete') {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  } else if (kind === 'rename' && !Array.isArray(holder)) {
    delete holder[key];
    holder[`${key}${random(2) === 0 ? 'x' : '_'}`] = before;
  } else if (kind === 'retarget') holder[key] = names[random(names.length)]!;
  else if (kind === 'replace') holder[key] = structuredClone(odd[random(odd.length)]!);
  else if (kind === 'copy') holder[key] = structuredClone(other.holder[other.key]);
  else {
    const [left, right] = [structuredClone(before), structuredClone(other.holder[other.key])];
    holder[key] = right;
    other.holder[other.key] = left;
  }
  return { flow: copy, how: `${kind} ${key} (${other.key})` };
}
