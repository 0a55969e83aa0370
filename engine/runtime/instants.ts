// Instants as text, ISO 8601 in UTC: sorts as it counts.

let last = { ms: 0, iso: new Date(0).toISOString() };

/** Instants come in rows of the same millisecond. */
export function toIso(ms: number): string {
  if (ms !== last.ms) last = { ms, iso: new Date(ms).toISOString() };
  return last.iso;
}
export const toMs = (iso: string): number => Date.parse(iso);

/** The least of those that are there. */
export function earliest(instants: Iterable<string | undefined>): string | undefined {
  let least: string | undefined;
  for (const instant of instants) {
    if (instant !== undefined && (least === undefined || instant < least)) least = instant;
  }
  return least;
}
