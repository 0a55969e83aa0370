// The one way to write a flow down: known properties in a fixed order, so that a diff shows what changed and nothing
// else; and the text that its hash is made of, in which no order of keys matters.
import type { FlowDefinition, Json } from './flow.js';

const order = [
  'format',
  'name',
  'type',
  'label',
  'description',
  'runLabel',
  'stage',
  'start',
  'mode',
  'timeZone',
  'trigger',
  'conditions',
  'signals',
  'stages',
  'variables',
  'constants',
  'formulas',
  'texts',
  'choices',
  'elements',
];
const last = ['next', 'onFault', 'retry'];

const rank = (key: string): number => {
  const known = order.indexOf(key);
  if (known >= 0) return known;
  const end = last.indexOf(key);
  return end >= 0 ? 1_000 + end : 500;
};

/** The file's text: indented JSON with a final line end. Elements and variables keep the order their author gave them. */
export function toCanonicalText(definition: FlowDefinition): string {
  const { elements, ...rest } = definition;
  const sorted: Record<string, unknown> = { ...sortKnown(rest) };
  sorted['elements'] = Object.fromEntries(
    Object.entries(elements).map(([name, element]) => [name, sortKnown(element)]),
  );
  return `${JSON.stringify(sorted, undefined, 2)}\n`;
}

function sortKnown(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => rank(left) - rank(right)));
}

/** JSON with the keys of every object in order of their code units. */
export function toSortedJson(value: unknown): string {
  return JSON.stringify(sortKeys(value as Json));
}

function sortKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  const object = value as { readonly [name: string]: Json };
  return Object.fromEntries(
    Object.keys(object)
      .sort()
      .map((key) => [key, sortKeys(object[key] ?? null)]),
  );
}
