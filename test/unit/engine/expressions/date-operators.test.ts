// Dates and times in expressions, above all on the days on which the clocks change.
import assert from 'node:assert/strict';
import { compileExpression } from '../../../../engine/expressions/index.js';

const evaluate = (rule: unknown, scope = {}) => compileExpression(rule).evaluate(scope).value;
const berlin = 'Europe/Berlin';

describe('operators on dates', () => {
  const rows: [string, unknown, unknown][] = [
    [
      'a calendar day over the spring gap has 23 hours',
      { 'date.add': ['2026-03-28T11:00:00Z', 'P1D', berlin] },
      '2026-03-29T10:00:00Z',
    ],
    ['24 hours over it have 24', { 'date.add': ['2026-03-28T11:00:00Z', 'PT24H'] }, '2026-03-29T11:00:00Z'],
    [
      'a day later that would be in the gap is after it',
      { 'date.add': ['2026-03-28T01:30:00Z', 'P1D', berlin] },
      '2026-03-29T01:30:00Z',
    ],
    ['a time in the gap is moved on', { 'date.at': ['2026-03-29', '02:30', berlin] }, '2026-03-29T01:30:00Z'],
    [
      'a time that comes twice is the first',
      { 'date.at': ['2026-10-25', '02:30', berlin] },
      '2026-10-25T00:30:00Z',
    ],
    [
      'the day of the gap starts at midnight',
      { 'date.startOf': ['2026-03-29T12:00:00Z', 'day', berlin] },
      '2026-03-28T23:00:00Z',
    ],
    [
      'a day may start at one, where midnight is in the gap',
      { 'date.startOf': ['2026-09-06T12:00:00Z', 'day', 'America/Santiago'] },
      '2026-09-06T04:00:00Z',
    ],
    [
      'days between are calendar days',
      { 'date.diff': ['2026-03-28T11:00:00Z', '2026-03-29T10:00:00Z', 'days', berlin] },
      1,
    ],
    [
      'hours between are hours',
      { 'date.diff': ['2026-03-28T11:00:00Z', '2026-03-29T10:00:00Z', 'hours'] },
      23,
    ],
    ['months keep the end of the month', { 'date.add': ['2026-01-31', 'P1M'] }, '2026-02-28'],
    ['a leap day', { 'date.add': ['2027-02-28', 'P1Y1D'] }, '2028-02-29'],
    ['weeks start on Monday', { 'date.startOf': ['2026-11-22', 'week'] }, '2026-11-16'],
    ['months', { 'date.startOf': ['2026-11-22', 'month'] }, '2026-11-01'],
    [
      'years in a zone',
      { 'date.startOf': ['2026-01-01T00:30:00Z', 'year', 'America/New_York'] },
      '2025-01-01T05:00:00Z',
    ],
    ['backwards', { 'date.diff': ['2026-11-22', '2026-11-01', 'weeks'] }, -3],
    ['the weekday in a zone', { 'date.weekday': ['2026-11-22T23:30:00Z', berlin] }, 1],
    [
      'the second of two hours of that name',
      { 'date.inZone': ['2026-10-25T01:30:00Z', berlin] },
      '2026-10-25T02:30:00+01:00[Europe/Berlin]',
    ],
    [
      'zoned text is read',
      {
        'date.before': [
          '2026-10-25T02:30:00+02:00[Europe/Berlin]',
          '2026-10-25T02:30:00+01:00[Europe/Berlin]',
        ],
      },
      true,
    ],
    [
      'a remorse period',
      {
        'date.between': [
          '2026-11-22T10:29:59Z',
          '2026-11-22T10:00:00Z',
          { 'date.add': ['2026-11-22T10:00:00Z', 'PT30M'] },
        ],
      },
      true,
    ],
  ];
  for (const [name, rule, expected] of rows) {
    it(name, () => {
      assert.equal(evaluate(rule), expected);
    });
  }

  it('refuse what has no answer', () => {
    const refused: [unknown, RegExp][] = [
      [{ 'date.add': ['2026-11-22T10:00:00Z', 'P1D'] }, /time zone/],
      [{ 'date.add': ['2026-11-22', 'PT1H'] }, /whole days/],
      [{ 'date.diff': ['2026-11-22', '2026-11-22T10:00:00Z', 'days', berlin] }, /two dates/],
      [{ 'date.diff': ['2026-11-22', '2026-11-23', 'hours'] }, /point in time/],
      [{ 'date.compare': ['2026-11-22', '2026-11-22T10:00:00Z'] }, /two dates/],
      [{ 'date.part': ['2026-11-22', 'hour'] }, /one of year, month, day/],
      [{ 'date.at': ['2026-11-22', '25:00', berlin] }, /a time/],
      [{ 'date.add': ['9999-12-31', 'P999999Y'] }, /range/],
      [{ 'duration.total': ['P1M', 'days'] }, /months/],
      [{ 'date.weekday': [{ var: 'when' }] }, /point in time/],
    ];
    for (const [rule, message] of refused) assert.throws(() => evaluate(rule, { when: 'soon' }), { message });
  });

  it('compute in business time by the calendars of the scope', () => {
    const day = [['09:00', '17:00']];
    const $calendar = {
      support: { zone: berlin, weekly: { monday: day, tuesday: day, friday: day }, holidays: ['2026-11-24'] },
    };
    const business = (rule: unknown) => evaluate(rule, { $calendar });
    assert.equal(business({ 'business.addDays': ['2026-11-23', 1, 'support'] }), '2026-11-27');
    assert.equal(
      business({ 'business.addDays': ['2026-10-23T10:00:00Z', 1, 'support'] }),
      '2026-10-26T11:00:00Z',
    );
    assert.equal(business({ 'business.between': ['2026-11-20', '2026-11-30', 'days', 'support'] }), 3);
    assert.equal(business({ 'business.between': ['2026-11-30', '2026-11-20', 'days', 'support'] }), -3);
    assert.equal(business({ 'business.isOpen': ['2026-11-24', 'support'] }), false);
    assert.throws(() => business({ 'business.isOpen': ['2026-11-24', 'constructor'] }), {
      code: 'expression.variable-unknown',
    });
    assert.throws(
      () =>
        evaluate(
          { 'business.isOpen': ['2026-11-24', 'x'] },
          { $calendar: { x: { zone: 'UTC', weekly: {} } } },
        ),
      { code: 'calendar.invalid' },
    );
    assert.throws(
      () => business({ 'business.addTime': ['2026-11-24T10:00:00Z', 'PT90000H', 'support'] }),
      /steps|away/,
    );
    assert.throws(
      () => business({ 'business.addTime': ['2026-11-24T10:00:00Z', '-PT1H', 'support'] }),
      /not negative/,
    );
  });

  it('give no date that they could not read again', () => {
    const scope = { $calendar: { shop: { zone: berlin, weekly: { monday: [['09:00', '17:00']] } } } };
    for (const rule of [
      { 'date.add': ['9999-12-31', 'P1D'] },
      { 'date.add': ['9999-12-31T23:00:00Z', 'PT1H'] },
      { 'date.subtract': ['0000-01-01', 'P1D'] },
      { 'date.of': ['9999-12-31T23:30:00Z', berlin] },
      { 'date.startOf': ['0000-01-01', 'week'] },
      { 'business.addDays': ['9999-12-31', 1, 'shop'] },
      { 'business.addTime': ['9999-12-31T10:00:00Z', 'PT5H', 'shop'] },
    ]) {
      assert.throws(() => evaluate(rule, scope), { code: 'calendar.date-invalid' }, JSON.stringify(rule));
    }
    assert.equal(evaluate({ 'date.add': ['9999-12-30', 'P1D'] }), '9999-12-31');
  });
});
