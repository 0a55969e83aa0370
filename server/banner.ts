// What a person who has started the server is told on standard output.
import type { Config } from './config.js';
import { firstUsersFile } from './first-users.js';
import type { RunningServer } from './main.js';

const unsafe = [
  'the passwords above stand in plain text on this screen and in that file;',
  'anybody who can read the data directory can read every record: it is not encrypted;',
  'it speaks plain HTTP: put a TLS proxy in front before it leaves this machine;',
  'the customers and orders are invented samples, mixed with whatever you add.',
];

/** The text, with the passwords of the users that this start has made. */
export function banner(
  { host, dataDir, mongodbUri, demo }: Config,
  { url, ordersLoaded, users }: RunningServer,
): string {
  const lines = [
    '',
    `Recourse is ready at ${url}`,
    `  data    ${mongodbUri === undefined ? `${dataDir} (embedded store)` : 'MongoDB (MONGODB_URI)'}`,
  ];
  if (ordersLoaded > 0) lines.push(`  sample  ${ordersLoaded} orders loaded`);
  if (users === undefined) {
    lines.push(`  users   as before; \`recourse user reset <name>\` makes a new password`);
  } else {
    lines.push('', demo ? 'Demo users, with passwords made just now:' : 'The first user, made just now:');
    for (const { username, password, roles } of users) {
      lines.push(`  ${username.padEnd(12)}${password}  ${roles.join(', ')}`);
    }
    lines.push(`They are in ${firstUsersFile(dataDir)} too: delete it once you have noted them.`);
  }
  if (demo) {
    lines.push('', 'This is demo mode (DEMO=off turns it off for an empty store). What is unsafe about it:');
    lines.push(...(users === undefined ? unsafe.slice(1) : unsafe).map((line) => `  - ${line}`));
    if (!isLoopback(host)) lines.push(`  - HOST is ${host}: it can be reached from other machines.`);
  }
  lines.push('', 'Stop it with Ctrl-C.', '');
  return lines.join('\n');
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('127.');
