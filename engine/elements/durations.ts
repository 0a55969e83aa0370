// Durations from now that elements wait: days and longer are those of the flow's time zone.
import type { Temporal } from 'temporal-polyfill';
import { calendarErrors } from '../calendar/calendar-errors.js';
import { toDuration, toInstant, toSortedText, toZone } from '../calendar/instant.js';
import type { Json, Rule } from '../definition/flow.js';
import type { Expression } from '../expressions/index.js';
import type { CompileSite } from './element.js';

/** A rule that gives a duration; one that is no duration, whenever the flow runs, is reported. */
export function compileDuration(rule: Rule, pointer: string, at: CompileSite): Expression {
  const duration = at.expression(rule, pointer);
  const expected = 'a duration in ISO 8601 such as P3D or PT2H30M';
  at.constant?.(duration, pointer, expected, (value) => problemOf(() => toDuration(asText(value))), [
    'duration',
    'string',
  ]);
  return duration;
}

/** A rule that gives a point in time; as `compileDuration`. */
export function compileInstant(rule: Rule, pointer: string, at: CompileSite): Expression {
  const instant = at.expression(rule, pointer);
  const expected = 'a point in time such as 2026-11-22T10:00:00Z';
  at.constant?.(instant, pointer, expected, (value) => problemOf(() => toInstant(asText(value))), [
    'dateTime',
    'string',
  ]);
  return instant;
}

/**
 * The instant a duration after another, in a form that sorts as text: milliseconds, UTC.
 *
 * @throws {RecourseError} `calendar.duration-invalid`, `calendar.out-of-range`
 */
export function instantAfter(now: string, duration: Json, zone: string): string {
  const length = toDuration(asText(duration));
  const start = toInstant(now).toZonedDateTimeISO(toZone(zone));
  let end: Temporal.ZonedDateTime;
  try {
    end = start.add(length);
  } catch {
    throw calendarErrors.error('out-of-range', `${asText(duration)} from now is beyond every calendar`);
  }
  return toSortedText(end);
}

const asText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

function problemOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
