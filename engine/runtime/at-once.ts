// What is mostly known, and else has to be waited for.

/** What is made of a value: at once where the value is there. */
export const atOnce = <T, U>(value: T | Promise<T>, make: (value: T) => U): U | Promise<U> =>
  value instanceof Promise ? value.then(make) : make(value);
