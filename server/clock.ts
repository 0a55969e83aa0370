// The time, as a dependency: tests turn it by hand.

export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
