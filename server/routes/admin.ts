// For administrators and for the command line: backup and restore while it serves, and new passwords.
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { OpenDatabase } from '../../store/connect.js';
import type { Restored } from '../../store/restore.js';
import { storeErrors } from '../../store/store-errors.js';
import { ofType } from '../answers/answer.js';
import { newPassword, restoreAnswer } from '../answers/server-answers.js';
import type { Auth } from '../auth/compose-auth.js';
import { toUserName } from '../auth/users.js';
import { signedIn } from '../request/conditions.js';
import { requireOwn } from './access.js';
import type { Route } from './route.js';

/** Backups on their way out; what a crash leaves behind is removed at the next start. */
export const backupFilePrefix = 'backup-in-progress-';

interface AdminDeps {
  /** Where a backup lies while it is sent. */
  readonly scratchDirectory: string;
  readonly restore?: (asking: Response) => Promise<Restored>;
}

export function adminRoutes(
  database: OpenDatabase,
  { users, roles }: Auth,
  { scratchDirectory: directory, restore }: AdminDeps,
): Route[] {
  return [
    {
      method: 'post',
      path: '/api/v1/admin/backup',
      access: { permission: 'store.back-up' },
      isCostly: true,
      summary: 'A checked copy of the embedded store.',
      audited: 'with-body',
      answers: { 200: ofType('application/octet-stream') },
      // The file is sent, and not written where the caller says: no path ever comes over HTTP.
      async handle(_request, response) {
        const file = join(directory, `${backupFilePrefix}${randomUUID()}`);
        try {
          const { bytes } = await database.backup(file);
          const digest = createHash('sha256');
          for await (const chunk of createReadStream(file)) digest.update(chunk as Buffer);
          response.setHeader('Content-Type', 'application/octet-stream');
          response.setHeader('Content-Length', String(bytes));
          // RFC 9530.
          response.setHeader('Repr-Digest', `sha-256=:${digest.digest('base64')}:`);
          await pipeline(createReadStream(file), response);
        } finally {
          await rm(file, { force: true });
        }
      },
    },
    {
      method: 'post',
      path: '/api/v1/admin/restore',
      access: { permission: 'store.restore' },
      summary: 'Put the backup in place that the command line has laid ready.',
      audited: 'with-body',
      answers: { 200: restoreAnswer },
      // What is restored has been laid ready by the command line: no path and no data comes over HTTP.
      async handle(_request, response) {
        if (restore === undefined) {
          throw storeErrors.error('backup-not-supported', 'the data is in MongoDB, which has its own tools');
        }
        const { aside } = await restore(response);
        response.json({ aside: aside ?? null });
      },
    },
    {
      method: 'post',
      path: '/api/v1/admin/users/:name/reset-password',
      access: { permission: 'users.manage' },
      summary: 'Give a user a new password, told once.',
      audited: 'with-body',
      answers: { 200: newPassword },
      async handle(request, response) {
        const username = toUserName(String(request.params['name']));
        // A new password is the whole account: nobody gets one that may do more than they do.
        requireOwn(signedIn(response), await roles.permissionsOf((await users.get(username)).roles));
        const password = await users.resetPassword(username);
        response.json({ username, password });
      },
    },
  ];
}
