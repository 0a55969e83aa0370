// Sequences of numbers: each is given once, whatever becomes of it; gaps do no harm.

export interface Numbers {
  next(): Promise<string>;
}
