// Who wins a race, decided from what the run has taken and in which order: the first item that any of the racers waits for.
// What the engine says of the winner is not looked at.

/** What one segment wrote into the journal, as far as it is looked at here. */
export interface Entry {
  readonly item?: string;
  readonly kind?: string;
  readonly signal?: string;
  readonly kept?: boolean;
  readonly held?: string;
  readonly retry?: number;
  readonly incident?: string;
  readonly refused?: object;
  readonly stale?: boolean;
  readonly frame?: string;
  readonly element?: string;
  readonly visit?: number;
  readonly on?: string;
  readonly outcome?: string;
  readonly late?: boolean;
  readonly output?: { readonly event?: string; readonly last?: string };
}

export type Segment = readonly Entry[];

/** What one of those that race waits for. */
export interface Racer {
  readonly name: string;
  /** `<frame>:<element>:<visit>` of the element that waits for it. */
  readonly place: string;
  readonly on: 'timer' | 'signal' | 'event' | 'effect';
  /** Of the signal. */
  readonly signal?: string;
  /** Of the event of the wait element. */
  readonly event?: string;
}

export const placeOf = ({ frame, element, visit }: Entry): string => `${frame}:${element}:${visit}`;

/** Whether the item of a segment was taken by it, and not put off, refused, or only noted. Others may have lost their place by it. */
const isTaken = (segment: Segment): boolean =>
  segment.every(
    ({ item, kept, held, retry, incident, refused, stale, late }, at) =>
      (at > 0 && item !== undefined) ||
      (kept !== true &&
        held === undefined &&
        typeof retry !== 'number' &&
        incident === undefined &&
        refused === undefined &&
        stale !== true &&
        late !== true),
  );

/** The racer that came first after the race at a place began; undefined: none of them has come. */
export function firstOf(
  run: string,
  segments: readonly Segment[],
  place: string,
  racers: readonly Racer[],
): string | undefined {
  const begun = segments.findIndex((segment) =>
    segment.some((entry) => entry.on === 'enter' && placeOf(entry) === place),
  );
  if (begun < 0) return undefined;
  for (const segment of segments.slice(begun + 1)) {
    const [taken] = segment;
    if (taken?.item === undefined || !isTaken(segment)) continue;
    const winner = racers.find((racer) => isFor(run, racer, taken, segment));
    if (winner !== undefined) return winner.name;
  }
  return undefined;
}

function isFor(
  run: string,
  { place, on, signal, event }: Racer,
  { item, kind, signal: came }: Entry,
  segment: Segment,
): boolean {
  switch (on) {
    case 'timer':
      return kind === 'timer' && item === `${run}:${place}:${event}`;
    case 'signal':
      return kind === 'signal' && came === signal;
    case 'event':
      // All waits for it take it, unless their condition does not hold.
      return (
        kind === 'event' &&
        segment.some((entry) => placeOf(entry) === place && entry.on === 'event' && entry.outcome !== 'stays')
      );
    case 'effect':
      return (kind === 'outcome' || kind === 'failed') && item?.startsWith(`${run}:${place}:`) === true;
  }
}

/** The events that a run has taken, by the ids under which they were told, as often as it did. */
export function eventsTaken(run: string, segments: readonly Segment[]): string[] {
  return segments.flatMap((segment) => {
    const [taken] = segment;
    if (taken?.kind !== 'event' || taken.item === undefined || !isTaken(segment)) return [];
    const took = segment.some(({ on, outcome }) => on === 'event' && outcome !== 'stays');
    // A delivery that is taken for another one has a suffix.
    return took ? [taken.item.slice(`${run}:event:event:`.length).replace(/#\d+$/, '')] : [];
  });
}
