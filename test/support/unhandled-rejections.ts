// A rejection that nobody handles fails the test during which it comes, and ends its file, or the run where files do not run side by
// side: a server would end by it, while mocha drops it.

const unhandled: unknown[] = [];
const note = (reason: unknown): void => {
  unhandled.push(reason);
};

const failIfAny = async (): Promise<void> => {
  // They are told of once what is under way in this turn has ended.
  await new Promise((resolve) => setImmediate(resolve));
  if (unhandled.length === 0) return;
  const reasons = unhandled.splice(0);
  throw new AggregateError(reasons, `nobody handled a rejection: ${reasons.map(String).join('; ')}`);
};

export const mochaHooks = {
  /** Mocha takes all listeners away after each file. */
  beforeAll(): void {
    process.off('unhandledRejection', note);
    process.on('unhandledRejection', note);
  },
  afterEach: failIfAny,
  afterAll: failIfAny,
};
