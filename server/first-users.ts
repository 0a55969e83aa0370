// The first users, with passwords generated now. The file is written before the users are, so that a crash in between
// leaves no user whose password nobody has ever seen: the next start makes new ones.
import { join } from 'node:path';
import type { Models } from '../store/connect.js';
import type { Role } from '../store/models/user.js';
import { generatePassword, hashPassword } from './auth/passwords.js';
import type { Clock } from './clock.js';
import { writeSecretFile } from './files.js';
import { readSetting, writeSetting } from './settings.js';

export interface FirstUser {
  readonly username: string;
  readonly password: string;
  readonly roles: readonly Role[];
}

const marker = 'first-users';

const administrator: { username: string; displayName: string; role: Role; customer?: string } = {
  username: 'admin',
  displayName: 'Ada Administrator',
  role: 'administrator',
};
const demoUsers: readonly (typeof administrator)[] = [
  { username: 'supervisor', displayName: 'Sam Supervisor', role: 'supervisor' },
  { username: 'agent', displayName: 'Alex Agent', role: 'agent' },
  { username: 'approver', displayName: 'Robin Approver', role: 'approver' },
  { username: 'analyst', displayName: 'Ana Analyst', role: 'analyst' },
  { username: 'operator', displayName: 'Oli Operator', role: 'operator' },
  { username: 'shopper', displayName: 'Maria Anders', role: 'shopper', customer: 'ALFKI' },
];

export const firstUsersFile = (dataDir: string): string => join(dataDir, 'demo-users.json');

/**
 * Creates the administrator and, in demo mode, one user a role; undefined if an earlier start has done so.
 *
 * @returns the users with their passwords, which are nowhere else but in {@link firstUsersFile}
 */
export async function createFirstUsers(
  models: Models,
  { demo, dataDir, clock }: { demo: boolean; dataDir: string; clock: Clock },
): Promise<FirstUser[] | undefined> {
  if ((await readSetting(models, marker)) === 'created') return undefined;
  const wanted = demo ? [administrator, ...demoUsers] : [administrator];
  const users = wanted.map(({ username, role }) => ({
    username,
    password: generatePassword(),
    roles: [role],
  }));
  await writeSecretFile(firstUsersFile(dataDir), `${JSON.stringify(users, null, 2)}\n`);
  for (const [index, { username, password, roles }] of users.entries()) {
    await models.users.collection.replaceOne(
      { _id: username as never },
      {
        _id: username,
        displayName: wanted[index]!.displayName,
        roles,
        ...(wanted[index]!.customer === undefined ? {} : { customer: wanted[index]!.customer }),
        passwordHash: await hashPassword(password),
        active: true,
        createdAt: clock.now(),
        version: 1,
      },
      { upsert: true },
    );
  }
  await writeSetting(models, marker, 'created');
  return users;
}
