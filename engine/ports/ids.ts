// Names for what is new, and chance.

export interface Ids {
  /** Unique, and greater (as text) than those this process was given before. */
  next(): string;
}

export interface Random {
  /** At least 0, less than 1. */
  next(): number;
}
