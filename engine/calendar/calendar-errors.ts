// The errors of dates, times, zones and business calendars.
import { defineErrors } from '../errors/catalogue.js';

const caller = { status: 422, who: 'caller', retryable: false } as const;

export const calendarErrors = defineErrors('calendar', {
  'date-invalid': {
    ...caller,
    title: 'Not a date or time',
    remedy: 'Use ISO 8601: 2026-11-22, 2026-11-22T10:00:00Z or 2026-11-22T11:00:00+01:00[Europe/Berlin].',
  },
  'duration-invalid': {
    ...caller,
    title: 'Not a duration',
    remedy: 'Use an ISO 8601 duration such as P3D, PT2H30M or P1Y2M.',
  },
  'zone-unknown': {
    ...caller,
    title: 'Unknown time zone',
    remedy: 'Use an IANA time zone such as Europe/Berlin or UTC.',
  },
  invalid: {
    ...caller,
    title: 'Not a business calendar',
    remedy: 'Give a zone, opening hours for at least one weekday, and holidays as dates.',
  },
  'out-of-range': {
    ...caller,
    title: 'Beyond what the calendar is asked to look at',
    remedy: 'Ask for at most 3,660 business days or days between two times.',
  },
});
