// The business calendars that flows compute with, by name: flows/calendars.json, read once at the start.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BusinessCalendar, type CalendarData } from '../../engine/calendar/business-calendar.js';
import { calendarErrors } from '../../engine/calendar/calendar-errors.js';

export type Calendars = Readonly<Record<string, CalendarData>>;

const fileName = 'calendars.json';
const calendarName = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/**
 * The calendars beside flows; none where there is no file.
 *
 * @throws {RecourseError} `calendar.invalid`, `calendar.zone-unknown`, `calendar.date-invalid`
 */
export async function readCalendars(directory: string): Promise<Calendars> {
  const text = await readFile(join(directory, fileName), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw calendarErrors.error('invalid', `${fileName}: ${error.message}`);
  });
  return text === undefined ? {} : toCalendars(text);
}

function toCalendars(text: string): Calendars {
  let calendars: unknown;
  try {
    calendars = JSON.parse(text);
  } catch (error) {
    throw calendarErrors.error('invalid', `${fileName}: ${(error as Error).message}`);
  }
  if (typeof calendars !== 'object' || calendars === null || Array.isArray(calendars)) {
    throw calendarErrors.error('invalid', `${fileName} is no object of calendars by name`);
  }
  for (const [name, data] of Object.entries(calendars)) {
    if (!calendarName.test(name)) {
      throw calendarErrors.error('invalid', `${fileName}: ${JSON.stringify(name)} is no name of a calendar`);
    }
    new BusinessCalendar(data as CalendarData);
  }
  return calendars as Calendars;
}
