// Input that breaks the protocol: the connection it came on is closed.

/** What a peer sent is not MongoDB's wire protocol, or not whole. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}
