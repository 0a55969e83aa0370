// An aggregate as text, as flows carry it between actions: JSON in which whole amounts and instants keep their types.
import type { OrderAggregate } from './order-aggregate.js';

// A text that begins with the mark is kept apart from what the mark stands for by a second one.
const mark = '~';

/** The aggregate as one line of text. */
export function toAggregateText(aggregate: OrderAggregate): string {
  return JSON.stringify(aggregate, function (this: Record<string, unknown>, name: string, value: unknown) {
    if (typeof value === 'bigint') return `${mark}n${value}`;
    // Dates have become text before a replacer sees them.
    if (this[name] instanceof Date) return `${mark}d${value as string}`;
    return typeof value === 'string' && value.startsWith(mark) ? mark + value : value;
  });
}

/** @throws {SyntaxError} for a text that `toAggregateText` didn't make */
export const fromAggregateText = (text: string): OrderAggregate =>
  fromPlain(JSON.parse(text)) as OrderAggregate;

/** In place; a function that `JSON.parse` calls for each value takes three times as long. */
function fromPlain(value: unknown): unknown {
  if (typeof value === 'string') return value.startsWith(mark) ? unmarked(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  const parts = value as Record<string, unknown>;
  for (const name of Object.keys(parts)) {
    const part = parts[name];
    const own = fromPlain(part);
    if (own !== part) parts[name] = own;
  }
  return value;
}

function unmarked(text: string): unknown {
  if (text[1] === mark) return text.slice(1);
  const rest = text.slice(2);
  return text[1] === 'n' ? BigInt(rest) : new Date(rest);
}
