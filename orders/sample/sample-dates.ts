// Northwind's days, 28 years later: the Gregorian calendar repeats after 28 years, so weekdays and leap days stay.

const yearsLater = 28;
const openingHour = 8;
const openMinutes = 600;

/** The day at midnight UTC. */
export function sampleDay(northwindDate: string): Date {
  const [year, month, day] = northwindDate.slice(0, 10).split('-').map(Number) as [number, number, number];
  return new Date(Date.UTC(year + yearsLater, month - 1, day));
}

/** A minute of that day between 08:00 and 18:00 UTC; Northwind has days only, so the order number chooses it. */
export function sampleTime(northwindDate: string, orderNumber: number): Date {
  const minute = (orderNumber * 37) % openMinutes;
  return new Date(sampleDay(northwindDate).getTime() + (openingHour * 60 + minute) * 60_000);
}
