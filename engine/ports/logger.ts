// Where the engine says what operators should know.

export interface Logger {
  info(facts: Readonly<Record<string, unknown>>, message: string): void;
  warn(facts: Readonly<Record<string, unknown>>, message: string): void;
  error(facts: Readonly<Record<string, unknown>>, message: string): void;
}

/** Says nothing. */
export const silent: Logger = { info: () => {}, warn: () => {}, error: () => {} };
