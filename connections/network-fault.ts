// What the network made of a request: whether the other side can have seen any of it.

/** Faults of the hand-shake, which ends before anything of the request is sent. */
const handshakeFaults = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

/** @param error of `fetch`, whose fault is its cause, or of `request` of undici, which is the fault itself */
export function networkFault(error: unknown): { code: string; beforeSending: boolean } {
  const { cause = error } = error as { cause?: unknown };
  // Several addresses were tried: nothing was sent only if none could be connected to.
  const faults = (cause instanceof AggregateError ? cause.errors : [cause]) as (
    | NodeJS.ErrnoException
    | undefined
  )[];
  const [first] = faults;
  const code =
    typeof first?.code === 'string' && /^[A-Z_0-9]{1,40}$/.test(first.code) ? first.code : 'unknown';
  const beforeSending = faults.every(
    (fault) =>
      fault?.syscall === 'connect' ||
      fault?.syscall === 'getaddrinfo' ||
      (fault?.code !== undefined && handshakeFaults.has(fault.code)),
  );
  return { code, beforeSending };
}
