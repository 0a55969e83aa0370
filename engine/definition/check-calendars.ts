// Whether the business calendars that rules name are there.
import type { CompileProblem } from '../elements/element.js';
import { Suggestions } from '../expressions/did-you-mean.js';
import { toPointer } from '../errors/json-pointer.js';

/** Reports each `{"business.…": […, "name"]}` whose calendar does not exist. */
export function checkCalendars(
  definition: unknown,
  calendars: ReadonlySet<string>,
  report: (problem: CompileProblem) => void,
): void {
  const suggestions = new Suggestions();
  const look = (value: unknown, path: readonly string[]): void => {
    if (typeof value !== 'object' || value === null) return;
    const entries = Object.entries(value);
    for (const [name, part] of entries) {
      look(part, [...path, name]);
      if (entries.length !== 1 || !name.startsWith('business.') || !Array.isArray(part)) continue;
      const calendar: unknown = part.at(-1);
      if (typeof calendar !== 'string' || calendars.has(calendar)) continue;
      const near = suggestions.for(calendar, calendars);
      report({
        code: 'flow.calendar-unknown',
        pointer: toPointer([...path, name, String(part.length - 1)]),
        detail: `there is no business calendar ${JSON.stringify(calendar.slice(0, 80))}`,
        expected:
          calendars.size === 0 ? 'a calendar in calendars.json' : `one of ${[...calendars].join(', ')}`,
        ...(near === undefined ? {} : { didYouMean: near }),
      });
    }
  };
  look(definition, []);
}
