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
export function fromAggregateText(text: string): OrderAggregate {
  return JSON.parse(text, (_name, value: unknown) => {
    if (typeof value !== 'string' || !value.startsWith(mark)) return value;
    if (value.startsWith(mark + mark)) return value.slice(1);
    const rest = value.slice(2);
    return value[1] === 'n' ? BigInt(rest) : new Date(rest);
  }) as OrderAggregate;
}
