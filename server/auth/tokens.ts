// Bearer tokens: 256 random bits, handed out once; only their SHA-256 is kept, in the store or in memory.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const tokenBytes = 32;
const tokenShape = /^[A-Za-z0-9_-]{43}$/;

export const newToken = (): string => randomBytes(tokenBytes).toString('base64url');

/** The form in which a token is kept: SHA-256 in hexadecimal. */
export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex');

export function sameHash(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The token of an `Authorization: Bearer …` header; undefined when there is none of our form. */
export function bearerToken(header: string | undefined): string | undefined {
  const [scheme = '', token = '', ...rest] = (header ?? '').split(' ');
  if (scheme.toLowerCase() !== 'bearer' || rest.length > 0 || !tokenShape.test(token)) return undefined;
  return token;
}
