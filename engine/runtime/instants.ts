// Instants as text, ISO 8601 in UTC: sorts as it counts.

export const toIso = (ms: number): string => new Date(ms).toISOString();
export const toMs = (iso: string): number => Date.parse(iso);

/** The least of those that are there. */
export function earliest(instants: Iterable<string | undefined>): string | undefined {
  let least: string | undefined;
  for (const instant of instants) {
    if (instant !== undefined && (least === undefined || instant < least)) least = instant;
  }
  return least;
}
