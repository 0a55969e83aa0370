// How commands use the API: of the server that has the data directory open, or of one that runs only as long as the command.
import { randomUUID } from 'node:crypto';
import { RecourseError } from '../../engine/errors/recourse-error.js';
import { takeDataDirectory } from '../../store/data-directory.js';
import type { Config } from '../config.js';
import { findLocalAccess, type LocalAccess } from '../local-access.js';
import { createLog } from '../log.js';
import type { RunningServer } from '../main.js';
import { serverErrors } from '../server-errors.js';

export interface Asked {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Api {
  /** Whether a server was running already. */
  readonly through: 'server' | 'command';
  /** @throws {RecourseError} `server.command-refused` with what the server said */
  ask<Answer>(method: 'GET' | 'POST' | 'PUT', path: string, asked?: Asked): Promise<Answer>;
}

export async function withServer<T>(config: Config, work: (api: Api) => Promise<T>): Promise<T> {
  const through = (access: LocalAccess): Promise<T> =>
    work({ through: 'server', ask: (...asked) => ask(access, ...asked) });
  const running = await runningServer(config);
  if (running !== undefined) return through(running);
  const { serve } = await import('../main.js');
  let own: RunningServer;
  try {
    own = await serve(
      { ...config, host: '127.0.0.1', port: 0 },
      createLog('silent', () => undefined),
    );
  } catch (error) {
    const other = await runningServer(config);
    if (other === undefined) throw error;
    return through(other);
  }
  try {
    const access = await findLocalAccess(config.dataDir);
    if (access === undefined) throw serverErrors.error('admin-unreachable', 'the server has left no address');
    return await work({ through: 'command', ask: (...asked) => ask(access, ...asked) });
  } finally {
    await own.stop();
  }
}

/** The server that has the data directory, if one has. @throws {RecourseError} `store.in-use` if it can't be asked */
async function runningServer({ dataDir, mongodbUri }: Config): Promise<LocalAccess | undefined> {
  if (mongodbUri !== undefined) return undefined;
  try {
    takeDataDirectory(dataDir).release();
    return undefined;
  } catch (error) {
    if (!(error instanceof RecourseError) || error.code !== 'store.in-use') throw error;
    const access = await findLocalAccess(dataDir);
    if (access === undefined) throw error;
    return access;
  }
}

async function ask<Answer>(
  { url, token }: LocalAccess,
  method: string,
  path: string,
  { body, headers = {} }: Asked = {},
): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(new URL(`/api/v1/${path}`, url), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    throw serverErrors.error('admin-unreachable', `${url} did not answer`, { cause });
  }
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer as Answer;
  const {
    code = String(response.status),
    detail = '',
    problems = [],
  } = (answer ?? {}) as {
    code?: string;
    detail?: string;
    problems?: readonly { pointer?: string; detail: string }[];
  };
  const listed = problems.map((problem) => `\n  ${problem.pointer ?? ''} ${problem.detail}`).join('');
  throw serverErrors.error('command-refused', `${code}: ${problems.length > 0 ? listed.trim() : detail}`, {
    data: { code },
  });
}
