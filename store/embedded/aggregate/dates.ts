// Operators on dates, in UTC, at a fixed offset, or in a zone of the tz database.
import { Int32, Long } from 'bson';
import { isDocument } from '../bson/fields.js';
import { CommandError, unsupported } from '../errors.js';
import { intOperand, isNullish, named, namedArguments, stringOperand, wrongType } from './operands.js';
import type { ExpressionOperator, OperatorTable } from './scope.js';

const minuteMs = 60_000;
const dayMs = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function zoneFormat(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        era: 'short',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch {
      throw new CommandError('BadValue', `unrecognized time zone identifier: "${zone}"`);
    }
    formats.set(zone, format);
  }
  return format;
}

/** Milliseconds that the zone's clocks are ahead of UTC at that moment. */
function offsetMs(time: number, zone: string): number {
  if (zone === 'UTC' || zone === 'GMT' || zone === 'Z') return 0;
  const fixed = /^([+-])(\d\d)(?::?(\d\d))?$/.exec(zone);
  if (fixed !== null) {
    const minutes = Number(fixed[2]) * 60 + Number(fixed[3] ?? 0);
    return (fixed[1] === '-' ? -minutes : minutes) * minuteMs;
  }
  const parts = new Map(
    zoneFormat(zone)
      .formatToParts(time)
      .map(({ type, value }) => [type, value]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => Number(parts.get(name));
  const year = parts.get('era') === 'BC' ? 1 - part('year') : part('year');
  const local = new Date(0);
  local.setUTCFullYear(year, part('month') - 1, part('day'));
  local.setUTCHours(part('hour'), part('minute'), part('second'));
  return local.getTime() - Math.floor(time / 1000) * 1000;
}

/** A date whose UTC fields are the zone's local ones. */
function toLocal(date: Date, zone: string): Date {
  return inRange(new Date(date.getTime() + offsetMs(date.getTime(), zone)));
}

function inRange(date: Date): Date {
  if (Number.isNaN(date.getTime()))
    throw new CommandError('BadValue', 'a date is out of the range of JavaScript');
  return date;
}

/** The moment at which the zone's clocks show those fields; the second guess is right across a clock change. */
function fromLocal(local: Date, zone: string): Date {
  const guess = inRange(local).getTime() - offsetMs(local.getTime(), zone);
  return inRange(new Date(local.getTime() - offsetMs(inRange(new Date(guess)).getTime(), zone)));
}

function dateOperand(value: unknown, name: string): Date {
  if (!(value instanceof Date)) throw wrongType(name, 'a date', value);
  return value;
}

function zoneOperand(value: unknown, name: string): string {
  return value === undefined ? 'UTC' : stringOperand(value, name);
}

function dayOfYear(local: Date): number {
  return Math.floor((local.getTime() - yearStart(local.getUTCFullYear())) / dayMs) + 1;
}

function yearStart(year: number): number {
  return new Date(0).setUTCFullYear(year, 0, 1);
}

/** Weeks begin on Sunday; days before the year's first Sunday are in week 0. */
function week(local: Date): number {
  return Math.floor((dayOfYear(local) + 6 - local.getUTCDay()) / 7);
}

/** ISO 8601: the week belongs to the year that has its Thursday. */
function isoWeek(local: Date): { year: number; week: number } {
  const thursday = new Date(local.getTime() + (4 - isoDay(local)) * dayMs);
  return { year: thursday.getUTCFullYear(), week: Math.floor((dayOfYear(thursday) - 1) / 7) + 1 };
}

function isoDay(local: Date): number {
  return local.getUTCDay() || 7;
}

/** `{ $year: date }`, or with `{ date, timezone }`. */
function part(read: (local: Date) => number | Long): ExpressionOperator {
  return (argument, compile, name) => {
    const bare: unknown = Array.isArray(argument) && argument.length === 1 ? argument[0] : argument;
    const isNamed = isDocument(bare) && !Object.keys(bare)[0]?.startsWith('$');
    const given = isNamed ? namedArguments(bare, name, ['date'], ['timezone']) : new Map([['date', bare]]);
    const date = compile(given.get('date'));
    const zone = given.has('timezone') ? compile(given.get('timezone')) : () => 'UTC';
    return (scope) => {
      const value = date(scope);
      const timezone = zone(scope);
      if (isNullish(value) || isNullish(timezone)) return null;
      const result = read(toLocal(dateOperand(value, name), stringOperand(timezone, name)));
      return result instanceof Long ? result : new Int32(result);
    };
  };
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}

const specifiers: Readonly<Record<string, (local: Date, offset: number) => string>> = {
  d: (local) => padded(local.getUTCDate(), 2),
  G: (local) => padded(isoWeek(local).year, 4),
  H: (local) => padded(local.getUTCHours(), 2),
  j: (local) => padded(dayOfYear(local), 3),
  L: (local) => padded(local.getUTCMilliseconds(), 3),
  m: (local) => padded(local.getUTCMonth() + 1, 2),
  M: (local) => padded(local.getUTCMinutes(), 2),
  S: (local) => padded(local.getUTCSeconds(), 2),
  u: (local) => String(isoDay(local)),
  U: (local) => padded(week(local), 2),
  V: (local) => padded(isoWeek(local).week, 2),
  w: (local) => String(local.getUTCDay() + 1),
  Y: (local) => padded(local.getUTCFullYear(), 4),
  z: (_local, offset) => {
    const minutes = Math.abs(Math.trunc(offset / minuteMs));
    return `${offset < 0 ? '-' : '+'}${padded(Math.floor(minutes / 60), 2)}${padded(minutes % 60, 2)}`;
  },
  Z: (_local, offset) => String(Math.trunc(offset / minuteMs)),
  '%': () => '%',
};

const dateToString = named(['date'], ['format', 'timezone', 'onNull'], (operands, name) => {
  const { date, format, timezone, onNull } = operands;
  if (isNullish(date)) return 'onNull' in operands ? onNull : null;
  if (format === null || timezone === null) return null;
  const zone = zoneOperand(timezone, name);
  const value = dateOperand(date, name);
  const local = toLocal(value, zone);
  const year = local.getUTCFullYear();
  if (year < 0 || year > 9999)
    throw new CommandError('BadValue', `${name}: the year ${year} is not of 0 to 9999`);
  const isUtc = zone === 'UTC' || zone === 'GMT' || zone === 'Z';
  const pattern =
    format === undefined ? `%Y-%m-%dT%H:%M:%S.%L${isUtc ? 'Z' : ''}` : stringOperand(format, name);
  return pattern.replace(/%(.?)/gsu, (_all, letter: string) => {
    if (!Object.hasOwn(specifiers, letter)) throw unsupported(`the format specifier '%${letter}' in ${name}`);
    return specifiers[letter]!(local, local.getTime() - value.getTime());
  });
});

const fixedUnitMs: ReadonlyMap<string, number> = new Map([
  ['week', 7 * dayMs],
  ['day', dayMs],
  ['hour', 3_600_000],
  ['minute', minuteMs],
  ['second', 1000],
  ['millisecond', 1],
]);

const monthsOf: ReadonlyMap<string, number> = new Map([
  ['year', 12],
  ['quarter', 3],
  ['month', 1],
]);

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

function unitOperand(value: unknown, name: string): string {
  const unit = stringOperand(value, name);
  if (!fixedUnitMs.has(unit) && !monthsOf.has(unit)) {
    throw new CommandError('FailedToParse', `${name}: unknown time unit value: ${unit}`);
  }
  return unit;
}

function weekStart(value: unknown, name: string): number {
  if (value === undefined) return 0;
  const day = stringOperand(value, name).toLowerCase();
  const index = weekdays.findIndex((weekday) => weekday === day || weekday.slice(0, 3) === day);
  if (index === -1) throw new CommandError('FailedToParse', `${name}: unknown day of week value: ${day}`);
  return index;
}

/** Months since the year 0, for whole months, quarters and years. */
function monthIndex(local: Date): number {
  return local.getUTCFullYear() * 12 + local.getUTCMonth();
}

/** Days since 1970, for whole days and weeks. */
function dayIndex(local: Date): number {
  return Math.floor(local.getTime() / dayMs);
}

/** Weeks that begin on that day; 1970 began on a Thursday. */
function weekIndex(local: Date, start: number): number {
  return Math.floor((dayIndex(local) + 4 - start) / 7);
}

const dateTrunc = named(['date', 'unit'], ['binSize', 'timezone', 'startOfWeek'], (operands, name) => {
  if (Object.values(operands).some(isNullish)) return null;
  if ('binSize' in operands && intOperand(operands['binSize'], name) !== 1) {
    throw unsupported(`${name} with a binSize other than 1`);
  }
  const zone = zoneOperand(operands['timezone'], name);
  const unit = unitOperand(operands['unit'], name);
  const date = dateOperand(operands['date'], name);
  const local = toLocal(date, zone);
  const months = monthsOf.get(unit);
  if (months !== undefined) {
    const first = Math.floor(monthIndex(local) / months) * months;
    const year = Math.floor(first / 12);
    const start = new Date(0).setUTCFullYear(year, first - year * 12, 1);
    return fromLocal(new Date(start), zone);
  }
  if (unit === 'week') {
    const start = weekStart(operands['startOfWeek'], name);
    return fromLocal(new Date((weekIndex(local, start) * 7 - 4 + start) * dayMs), zone);
  }
  const size = fixedUnitMs.get(unit)!;
  const past = ((local.getTime() % size) + size) % size;
  if (unit === 'day') return fromLocal(new Date(local.getTime() - past), zone);
  return new Date(date.getTime() - past);
});

function shift(sign: 1 | -1): ExpressionOperator {
  return named(['startDate', 'unit', 'amount'], ['timezone'], (operands, name) => {
    if (Object.values(operands).some(isNullish)) return null;
    const unit = unitOperand(operands['unit'], name);
    const amount = sign * intOperand(operands['amount'], name);
    const zone = zoneOperand(operands['timezone'], name);
    const date = dateOperand(operands['startDate'], name);
    const moved = shifted(date, unit, amount, zone);
    if (Number.isNaN(moved.getTime()))
      throw new CommandError('BadValue', `${name}: the date is out of range`);
    return moved;
  });
}

function shifted(date: Date, unit: string, amount: number, zone: string): Date {
  const months = monthsOf.get(unit);
  const local = toLocal(date, zone);
  if (months !== undefined) {
    const month = monthIndex(local) + amount * months;
    const year = Math.floor(month / 12);
    // The 31st plus a month is the last day of a shorter one.
    const last = new Date(new Date(0).setUTCFullYear(year, month - year * 12 + 1, 0)).getUTCDate();
    local.setUTCFullYear(year, month - year * 12, Math.min(local.getUTCDate(), last));
    return fromLocal(local, zone);
  }
  const size = fixedUnitMs.get(unit)!;
  if (size >= dayMs) return fromLocal(new Date(local.getTime() + amount * size), zone);
  return new Date(date.getTime() + amount * size);
}

const dateDiff = named(['startDate', 'endDate', 'unit'], ['timezone', 'startOfWeek'], (operands, name) => {
  if (Object.values(operands).some(isNullish)) return null;
  const unit = unitOperand(operands['unit'], name);
  const zone = zoneOperand(operands['timezone'], name);
  const firstDay = weekStart(operands['startOfWeek'], name);
  const [start, end] = [operands['startDate'], operands['endDate']].map((date) => dateOperand(date, name));
  const boundaries = (date: Date): number => {
    const months = monthsOf.get(unit);
    const local = toLocal(date, zone);
    if (months !== undefined) return Math.floor(monthIndex(local) / months);
    if (unit === 'week') return weekIndex(local, firstDay);
    // Hours and less are counted on the time line, which a clock change doesn't bend.
    const reference = unit === 'day' ? local.getTime() : date.getTime();
    return Math.floor(reference / fixedUnitMs.get(unit)!);
  };
  return Long.fromNumber(boundaries(end!) - boundaries(start!));
});

export const dateOperators: OperatorTable = {
  $year: part((local) => local.getUTCFullYear()),
  $month: part((local) => local.getUTCMonth() + 1),
  $dayOfMonth: part((local) => local.getUTCDate()),
  $dayOfWeek: part((local) => local.getUTCDay() + 1),
  $dayOfYear: part(dayOfYear),
  $hour: part((local) => local.getUTCHours()),
  $minute: part((local) => local.getUTCMinutes()),
  $second: part((local) => local.getUTCSeconds()),
  $millisecond: part((local) => local.getUTCMilliseconds()),
  $week: part(week),
  $isoWeek: part((local) => isoWeek(local).week),
  $isoWeekYear: part((local) => Long.fromNumber(isoWeek(local).year)),
  $isoDayOfWeek: part(isoDay),
  $dateToString: dateToString,
  $dateTrunc: dateTrunc,
  $dateAdd: shift(1),
  $dateSubtract: shift(-1),
  $dateDiff: dateDiff,
};
