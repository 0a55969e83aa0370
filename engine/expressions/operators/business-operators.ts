// Operators in business time: by a calendar of `$calendar`, named by its key there.
import { Temporal } from 'temporal-polyfill';
import type { OnDay } from '../../calendar/business-calendar.js';
import { isDateText, toDate, toDuration, toInstant, within } from '../../calendar/instant.js';
import { expressionLimits } from '../expression-limits.js';
import { booleanExtent, dateExtent, type Extent, numberExtent } from '../extent.js';
import { asInstant, asInteger, asOneOf, asText, unexpected } from '../operands.js';
import type { Call, Estimating, Operand, Operator } from '../operator.js';

const moment: Operand = { name: 'value', kind: 'dateTime' };
const calendar: Operand = { name: 'calendar', kind: 'string' };
const units = ['minutes', 'hours', 'days'] as const;

/** Steps that any question costs, each calendar day looked at for it, and each stretch whose times are found there. */
const steps = 50;
const stepsADay = 5;
const stepsAStretch = 10;

const payer =
  (call: Call): OnDay =>
  (stretches) =>
    call.spend(stepsADay + stepsAStretch * stretches);

const exampleScope = {
  $calendar: {
    support: {
      zone: 'Europe/Berlin',
      weekly: { monday: [['09:00', '17:00']], friday: [['09:00', '17:00']] },
      holidays: ['2026-12-25'],
    },
  },
};

/** Days written in the rule are looked for day by day; of others it is assumed how many are looked at. */
function estimateDays(days: Extent | undefined, at: Estimating): void {
  const { businessDays, businessStretches, closedDays } = expressionLimits.assumed;
  const written = days?.value === undefined ? Number.NaN : Math.abs(Number(days.value));
  const looked = Number.isNaN(written) ? businessDays : (written + 1) * (closedDays + 1);
  at.spend(steps + looked * (stepsADay + stepsAStretch * businessStretches));
}

function daysBetween(from: unknown, to: unknown, name: unknown, call: Call): number {
  const book = call.calendar(asText(name));
  const [first, last] = [dateIn(from, book.zone), dateIn(to, book.zone)];
  const sign = Temporal.PlainDate.compare(first, last) > 0 ? -1 : 1;
  const [early, late] = sign === 1 ? [first, last] : [last, first];
  let count = 0;
  for (
    let day = early.add({ days: 1 });
    Temporal.PlainDate.compare(day, late) <= 0;
    day = day.add({ days: 1 })
  ) {
    call.spend(stepsADay);
    if (book.isBusinessDay(day)) count += 1;
  }
  return sign === 1 ? count : 0 - count;
}

function dateIn(value: unknown, zone: string): Temporal.PlainDate {
  const text = asText(value);
  return isDateText(text) ? toDate(text) : toInstant(text).toZonedDateTimeISO(zone).toPlainDate();
}

export const businessOperators: readonly Operator[] = [
  {
    name: 'business.addDays',
    group: 'Business time',
    summary:
      'A date or point in time later by business days (earlier if negative); 0 moves to the next business day unless it is one. A point in time keeps its time of day.',
    operands: [moment, { name: 'days', kind: 'number' }, calendar],
    result: ([type]) => type ?? 'unknown',
    evaluate([value, days, name], call) {
      const count = asInteger(days, -3_660, 3_660);
      call.spend(steps);
      const onDay = payer(call);
      const book = call.calendar(asText(name));
      const text = asText(value);
      if (isDateText(text)) return within(() => book.addDays(toDate(text), count, onDay).toString());
      const at = toInstant(text).toZonedDateTimeISO(book.zone);
      return within(() =>
        book
          .addDays(at.toPlainDate(), count, onDay)
          .toZonedDateTime({ timeZone: book.zone, plainTime: at.toPlainTime() })
          .toInstant()
          .toString(),
      );
    },
    estimate([, days], at) {
      estimateDays(days, at);
      return dateExtent;
    },
    example: {
      rule: { 'business.addDays': ['2026-12-21', 1, 'support'] },
      scope: exampleScope,
      result: '2026-12-28',
    },
  },
  {
    name: 'business.addTime',
    group: 'Business time',
    summary: 'The point in time at which a duration of opening time (hours, minutes, seconds) has passed.',
    operands: [moment, { name: 'duration', kind: 'duration' }, calendar],
    result: 'dateTime',
    evaluate([value, duration, name], call) {
      const length = toDuration(asText(duration));
      if (length.sign < 0 || length.years + length.months + length.weeks + length.days > 0) {
        throw unexpected('a duration of hours, minutes and seconds, not negative', duration);
      }
      const openMs = length.total('milliseconds');
      const from = asInstant(value);
      call.spend(steps);
      const book = call.calendar(asText(name));
      return within(() => book.addTime(from, openMs, payer(call)).toString());
    },
    estimate(_, at) {
      estimateDays(undefined, at);
      return dateExtent;
    },
    example: {
      rule: { 'business.addTime': ['2026-11-23T15:00:00Z', 'PT2H', 'support'] },
      scope: exampleScope,
      result: '2026-11-27T09:00:00Z',
    },
  },
  {
    name: 'business.isOpen',
    group: 'Business time',
    summary: 'Whether it is open at a point in time, or on a date at all.',
    operands: [moment, calendar],
    result: 'boolean',
    evaluate([value, name], call) {
      call.spend(steps);
      const book = call.calendar(asText(name));
      const text = asText(value);
      return isDateText(text) ? book.isBusinessDay(toDate(text)) : book.isOpen(toInstant(text));
    },
    estimate(_, at) {
      at.spend(steps);
      return booleanExtent;
    },
    example: {
      rule: { 'business.isOpen': ['2026-11-23T15:59:00Z', 'support'] },
      scope: exampleScope,
      result: true,
    },
  },
  {
    name: 'business.between',
    group: 'Business time',
    summary:
      'Opening time between two points in time in minutes or hours, or the business days after the first date up to the second.',
    operands: [moment, { ...moment, name: 'to' }, { name: 'unit', kind: 'string', oneOf: units }, calendar],
    result: 'number',
    evaluate([from, to, unit, name], call) {
      call.spend(steps);
      const wanted = asOneOf(unit, units);
      if (wanted === 'days') return daysBetween(from, to, name, call);
      const [first, last] = [asInstant(from), asInstant(to)];
      const openMs = call.calendar(asText(name)).between(first, last, payer(call));
      return openMs / (wanted === 'hours' ? 3_600_000 : 60_000);
    },
    estimate(_, at) {
      estimateDays(undefined, at);
      return numberExtent;
    },
    example: {
      rule: { 'business.between': ['2026-11-23T15:00:00Z', '2026-11-27T09:00:00Z', 'hours', 'support'] },
      scope: exampleScope,
      result: 2,
    },
  },
];
