// `recourse user add` and `list`.
import type { Config } from '../config.js';
import { withServer } from './local-server.js';

export interface ListedUser {
  readonly username: string;
  readonly displayName: string;
  readonly roles: readonly string[];
  readonly active: boolean;
}

/** Makes a user; the password is told here only. @throws {RecourseError} `server.command-refused` */
export const addUser = (
  config: Config,
  name: string,
  {
    displayName,
    role,
    customer,
  }: { readonly displayName?: string; readonly role: readonly string[]; readonly customer?: string },
): Promise<{ readonly username: string; readonly password: string }> =>
  withServer(config, ({ ask }) =>
    ask('PUT', `users/${encodeURIComponent(name)}`, {
      body: {
        displayName: displayName ?? name,
        roles: role,
        ...(customer === undefined ? {} : { customer }),
      },
      headers: { 'if-match': '"0"' },
    }),
  );

export const listUsers = (config: Config): Promise<readonly ListedUser[]> =>
  withServer(config, async ({ ask }) => {
    const all: ListedUser[] = [];
    for (let after = ''; ; ) {
      const query = `limit=100${after === '' ? '' : `&after=${encodeURIComponent(after)}`}`;
      const { items, next } = await ask<{ items: ListedUser[]; next: string | null }>(
        'GET',
        `users?${query}`,
      );
      all.push(...items);
      if (next === null) return all;
      after = next;
    }
  });

export const usersText = (users: readonly ListedUser[]): string =>
  users
    .map(({ username, displayName, roles, active }) =>
      [username, displayName, roles.join(',') || '-', ...(active ? [] : ['may not sign in'])].join('  '),
    )
    .join('\n');
