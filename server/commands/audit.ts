// `recourse audit`: who changed accounts, roles, keys, flows, templates and the store.
import type { Config } from '../config.js';
import { withServer } from './local-server.js';

export interface AuditFilter {
  readonly by?: string;
  readonly limit: string;
}

interface Entry {
  readonly at: string;
  readonly by: string;
  readonly action: string;
  readonly path: string;
  readonly status: number | null;
}

/** The newest first. @throws {RecourseError} `server.command-refused` */
export const listAudit = (config: Config, { by, limit }: AuditFilter): Promise<readonly Entry[]> =>
  withServer(config, async ({ ask }) => {
    const query = new URLSearchParams({ limit, ...(by === undefined ? {} : { by }) });
    return (await ask<{ items: Entry[] }>('GET', `audit?${query}`)).items;
  });

export const auditText = (entries: readonly Entry[]): string =>
  entries
    .map(({ at, by, action, path, status }) =>
      [at, by, action.split(' ')[0], path, status ?? 'not ended'].join('  '),
    )
    .join('\n');
