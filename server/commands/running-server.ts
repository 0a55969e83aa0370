// Asks the server that has the data directory open to do what needs the open store.
import { serverErrors } from '../server-errors.js';
import { storeErrors } from '../../store/store-errors.js';
import { findLocalAccess } from '../local-access.js';

/**
 * Posts to the running server with the command line's own token.
 *
 * @throws {RecourseError} `store.in-use` if the process that has the directory has left no address, otherwise
 *   `server.admin-unreachable` or what the server answered
 */
export async function askRunningServer(dataDir: string, path: string): Promise<Response> {
  const access = await findLocalAccess(dataDir);
  if (access === undefined) {
    throw storeErrors.error('in-use', `${dataDir} is in use by a process that can't be asked`);
  }
  let response: Response;
  try {
    response = await fetch(new URL(path, access.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${access.token}` },
    });
  } catch (cause) {
    throw serverErrors.error('admin-unreachable', `${access.url} did not answer`, { cause });
  }
  if (response.ok) return response;
  const { code, detail } = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
  if (code === 'server.unknown-user') throw serverErrors.error('unknown-user', detail ?? 'no such user');
  throw serverErrors.error(
    'admin-unreachable',
    `${access.url} answered ${response.status} ${code ?? ''}: ${detail ?? ''}`,
  );
}
