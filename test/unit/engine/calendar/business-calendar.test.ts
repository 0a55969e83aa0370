// Business calendars: opening hours, holidays, and the two nights a year on which the clocks change.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { BusinessCalendar, type CalendarData } from '../../../../engine/calendar/business-calendar.js';
import { toDate, toDuration, toInstant, toZone } from '../../../../engine/calendar/instant.js';

const hourMs = 3_600_000;
const office: CalendarData = {
  zone: 'Europe/Berlin',
  weekly: {
    monday: [['09:00', '17:00']],
    tuesday: [['09:00', '17:00']],
    wednesday: [['09:00', '17:00']],
    thursday: [['09:00', '17:00']],
    friday: [
      ['09:00', '12:00'],
      ['13:00', '15:00'],
    ],
  },
  holidays: ['2026-12-25', '2026-12-26'],
};
const allDay: [string, string][] = [['00:00', '24:00']];
const always: CalendarData = {
  zone: 'Europe/Berlin',
  weekly: {
    monday: allDay,
    tuesday: allDay,
    wednesday: allDay,
    thursday: allDay,
    friday: allDay,
    saturday: allDay,
    sunday: allDay,
  },
};

describe('a business calendar', () => {
  const calendar = new BusinessCalendar(office);

  it('moves by business days, over week-ends and holidays', () => {
    const move = (date: string, days: number) => calendar.addDays(toDate(date), days).toString();
    assert.equal(move('2026-11-20', 1), '2026-11-23');
    assert.equal(move('2026-11-23', -1), '2026-11-20');
    assert.equal(move('2026-12-24', 1), '2026-12-28');
    assert.equal(move('2026-11-21', 0), '2026-11-23');
    assert.equal(move('2026-11-23', 0), '2026-11-23');
    assert.equal(move('2026-11-21', 2), '2026-11-24');
    assert.throws(() => move('2026-11-21', 4_000), { code: 'calendar.out-of-range' });
  });

  it('counts each hour once where the clocks go forward, and never moves back', () => {
    const night = new BusinessCalendar({
      zone: 'Europe/Berlin',
      weekly: {
        sunday: [
          ['01:00', '02:30'],
          ['03:00', '04:00'],
        ],
      },
    });
    const [from, to] = [toInstant('2026-03-29T00:00Z'), toInstant('2026-03-29T10:00Z')];
    assert.equal(night.between(from, to), 2 * hourMs);
    const later = (duration: string) =>
      night.addTime(from, toDuration(duration).total('milliseconds')).toString();
    assert.equal(later('PT1H30M'), '2026-03-29T01:30:00Z');
    assert.equal(later('PT1H31M'), '2026-03-29T01:31:00Z');
    const inTheGap = {
      zone: 'Europe/Berlin',
      weekly: { sunday: [['02:15', '03:00']] as [string, string][] },
    };
    assert.equal(new BusinessCalendar(inTheGap).between(from, to), 0);
  });

  it('has no hours on a day that its zone left out', () => {
    const hours: [string, string][] = [['09:00', '17:00']];
    const apia = new BusinessCalendar({ zone: 'Pacific/Apia', weekly: { ...always.weekly, friday: hours } });
    const [from, to] = [toInstant('2011-12-29T10:00Z'), toInstant('2011-12-31T10:00Z')];
    // Thursday the 29th and Saturday the 31st, with nothing between them.
    assert.equal(apia.between(from, to), 48 * hourMs);
    const office = new BusinessCalendar({
      zone: 'Pacific/Apia',
      weekly: { thursday: hours, friday: hours, saturday: hours },
    });
    assert.equal(office.between(from, to), 16 * hourMs);
    assert.equal(office.isBusinessDay(toDate('2011-12-30')), false);
    assert.equal(office.addDays(toDate('2011-12-29'), 1).toString(), '2011-12-31');
    assert.equal(office.addDays(toDate('2011-12-31'), -1).toString(), '2011-12-29');
    assert.equal(office.addDays(toDate('2011-12-30'), 0).toString(), '2011-12-31');
  });

  it('takes a part of a millisecond for a whole one', () => {
    const added = calendar.addTime(
      toInstant('2026-11-23T08:00:00Z'),
      toDuration('PT0.0001S').total('milliseconds'),
    );
    assert.equal(added.toString(), '2026-11-23T08:00:00.001Z');
  });

  it('knows when it is open; the closing minute is closed', () => {
    const open = (at: string) => calendar.isOpen(toInstant(at));
    assert.equal(open('2026-11-23T08:00:00Z'), true);
    assert.equal(open('2026-11-23T07:59:59Z'), false);
    assert.equal(open('2026-11-23T16:00:00Z'), false);
    assert.equal(open('2026-11-27T12:30:00+01:00[Europe/Berlin]'), false);
    assert.equal(open('2026-12-25T10:00:00Z'), false);
    assert.equal(open('2026-11-22T10:00:00Z'), false);
  });

  it('moves by opening time', () => {
    const move = (at: string, hours: number) => calendar.addTime(toInstant(at), hours * hourMs).toString();
    assert.equal(move('2026-11-27T10:00:00Z', 2), '2026-11-27T13:00:00Z');
    assert.equal(move('2026-11-27T13:30:00Z', 1), '2026-11-30T08:30:00Z');
    assert.equal(move('2026-11-22T10:00:00Z', 0), '2026-11-23T08:00:00Z');
    assert.equal(move('2026-11-23T08:00:00Z', 8), '2026-11-23T16:00:00Z');
    assert.equal(move('2026-11-23T16:00:00Z', 0), '2026-11-24T08:00:00Z');
  });

  it('counts the hours that really pass when the clocks change', () => {
    const night = new BusinessCalendar({ zone: 'Europe/Berlin', weekly: { sunday: [['00:00', '04:00']] } });
    const passed = (day: string) =>
      night.between(toInstant(`${day}T00:00:00Z`).subtract({ hours: 12 }), toInstant(`${day}T12:00:00Z`)) /
      hourMs;
    assert.equal(passed('2026-03-22'), 4);
    assert.equal(passed('2026-03-29'), 3);
    assert.equal(passed('2026-10-25'), 5);
  });

  it('opens right after the gap when the opening time does not exist', () => {
    const early = new BusinessCalendar({ zone: 'Europe/Berlin', weekly: { sunday: [['02:30', '05:00']] } });
    const from = toInstant('2026-03-28T12:00:00Z');
    assert.equal(early.addTime(from, 0).toString(), '2026-03-29T01:30:00Z');
    assert.equal(early.addTime(from, hourMs).toString(), '2026-03-29T02:30:00Z');
  });

  it('closes a stretch that lies wholly in the gap', () => {
    const gone = new BusinessCalendar({
      zone: 'Europe/Berlin',
      weekly: { sunday: [['02:00', '03:00']], monday: [['09:00', '10:00']] },
    });
    assert.equal(gone.addTime(toInstant('2026-03-28T12:00:00Z'), 0).toString(), '2026-03-30T07:00:00Z');
  });

  it('is plain time when it is always open', () => {
    const open = new BusinessCalendar(always);
    const at = fc
      .integer({ min: 0, max: 4_000_000 })
      .map((minutes) => Temporal.Instant.fromEpochMilliseconds(Date.UTC(2026, 0, 1) + minutes * 60_000));
    fc.assert(
      fc.property(at, fc.integer({ min: 0, max: 20_000 }), (from, minutes) => {
        const to = open.addTime(from, minutes * 60_000);
        assert.equal(to.epochMilliseconds - from.epochMilliseconds, minutes * 60_000);
        assert.equal(open.between(from, to), minutes * 60_000);
      }),
      { numRuns: 50 },
    );
  });

  it('finds between two times what it added', () => {
    const at = fc
      .integer({ min: 0, max: 1_000_000 })
      .map((minutes) => Temporal.Instant.fromEpochMilliseconds(Date.UTC(2026, 0, 1) + minutes * 60_000));
    fc.assert(
      fc.property(at, fc.integer({ min: 0, max: 6_000 }), (from, minutes) => {
        const to = calendar.addTime(from, minutes * 60_000);
        assert.equal(calendar.between(from, to), minutes * 60_000);
        assert.equal(calendar.between(to, from), minutes === 0 ? 0 : -minutes * 60_000);
      }),
      { numRuns: 50 },
    );
  });

  it('finds no minus zero between two times while it is closed', () => {
    const [early, late] = [toInstant('2026-01-01T00:00:00Z'), toInstant('2026-01-01T01:00:00Z')];
    assert.ok(Object.is(calendar.between(late, early), 0));
  });

  it('refuses data that is not a calendar', () => {
    const weekly = { monday: [['09:00', '17:00']] };
    const bad: unknown[] = [
      null,
      {},
      { zone: 'UTC' },
      { zone: 'UTC', weekly: {} },
      { zone: 'UTC', weekly: { moonday: [['09:00', '17:00']] } },
      { zone: 'UTC', weekly: { monday: [['9:00', '17:00']] } },
      { zone: 'UTC', weekly: { monday: [['17:00', '09:00']] } },
      {
        zone: 'UTC',
        weekly: {
          monday: [
            ['09:00', '12:00'],
            ['11:00', '13:00'],
          ],
        },
      },
      { zone: 'UTC', weekly: { monday: 'always' } },
      { zone: 'UTC', weekly, holidays: 'none' },
      { zone: 'UTC', weekly, holidays: [1] },
    ];
    for (const data of bad) {
      assert.throws(() => new BusinessCalendar(data as CalendarData), { code: 'calendar.invalid' });
    }
    assert.throws(() => new BusinessCalendar({ zone: 'Mars/Base', weekly: office.weekly }), {
      code: 'calendar.zone-unknown',
    });
    assert.throws(() => new BusinessCalendar({ ...office, holidays: ['2026-02-30'] }), {
      code: 'calendar.date-invalid',
    });
  });
});

describe('reading dates and times', () => {
  it('accepts ISO 8601 and nothing else', () => {
    assert.equal(toInstant('2026-11-22T11:00:00+01:00[Europe/Berlin]').toString(), '2026-11-22T10:00:00Z');
    assert.equal(toDuration('P1DT2H').toString(), 'P1DT2H');
    assert.equal(toZone('europe/berlin'), 'Europe/Berlin');
    for (const text of [
      '',
      '2026-02-30',
      '2026-1-1',
      '22.11.2026',
      'today',
      '20261122',
      '2026-11-22T00:00:00Z',
    ]) {
      assert.throws(() => toDate(text), { code: 'calendar.date-invalid' }, text);
    }
    for (const text of ['', '2026-11-22', '2026-11-22T10:00:00', '2026-11-22T25:00:00Z', 'x'.repeat(1000)]) {
      assert.throws(() => toInstant(text), { code: 'calendar.date-invalid' }, text);
    }
    assert.throws(() => toInstant('2026-11-22T11:00:00+05:00[Europe/Berlin]'), {
      code: 'calendar.date-invalid',
    });
    for (const text of ['', '3 days', 'P', `P${'9'.repeat(90)}D`, 'x'.repeat(1000)]) {
      assert.throws(() => toDuration(text), { code: 'calendar.duration-invalid' }, text);
    }
    for (const zone of ['', 'Nowhere', '+99:00', 'constructor', 'x'.repeat(1000)]) {
      assert.throws(() => toZone(zone), { code: 'calendar.zone-unknown' }, zone);
    }
  });
});
