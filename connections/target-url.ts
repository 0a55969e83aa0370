// The address of a call: below the URL of its connection, whatever its parts are made of.
import { connectionErrors } from './connection-errors.js';
import type { OutgoingCall } from './call-port.js';

const pathShape = /^\/[^\s?#\\]*$/;

/** The path with its params put in, each of them one segment or a part of one. @throws {RecourseError} `connection.path-refused` */
export function pathOf({ path, params }: Pick<OutgoingCall, 'path' | 'params'>): string {
  if (!pathShape.test(path)) throw connectionErrors.error('path-refused', `${path} is no path`);
  const filled = path.replace(/\{([A-Za-z][A-Za-z0-9]*)\}/g, (_, name: string) => {
    const value = Object.hasOwn(params, name) ? String(params[name]) : '';
    if (value === '' || value === '.' || value === '..')
      throw connectionErrors.error('path-refused', `the param ${name} has no value that can stand in a path`);
    return encodeURIComponent(value);
  });
  if (/[{}]/.test(filled))
    throw connectionErrors.error('path-refused', `${path} has a brace without a param`);
  return filled;
}

/** @throws {RecourseError} `connection.path-refused` */
export function targetUrl(base: URL, call: Pick<OutgoingCall, 'path' | 'params' | 'query'>): URL {
  const root = base.pathname.replace(/\/$/, '');
  const url = new URL(`${base.origin}${root}${pathOf(call)}`);
  if (!isBelow(url, base))
    throw connectionErrors.error('path-refused', `${call.path} leads out of ${base.href}`);
  for (const [name, value] of Object.entries(call.query)) url.searchParams.append(name, String(value));
  return url;
}

export const isBelow = (url: URL, base: URL): boolean =>
  url.origin === base.origin && url.pathname.startsWith(`${base.pathname.replace(/\/$/, '')}/`);
