// A back end that can't be had on this machine.

/** Thrown while a test's back end starts: its message is the reason why the tests are skipped. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}
