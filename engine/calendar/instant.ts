// Reading dates, instants, zones and durations from ISO 8601 text, with our errors instead of RangeError.
import { Temporal } from 'temporal-polyfill';
import { calendarErrors } from './calendar-errors.js';

const textCharsMax = 100;
const dateShape = /^\d{4}-\d{2}-\d{2}$/;
const instantShape = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}.*(?:[Zz]|[+-]\d{2}:?\d{2})(?:\[[^\]]+\])?$/;
const fourDigits = /^\d{4}-/;
const beyondNanoseconds = /([.,]\d{9})\d+/;
/** Of the years with four digits. */
const lastMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const zoneShape = /^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/;

/** Whether text looks like a calendar date, `2026-11-22`. */
export function isDateText(text: string): boolean {
  return dateShape.test(text);
}

/** Whether text looks like a point in time: date and time with `Z` or an offset, and perhaps a `[zone]`. */
export function isInstantText(text: string): boolean {
  return text.length <= textCharsMax && instantShape.test(text);
}

/** @throws {RecourseError} `calendar.date-invalid` */
export function toDate(text: string): Temporal.PlainDate {
  if (!isDateText(text)) throw invalidDate(text, 'a date such as 2026-11-22');
  return read(text, 'a date such as 2026-11-22', () => Temporal.PlainDate.from(text, { overflow: 'reject' }));
}

/**
 * A point in time; one with a `[zone]` is checked against its offset, and what is less than a nanosecond is cut off.
 *
 * @throws {RecourseError} `calendar.date-invalid`
 */
export function toInstant(text: string): Temporal.Instant {
  const expected = 'a point in time such as 2026-11-22T10:00:00Z';
  if (!isInstantText(text)) throw invalidDate(text, expected);
  const known = text.replace(beyondNanoseconds, '$1');
  return read(text, expected, () =>
    known.endsWith(']')
      ? Temporal.ZonedDateTime.from(known, { offset: 'reject', overflow: 'reject' }).toInstant()
      : Temporal.Instant.from(known),
  );
}

/** The nanoseconds of a point in time; undefined for what is none, or only looks like one. */
export function momentOf(text: string): bigint | undefined {
  try {
    return toInstant(text).epochNanoseconds;
  } catch {
    return undefined;
  }
}

/** An instant in the form that sorts as text, UTC with milliseconds; the last that has it for all that are later. */
export function toSortedText({ epochMilliseconds }: { readonly epochMilliseconds: number }): string {
  return new Date(Math.min(epochMilliseconds, lastMs)).toISOString();
}

/** @throws {RecourseError} `calendar.zone-unknown` */
export function toZone(zone: string): string {
  if (zoneShape.test(zone)) {
    try {
      return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone).timeZoneId;
    } catch {
      // Falls through to our own refusal.
    }
  }
  throw calendarErrors.error('zone-unknown', `${quote(zone)} is not a time zone`);
}

/** @throws {RecourseError} `calendar.duration-invalid` */
export function toDuration(text: string): Temporal.Duration {
  if (text.length <= textCharsMax) {
    try {
      return Temporal.Duration.from(text);
    } catch {
      // Falls through to our own refusal.
    }
  }
  throw calendarErrors.error('duration-invalid', `${quote(text)} is not a duration such as P3D`);
}

/**
 * The result of a calculation with dates; one that is text is a date or a point in time.
 *
 * @throws {RecourseError} `calendar.date-invalid` outside the years 0 to 9999, whose text could not be read again
 */
export function within<Result>(calculate: () => Result): Result {
  try {
    const result = calculate();
    if (typeof result !== 'string' || fourDigits.test(result)) return result;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw calendarErrors.error(
    'date-invalid',
    'the calculation leaves the range of dates, or mixes what does not mix',
  );
}

function read<Read>(text: string, expected: string, parse: () => Read): Read {
  try {
    return parse();
  } catch {
    throw invalidDate(text, expected);
  }
}

function invalidDate(text: string, expected: string) {
  return calendarErrors.error('date-invalid', `${quote(text)} is not ${expected}`);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
