// Ledger data as JSON for flows, the API and previews: amounts as money, fractions as text, nothing rounded.
import { fromMinor } from '../../engine/money/money.js';
import { fractionText } from './fraction.js';

/** Plain JSON of any ledger value: every bigint is an amount in minor units of the currency, except in fractions. */
export function toDocument(value: unknown, currency: string): unknown {
  if (typeof value === 'bigint') return fromMinor(value, currency);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => toDocument(each, currency));
  const { num, over } = value as { num?: unknown; over?: unknown };
  if (typeof num === 'bigint' && typeof over === 'bigint') return fractionText({ num, over });
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toDocument(each, currency)]));
}
