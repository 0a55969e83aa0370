// The part of a file that has the shape of a flow, so that one slip does not hide everything behind it.
import type { ElementDefinition, FlowDefinition } from './flow.js';
import type { ShapeProblem } from './schema-problems.js';
import { fromPointer } from '../errors/json-pointer.js';

export interface SoundPart {
  /** The flow without what has the wrong shape; elements of a wrong shape are `unknownType`. */
  readonly definition: FlowDefinition;
  /** Names whose declaration was left out. */
  readonly ghosts: ReadonlySet<string>;
  /** Elements that those of a wrong shape may lead to. */
  readonly guesses: ReadonlyMap<string, readonly string[]>;
}

/** Type of an element whose shape is wrong; no element can be registered under it. */
export const unknownType = '';

const sections = ['variables', 'constants', 'formulas', 'texts', 'choices', 'signals', 'elements'];

/** The sound part, or undefined when there is none to speak of. */
export function toSoundPart(value: unknown, problems: readonly ShapeProblem[]): SoundPart | undefined {
  if (!isObject(value)) return undefined;
  const copy = structuredClone(value) as Record<string, unknown>;
  const ghosts = new Set<string>();
  const guesses = new Map<string, readonly string[]>();
  const broken = new Set<string>();
  for (const { code, pointer, didYouMean } of problems) {
    const path = fromPointer(pointer);
    // Without what was meant by it an element would seem to lack it.
    const isMisspelt = path[0] === 'elements' && path.length === 3 && didYouMean !== undefined;
    if (code === 'flow.property-unknown' && !(isMisspelt && lacks(copy, path[1]!, didYouMean)))
      remove(copy, path);
    else if (sections.includes(path[0] ?? '') && path.length > 1) broken.add(`${path[0]}/${path[1]}`);
    else if (path[0] === 'start') repairStart(copy, path);
    else if (['stages', 'mode', 'runLabel'].includes(path[0] ?? '')) delete copy[path[0]!];
  }
  for (const section of sections)
    if (copy[section] !== undefined && !isObject(copy[section])) delete copy[section];
  copy['elements'] ??= {};
  const elements = copy['elements'] as Record<string, ElementDefinition>;
  for (const key of broken) {
    const section = key.slice(0, key.indexOf('/'));
    const name = key.slice(key.indexOf('/') + 1);
    const held = copy[section] as Record<string, unknown> | undefined;
    if (held === undefined || !Object.hasOwn(held, name)) continue;
    ghosts.add(name);
    if (section !== 'elements') {
      delete held[name];
      continue;
    }
    guesses.set(
      name,
      textsIn(elements[name]).filter((text) => Object.hasOwn(elements, text)),
    );
    elements[name] = { type: unknownType, label: name };
  }
  if (!isObject(copy['start']) || !isObject(copy['start']['trigger'])) {
    const next = isObject(copy['start']) ? copy['start']['next'] : undefined;
    copy['start'] = { trigger: { type: 'action' }, ...(typeof next === 'string' ? { next } : {}) };
    ghosts.add('$record').add('$recordPrior').add('$event');
  }
  if (typeof copy['name'] !== 'string') copy['name'] = 'unnamed';
  if (copy['timeZone'] !== undefined && typeof copy['timeZone'] !== 'string') delete copy['timeZone'];
  return { definition: copy as unknown as FlowDefinition, ghosts, guesses };
}

function repairStart(copy: Record<string, unknown>, [, part, index]: readonly string[]): void {
  const { start } = copy;
  if (!isObject(start)) return;
  if (part === 'conditions' && Array.isArray(start['conditions'])) {
    if (index === undefined) delete start['conditions'];
    // A condition that was left out keeps its place, so that the pointers of the others stay true.
    else start['conditions'][Number(index)] = { when: true, otherwise: 'left out' };
  } else if (part !== undefined) {
    delete start[part];
  }
}

function lacks({ elements }: Record<string, unknown>, element: string, property: string): boolean {
  const held = isObject(elements) ? elements[element] : undefined;
  return isObject(held) && !Object.hasOwn(held, property);
}

function remove(copy: Record<string, unknown>, path: readonly string[]): void {
  let held: unknown = copy;
  for (const name of path.slice(0, -1)) {
    held = isObject(held) || Array.isArray(held) ? (held as Record<string, unknown>)[name] : undefined;
  }
  if (isObject(held)) delete held[path.at(-1)!];
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
