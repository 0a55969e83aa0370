// Business calendars: zone, weekly opening hours and holidays as data, and the arithmetic of business days and time.
import { Temporal } from 'temporal-polyfill';
import { calendarErrors } from './calendar-errors.js';
import { isDateText, toDate, toZone } from './instant.js';

export const weekdays = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;

export type Weekday = (typeof weekdays)[number];

/** Opening hours of one stretch of a day, `["09:00", "17:30"]`; `"24:00"` is the end of the day. */
export type OpeningHours = readonly [from: string, to: string];

/** A business calendar as an administrator writes it. */
export interface CalendarData {
  /** IANA time zone in which the hours are meant. */
  readonly zone: string;
  /** Stretches of each weekday in order; a weekday that is left out is closed. */
  readonly weekly: Readonly<Partial<Record<Weekday, readonly OpeningHours[]>>>;
  /** Dates on which it is closed. */
  readonly holidays?: readonly string[];
}

/** Bound on each question, in days looked at: ten years. */
export const calendarDaysMax = 3_660;
const holidaysMax = 2_000;
const stretchesMax = 12;

const minutesADay = 24 * 60;
const timeShape = /^([01]\d|2[0-3]):([0-5]\d)$/;

/**
 * Called for each day that is looked at, with the stretches whose times are looked at there, so that the caller can count,
 * and stop it by throwing.
 */
export type OnDay = (stretches: number) => void;

const ignore: OnDay = () => {};

interface Stretch {
  readonly fromMinute: number;
  readonly toMinute: number;
}

interface Opening {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A checked calendar. Days are the calendar's own, in its zone; times are instants. */
export class BusinessCalendar {
  readonly zone: string;
  readonly #weekly: readonly (readonly Stretch[])[];
  readonly #holidays: ReadonlySet<string>;

  /** @throws {RecourseError} `calendar.invalid`, `calendar.zone-unknown`, `calendar.date-invalid` */
  constructor(data: CalendarData) {
    if (!isRecord(data) || typeof data.zone !== 'string' || !isRecord(data.weekly)) {
      throw invalid('a calendar has a zone and weekly opening hours');
    }
    this.zone = toZone(data.zone);
    const weekly = data.weekly;
    for (const day of Object.keys(weekly)) {
      if (!weekdays.includes(day as Weekday)) throw invalid(`${JSON.stringify(day)} is not a weekday`);
    }
    this.#weekly = weekdays.map((day) => (Object.hasOwn(weekly, day) ? toStretches(day, weekly[day]) : []));
    if (this.#weekly.every((day) => day.length === 0)) throw invalid('the calendar is never open');
    const holidays = Object.hasOwn(data, 'holidays') ? data.holidays : [];
    if (!Array.isArray(holidays) || holidays.length > holidaysMax) {
      throw invalid(`holidays are a list of at most ${holidaysMax} dates`);
    }
    for (const day of holidays) {
      if (typeof day !== 'string' || !isDateText(day))
        throw invalid('a holiday is a date such as 2026-12-25');
      toDate(day);
    }
    this.#holidays = new Set(holidays as readonly string[]);
  }

  /** Whether any business is done on this day. */
  isBusinessDay(date: Temporal.PlainDate): boolean {
    return this.#stretchesOf(date).length > 0;
  }

  isOpen(at: Temporal.Instant): boolean {
    const ms = at.epochMilliseconds;
    const date = at.toZonedDateTimeISO(this.zone).toPlainDate();
    return this.#openings(date).some(({ fromMs, toMs }) => ms >= fromMs && ms < toMs);
  }

  /**
   * Moves by whole business days; zero moves to the next business day unless the date is one.
   *
   * @throws {RecourseError} `calendar.out-of-range` beyond 3,660 days looked at
   */
  addDays(date: Temporal.PlainDate, days: number, onDay: OnDay = ignore): Temporal.PlainDate {
    const step = days < 0 ? -1 : 1;
    let left = Math.abs(days);
    let current = date;
    for (let looked = 0; looked <= calendarDaysMax; looked += 1) {
      if (left === 0 && (days !== 0 || this.isBusinessDay(current))) return current;
      onDay(0);
      current = current.add({ days: step });
      if (left > 0 && this.isBusinessDay(current)) left -= 1;
    }
    throw outOfRange();
  }

  /**
   * Moves forward by opening time only, in milliseconds ≥ 0, a part of one counting as a whole; zero moves to the next moment that is open.
   *
   * The hours that a change of the clocks takes or gives count as they pass, so that two hours are two hours.
   *
   * @throws {RecourseError} `calendar.out-of-range` beyond 3,660 days looked at
   */
  addTime(from: Temporal.Instant, openMs: number, onDay: OnDay = ignore): Temporal.Instant {
    const fromMs = from.epochMilliseconds;
    let left = Math.ceil(openMs);
    let date = from.toZonedDateTimeISO(this.zone).toPlainDate();
    for (let looked = 0; looked <= calendarDaysMax; looked += 1) {
      onDay(this.#stretchesOf(date).length);
      for (const opening of this.#openings(date)) {
        const startMs = Math.max(opening.fromMs, fromMs);
        const span = opening.toMs - startMs;
        // The end of a stretch is closed already, so time that is used up exactly there ends there, but zero moves on.
        if (span > 0 && left <= span) return Temporal.Instant.fromEpochMilliseconds(startMs + left);
        if (span > 0) left -= span;
      }
      date = date.add({ days: 1 });
    }
    throw outOfRange();
  }

  /** Opening time between two instants, in milliseconds; negative when `to` is earlier. @throws {RecourseError} `calendar.out-of-range` */
  between(from: Temporal.Instant, to: Temporal.Instant, onDay: OnDay = ignore): number {
    const [first, last] = [from.epochMilliseconds, to.epochMilliseconds];
    if (first > last) return 0 - this.between(to, from, onDay);
    let date = from.toZonedDateTimeISO(this.zone).toPlainDate();
    const end = to.toZonedDateTimeISO(this.zone).toPlainDate();
    let openMs = 0;
    for (let looked = 0; looked <= calendarDaysMax; looked += 1) {
      if (Temporal.PlainDate.compare(date, end) > 0) return openMs;
      onDay(this.#stretchesOf(date).length);
      for (const { fromMs, toMs } of this.#openings(date)) {
        openMs += Math.max(0, Math.min(toMs, last) - Math.max(fromMs, first));
      }
      date = date.add({ days: 1 });
    }
    throw outOfRange();
  }

  #stretchesOf(date: Temporal.PlainDate): readonly Stretch[] {
    const stretches = this.#weekly[date.dayOfWeek - 1] ?? [];
    const isClosed = stretches.length === 0 || this.#holidays.has(date.toString()) || !this.#exists(date);
    return isClosed ? [] : stretches;
  }

  /** In order and apart from one another, also where a change of the clocks moves a stretch into the next. */
  #openings(date: Temporal.PlainDate): Opening[] {
    const openings: Opening[] = [];
    let closedMs = Number.NEGATIVE_INFINITY;
    for (const { fromMinute, toMinute } of this.#stretchesOf(date)) {
      const fromMs = Math.max(closedMs, this.#atMinute(date, fromMinute));
      const toMs = this.#atMinute(date, toMinute);
      if (toMs <= fromMs) continue;
      openings.push({ fromMs, toMs });
      closedMs = toMs;
    }
    return openings;
  }

  /** Not so where a zone has changed the side of the date line, and left a day out. */
  #exists(date: Temporal.PlainDate): boolean {
    return date.toZonedDateTime(this.zone).toPlainDate().equals(date);
  }

  // 'compatible': a wall time in a spring gap is the moment that many minutes after the gap begins; in an autumn overlap, the earlier.
  #atMinute(date: Temporal.PlainDate, minute: number): number {
    const day = minute === minutesADay ? date.add({ days: 1 }) : date;
    const time = Temporal.PlainTime.from({
      hour: Math.floor((minute % minutesADay) / 60),
      minute: minute % 60,
    });
    return day.toZonedDateTime({ timeZone: this.zone, plainTime: time }).epochMilliseconds;
  }
}

function toStretches(day: string, stretches: unknown): Stretch[] {
  if (!Array.isArray(stretches) || stretches.length > stretchesMax) {
    throw invalid(`${day} is a list of at most ${stretchesMax} stretches such as ["09:00", "17:30"]`);
  }
  let last = 0;
  return stretches.map((stretch: unknown) => {
    const [fromMinute, toMinute] =
      Array.isArray(stretch) && stretch.length === 2 ? stretch.map(minuteOf) : [undefined, undefined];
    if (fromMinute === undefined || toMinute === undefined || fromMinute < last || toMinute <= fromMinute) {
      throw invalid(`${day} needs stretches such as ["09:00", "17:30"], in order and not overlapping`);
    }
    last = toMinute;
    return { fromMinute, toMinute };
  });
}

function minuteOf(text: unknown): number | undefined {
  if (text === '24:00') return minutesADay;
  const match = typeof text === 'string' ? timeShape.exec(text) : null;
  return match === null ? undefined : Number(match[1]) * 60 + Number(match[2]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(detail: string) {
  return calendarErrors.error('invalid', detail);
}

function outOfRange() {
  return calendarErrors.error('out-of-range', `the answer is more than ${calendarDaysMax} days away`);
}
