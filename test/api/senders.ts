// Requests of several users to one application.
import type { SampleApp } from './sample-app.js';

/** The authorization of each user. */
export async function signInAll<Name extends string>(
  app: SampleApp,
  userNames: Readonly<Record<Name, string>>,
): Promise<Record<Name, string>> {
  const users: Partial<Record<Name, string>> = {};
  for (const [name, userName] of Object.entries<string>(userNames))
    users[name as Name] = await app.signIn(userName as 'agent');
  return users as Record<Name, string>;
}

/** Sends changes, each under a key of its own; `seen`: the version that the sender has seen. */
export function senderOf<Name extends string>(app: SampleApp, users: Readonly<Record<Name, string>>) {
  let keys = 0;
  return (method: 'put' | 'post', path: string, by: Name, body: object, seen = '0') => {
    keys += 1;
    return app
      .request()
      [method](`/api/v1/${path}`)
      .set('authorization', users[by])
      .set('if-match', `"${seen}"`)
      .set('idempotency-key', `k${keys}`)
      .send(body);
  };
}
