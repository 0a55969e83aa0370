// Operators on dates, points in time and durations, all ISO 8601 text; a zone is always named, never taken from the machine.
import { Temporal } from 'temporal-polyfill';
import { isDateText, toDate, toDuration, toInstant, toZone, within } from '../../calendar/instant.js';
import { dateExtent, type Extent, joined, numberExtent } from '../extent.js';
import { asInstant, asOneOf, asText, unexpected } from '../operands.js';
import type { Call, Estimating, Operand, Operator } from '../operator.js';

const moment: Operand = { name: 'value', kind: 'dateTime' };
const zone: Operand = { name: 'zone', kind: 'zone' };
const optionalZone: Operand = { ...zone, optional: true };
const duration: Operand = { name: 'duration', kind: 'duration' };
const calendarUnits = ['day', 'week', 'month', 'year'] as const;
const dateUnits = ['days', 'weeks', 'months', 'years'] as const;
const timeUnits = ['seconds', 'minutes', 'hours'] as const;
const parts = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const;

/** Steps that one calculation with dates costs: measured, it takes as long as fifty lookups. */
const steps = 50;

function estimateOne(_: unknown, at: Estimating): Extent {
  at.spend(steps);
  return joined(dateExtent, numberExtent);
}

/** A date, or a point in time as seen in the zone, which has to be given for it. */
function read(value: unknown, inZone: unknown): Temporal.PlainDate | Temporal.ZonedDateTime {
  const text = asText(value);
  if (isDateText(text)) return toDate(text);
  const instant = toInstant(text);
  if (inZone === undefined)
    throw unexpected('a time zone, as a point in time has a date only in a zone', inZone);
  return instant.toZonedDateTimeISO(toZone(asText(inZone)));
}

function toResult(value: Temporal.PlainDate | Temporal.ZonedDateTime): string {
  return value instanceof Temporal.PlainDate ? value.toString() : value.toInstant().toString();
}

function move(value: unknown, by: Temporal.Duration, inZone: unknown): string {
  const text = asText(value);
  if (isDateText(text)) {
    if (hasTime(by)) {
      throw unexpected('a duration of whole days for a date', by.toString());
    }
    return within(() => toDate(text).add(by).toString());
  }
  if (by.years === 0 && by.months === 0 && by.weeks === 0 && by.days === 0) {
    return within(() => toInstant(text).add(by).toString());
  }
  return within(() => toResult(read(value, inZone).add(by)));
}

function hasTime(by: Temporal.Duration): boolean {
  return [by.hours, by.minutes, by.seconds, by.milliseconds, by.microseconds, by.nanoseconds].some(
    (unit) => unit !== 0,
  );
}

function difference(from: unknown, to: unknown, unit: string, inZone: unknown): number {
  if (timeUnits.some((timeUnit) => timeUnit === unit)) {
    const largestUnit = asOneOf(unit, timeUnits);
    const between = asInstant(from).until(asInstant(to), { largestUnit });
    return between[largestUnit];
  }
  const largestUnit = asOneOf(unit, [...dateUnits, ...timeUnits]) as (typeof dateUnits)[number];
  const [first, last] = [read(from, inZone), read(to, inZone)];
  if (first instanceof Temporal.PlainDate !== last instanceof Temporal.PlainDate) {
    throw unexpected('two dates or two points in time', to);
  }
  const until =
    first instanceof Temporal.PlainDate
      ? first.until(last as Temporal.PlainDate, { largestUnit })
      : first.until(last as Temporal.ZonedDateTime, { largestUnit });
  return until[largestUnit];
}

function startOf(
  value: Temporal.PlainDate | Temporal.ZonedDateTime,
  unit: (typeof calendarUnits)[number],
): string {
  const date = value instanceof Temporal.PlainDate ? value : value.toPlainDate();
  const start = {
    day: () => date,
    week: () => date.subtract({ days: date.dayOfWeek - 1 }),
    month: () => date.with({ day: 1 }),
    year: () => date.with({ month: 1, day: 1 }),
  }[unit]();
  // The first moment of the day, which is not midnight where the clocks change at midnight.
  return value instanceof Temporal.PlainDate
    ? start.toString()
    : start.toZonedDateTime(value.timeZoneId).startOfDay().toInstant().toString();
}

/** -1, 0 or 1 of two dates or of two points in time. */
export function compareDates(left: unknown, right: unknown): number {
  const [a, b] = [asText(left), asText(right)];
  if (isDateText(a) !== isDateText(b)) throw unexpected('two dates or two points in time', right);
  return isDateText(a)
    ? Temporal.PlainDate.compare(toDate(a), toDate(b))
    : Temporal.Instant.compare(toInstant(a), toInstant(b));
}

function comparison(
  name: string,
  summary: string,
  holds: (sign: number) => boolean,
  result: boolean,
): Operator {
  return {
    name,
    group: 'Dates',
    summary,
    operands: [moment, { ...moment, name: 'other' }],
    result: 'boolean',
    evaluate([left, right], call) {
      call.spend(steps);
      return holds(compareDates(left, right));
    },
    estimate: estimateOne,
    example: { rule: { [name]: ['2026-11-22T10:00:00Z', '2026-11-22T11:30:00+01:00'] }, result },
  };
}

function mover(name: string, summary: string, sign: 1 | -1, result: string): Operator {
  return {
    name,
    group: 'Dates',
    summary,
    operands: [moment, duration, optionalZone],
    result: ([type]) => type ?? 'unknown',
    evaluate([value, by, inZone], call) {
      call.spend(steps);
      const length = toDuration(asText(by));
      return move(value, sign === 1 ? length : length.negated(), inZone);
    },
    estimate: estimateOne,
    example: { rule: { [name]: ['2026-03-31', 'P1M'] }, result },
  };
}

function field(
  name: string,
  summary: string,
  operands: readonly Operand[],
  evaluate: NonNullable<Operator['evaluate']>,
  example: Operator['example'],
  result: Operator['result'] = 'number',
): Operator {
  return {
    name,
    group: 'Dates',
    summary,
    operands,
    result,
    evaluate(values, call: Call) {
      call.spend(steps);
      return within(() => evaluate(values, call));
    },
    estimate: estimateOne,
    example,
  };
}

export const dateOperators: readonly Operator[] = [
  mover(
    'date.add',
    'A date or point in time later by a duration; days, months and years of a point in time need a zone. Ends of months are kept: 31 January plus a month is 28 February.',
    1,
    '2026-04-30',
  ),
  mover('date.subtract', 'A date or point in time earlier by a duration; as `date.add`.', -1, '2026-02-28'),
  field(
    'date.diff',
    'Whole units from the first to the second, cut towards zero: seconds to years; days and longer of points in time need a zone.',
    [
      moment,
      { ...moment, name: 'to' },
      { name: 'unit', kind: 'string', oneOf: [...timeUnits, ...dateUnits] },
      optionalZone,
    ],
    ([from, to, unit, inZone]) => difference(from, to, asText(unit), inZone),
    { rule: { 'date.diff': ['2026-11-01', '2026-11-22', 'days'] }, result: 21 },
  ),
  field(
    'date.startOf',
    'The first day, or the first moment in a zone, of the day, week (from Monday), month or year.',
    [moment, { name: 'unit', kind: 'string', oneOf: calendarUnits }, optionalZone],
    ([value, unit, inZone]) => startOf(read(value, inZone), asOneOf(unit, calendarUnits)),
    {
      rule: { 'date.startOf': ['2026-11-22T10:00:00Z', 'day', 'Europe/Berlin'] },
      result: '2026-11-21T23:00:00Z',
    },
    ([type]) => type ?? 'unknown',
  ),
  field(
    'date.of',
    'The date of a point in time in a zone.',
    [moment, zone],
    ([value, inZone]) =>
      asInstant(value)
        .toZonedDateTimeISO(toZone(asText(inZone)))
        .toPlainDate()
        .toString(),
    { rule: { 'date.of': ['2026-11-22T23:30:00Z', 'Europe/Berlin'] }, result: '2026-11-23' },
    'date',
  ),
  field(
    'date.inZone',
    'A point in time written as the clocks of a zone show it.',
    [moment, zone],
    ([value, inZone]) =>
      asInstant(value)
        .toZonedDateTimeISO(toZone(asText(inZone)))
        .toString(),
    {
      rule: { 'date.inZone': ['2026-11-22T10:00:00Z', 'Europe/Berlin'] },
      result: '2026-11-22T11:00:00+01:00[Europe/Berlin]',
    },
    'dateTime',
  ),
  field(
    'date.at',
    'The point in time at which the clocks of a zone show a time on a date. A time that the change of clocks leaves out is moved on by the gap; of a time that comes twice it is the first.',
    [{ name: 'date', kind: 'date' }, { name: 'time', kind: 'string' }, zone],
    ([date, time, inZone]) =>
      toDate(asText(date))
        .toZonedDateTime({ timeZone: toZone(asText(inZone)), plainTime: toTime(asText(time)) })
        .toInstant()
        .toString(),
    { rule: { 'date.at': ['2026-03-29', '02:30', 'Europe/Berlin'] }, result: '2026-03-29T01:30:00Z' },
    'dateTime',
  ),
  field(
    'date.weekday',
    'The day of the week, 1 (Monday) to 7 (Sunday); a point in time needs a zone.',
    [moment, optionalZone],
    ([value, inZone]) => read(value, inZone).dayOfWeek,
    { rule: { 'date.weekday': ['2026-11-22'] }, result: 7 },
  ),
  field(
    'date.part',
    'The year, month, day, hour, minute or second; a point in time needs a zone, a date has no hours.',
    [moment, { name: 'part', kind: 'string', oneOf: parts }, optionalZone],
    ([value, part, inZone]) => {
      const at = read(value, inZone);
      const wanted = asOneOf(part, parts);
      if (!(at instanceof Temporal.PlainDate)) return at[wanted];
      return at[asOneOf(wanted, ['year', 'month', 'day'] as const)];
    },
    { rule: { 'date.part': ['2026-11-22T10:00:00Z', 'hour', 'Asia/Tokyo'] }, result: 19 },
  ),
  comparison(
    'date.before',
    'Whether the first is earlier: two dates, or two points in time.',
    (sign) => sign < 0,
    true,
  ),
  comparison(
    'date.after',
    'Whether the first is later: two dates, or two points in time.',
    (sign) => sign > 0,
    false,
  ),
  field(
    'date.compare',
    '-1, 0 or 1 as the first is earlier than, equal to or later than the second.',
    [moment, { ...moment, name: 'other' }],
    ([left, right]) => compareDates(left, right),
    { rule: { 'date.compare': ['2026-11-22', '2026-11-22'] }, result: 0 },
  ),
  field(
    'date.between',
    'Whether the first is at or after the second and before the third.',
    [moment, { ...moment, name: 'from' }, { ...moment, name: 'to' }],
    ([value, from, to]) => compareDates(value, from) >= 0 && compareDates(value, to) < 0,
    { rule: { 'date.between': ['2026-11-22', '2026-11-01', '2026-12-01'] }, result: true },
    'boolean',
  ),
  field(
    'duration.total',
    'A duration in a unit from seconds to weeks, days being 24 hours; months and years have no fixed length and are refused.',
    [duration, { name: 'unit', kind: 'string', oneOf: [...timeUnits, 'days', 'weeks'] }],
    ([value, unit]) => {
      const length = toDuration(asText(value));
      if (length.years !== 0 || length.months !== 0)
        throw unexpected('a duration without months and years', value);
      const seconds = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400, weeks: 604_800 };
      const exact = length.with({ weeks: 0, days: length.days + 7 * length.weeks }).total('seconds');
      return exact / seconds[asOneOf(unit, [...timeUnits, 'days', 'weeks'] as const)];
    },
    { rule: { 'duration.total': ['P1DT12H', 'hours'] }, result: 36 },
  ),
];

function toTime(text: string): Temporal.PlainTime {
  if (!/^([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?$/.test(text)) throw unexpected('a time such as 09:30', text);
  return Temporal.PlainTime.from(text);
}
