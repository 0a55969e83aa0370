// What has happened on the way to an element: which others control has left before, on every path and on some path.
import type { ElementDefinition, FlowDefinition } from './flow.js';
import type { Branch, ElementType, Outlet } from '../elements/element.js';
import { type Region, toRegions } from '../compile/graph.js';

/** An element as the graph checks see it. `definition` is all that is known of one whose shape is wrong. */
export interface GraphNode {
  readonly name: string;
  readonly type: ElementType;
  readonly definition: ElementDefinition;
  readonly outlets: readonly Outlet[];
  readonly branches: readonly Branch[];
}

/** Name under which a fault on the way counts. */
export const faultMark = '$error';

/** Elements, and the mark of a fault, asked one by one: in a long flow there are too many to list for each. */
export interface Marks {
  has(name: string): boolean;
}

/** What can have happened when control is at an element. */
export interface Past {
  /** Left on every path to here, by an outlet that isn't its fault path. */
  readonly always: Marks;
  /** Left on some path to here, or at the same time in another branch. */
  readonly sometimes: Marks;
}

interface Place {
  readonly from: { readonly place: string; readonly adds: bigint }[];
  /** Whether the places before it have all been passed, or one of them. */
  readonly joins?: readonly string[];
}

/** The end of the flow as a place; its past is what has happened in every run that ends. */
export const endPlace = '$end';

/** The past of every element that can be reached, and of the end. */
export function pastsOf(
  definition: FlowDefinition,
  nodes: ReadonlyMap<string, GraphNode>,
): ReadonlyMap<string, Past> {
  const regions = toRegions(definition, nodes, () => {});
  const regionOf = new Map<string, Region>();
  for (const region of regions) for (const name of region.elements) regionOf.set(name, region);
  const names = [...nodes.keys(), faultMark];
  const bits = new Map(names.map((name, index) => [name, 1n << BigInt(index)]));
  const places = toPlaces(definition, nodes, regions, bits);
  const always = spread(places, (left, right) => left & right, true);
  const sometimes = spread(places, (left, right) => left | right, false);
  const toMarks = (set: bigint): Marks => ({ has: (name) => (set & (bits.get(name) ?? 0n)) !== 0n });
  const pasts = new Map<string, Past>();
  const beside = besidesOf(regions, bits);
  for (const name of [...regionOf.keys(), endPlace]) {
    const before = always.get(name);
    if (before === undefined) continue;
    const region = regionOf.get(name);
    const may = (sometimes.get(name) ?? 0n) | (region === undefined ? 0n : beside.get(region)!);
    pasts.set(name, { always: toMarks(before), sometimes: toMarks(may) });
  }
  return pasts;
}

/** Elements of the branches that are under way at the same time as each region. */
function besidesOf(
  regions: readonly Region[],
  bits: ReadonlyMap<string, bigint>,
): ReadonlyMap<Region, bigint> {
  const within = new Map<Region, bigint>();
  const ofAllBranches = new Map<string, bigint>();
  // A region comes before those in it.
  for (const region of regions.toReversed()) {
    const all = region.elements.reduce((set, name) => set | bits.get(name)!, within.get(region) ?? 0n);
    within.set(region, all);
    const { of, parent } = region;
    if (parent !== undefined) within.set(parent, (within.get(parent) ?? 0n) | all);
    if (of !== undefined) ofAllBranches.set(of.element, (ofAllBranches.get(of.element) ?? 0n) | all);
  }
  const besides = new Map<Region, bigint>();
  for (const region of regions) {
    const { of, parent } = region;
    const others = of === undefined ? 0n : ofAllBranches.get(of.element)! & ~within.get(region)!;
    besides.set(region, others | (parent === undefined ? 0n : besides.get(parent)!));
  }
  return besides;
}

const endOfBranch = (element: string, branch: string): string => `${element} ${branch}`;
const joinOf = (element: string): string => `${element} `;

function toPlaces(
  definition: FlowDefinition,
  nodes: ReadonlyMap<string, GraphNode>,
  regions: readonly Region[],
  bits: ReadonlyMap<string, bigint>,
): Map<string, Place> {
  const places = new Map<string, Place>([['$start', { from: [] }]]);
  const placeAt = (name: string, joins?: readonly string[]): Place => {
    const known = places.get(name);
    if (known !== undefined) return known;
    const place: Place = joins === undefined ? { from: [] } : { from: [], joins };
    places.set(name, place);
    return place;
  };
  const connect = (place: string, to: string, adds = 0n): void => {
    placeAt(to).from.push({ place, adds });
  };
  connect('$start', nodes.has(definition.start.next ?? '') ? definition.start.next! : endPlace);
  for (const region of regions) {
    const end = region.of === undefined ? endPlace : endOfBranch(region.of.element, region.of.branch);
    if (region.of !== undefined) connect(region.of.element, region.start ?? end);
    for (const name of region.elements) {
      const node = nodes.get(name)!;
      let leavesFrom = name;
      if (node.branches.length > 0) {
        leavesFrom = joinOf(name);
        placeAt(
          leavesFrom,
          node.branches
            .filter(({ awaited }) => awaited === true)
            .map(({ name: branch }) => endOfBranch(name, branch)),
        );
        connect(name, leavesFrom);
        for (const { name: branch } of node.branches) connect(endOfBranch(name, branch), leavesFrom);
      }
      for (const { target } of node.outlets) {
        connect(leavesFrom, target !== undefined && nodes.has(target) ? target : end, bits.get(name)!);
      }
      const fault = node.definition.onFault?.next;
      // It ends the flow, also in a branch.
      if (node.outlets.length === 0 && fault === undefined) connect(name, endPlace, bits.get(name)!);
      if (fault !== undefined && nodes.has(fault)) connect(name, fault, bits.get(faultMark)!);
    }
  }
  return places;
}

/** Spreads what has happened along the edges until nothing changes. */
function spread(
  places: ReadonlyMap<string, Place>,
  merge: (left: bigint, right: bigint) => bigint,
  isAlways: boolean,
): ReadonlyMap<string, bigint> {
  const known = new Map<string, bigint>([['$start', 0n]]);
  const after = new Map<string, string[]>();
  for (const [name, { from }] of places) {
    for (const { place } of from) after.set(place, [...(after.get(place) ?? []), name]);
  }
  const open = new Set(after.get('$start') ?? []);
  for (const name of open) {
    open.delete(name);
    const { from, joins } = places.get(name)!;
    const reached = from.filter(({ place }) => known.has(place));
    let set = reached.map(({ place, adds }) => known.get(place)! | adds).reduce(merge);
    if (isAlways) for (const end of joins ?? []) set |= known.get(end) ?? 0n;
    if (known.get(name) === set) continue;
    known.set(name, set);
    for (const next of after.get(name) ?? []) open.add(next);
  }
  return known;
}
