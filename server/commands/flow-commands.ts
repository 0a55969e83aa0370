// `recourse export`, `import` and `run`: flows between servers, and starting one.
import { readFile, writeFile } from 'node:fs/promises';
import type { Config } from '../config.js';
import { inexactNumberIn } from '../inexact-numbers.js';
import { serverErrors } from '../server-errors.js';
import { withServer } from './local-server.js';

export interface Bundle {
  readonly format: number;
  readonly flows: Readonly<Record<string, unknown>>;
}

export interface ImportedFlow {
  readonly name: string;
  readonly version: number;
  readonly status: string;
  readonly isNew: boolean;
}

/** The active flows; all, or those of the names. */
export const exportFlows = (config: Config, names: readonly string[]): Promise<Bundle> =>
  withServer(config, ({ ask }) =>
    ask('GET', `flow-export${names.length === 0 ? '' : `?flows=${names.map(encodeURIComponent).join(',')}`}`),
  );

/** Writes a bundle to a file that isn't there yet. @throws {RecourseError} `server.invalid-file` */
export async function writeBundle(file: string, bundle: Bundle): Promise<void> {
  await writeFile(file, `${JSON.stringify(bundle, undefined, 2)}\n`, { flag: 'wx' }).catch(
    (cause: unknown) => {
      throw serverErrors.error(
        'invalid-file',
        `${file} can not be written: it exists, or its directory does not`,
        {
          cause,
        },
      );
    },
  );
}

/** @throws {RecourseError} `server.invalid-file`, `server.command-refused` */
export async function importFlows(
  config: Config,
  file: string,
  activate: boolean,
): Promise<readonly ImportedFlow[]> {
  const bundle = await readJson(file);
  return withServer(config, async ({ ask }) => {
    const body = { ...(bundle as object), ...(activate ? { activate } : {}) };
    return (await ask<{ items: ImportedFlow[] }>('POST', 'flow-import', { body })).items;
  });
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw serverErrors.error('invalid-file', `${file} can not be read`, { cause });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw serverErrors.error('invalid-file', `${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
  const inexact = inexactNumberIn(text);
  if (inexact === undefined) return value;
  throw serverErrors.error('invalid-file', `${file} at ${inexact.pointer}: ${inexact.detail}`);
}

export interface StartedRun {
  readonly id: string;
  readonly status: string;
  readonly outputs: unknown;
  readonly work: readonly { readonly element: string; readonly assignee: string }[];
}

export interface RunOptions {
  readonly order?: string;
  readonly input: unknown;
  /** Makes it safe to send again. */
  readonly key?: string;
  readonly wait: string;
}

/** Starts a flow, and waits a while for its end. */
export async function runFlow(
  config: Config,
  flow: string,
  { order, input, key, wait }: RunOptions,
): Promise<StartedRun> {
  const body = { input };
  const headers = { prefer: `wait=${wait}`, ...(key === undefined ? {} : { 'idempotency-key': key }) };
  const name = encodeURIComponent(flow);
  const path =
    order === undefined ? `flows/${name}/runs` : `orders/${encodeURIComponent(order)}/actions/${name}`;
  return withServer(
    config,
    async ({ ask }) => (await ask<{ run: StartedRun }>('POST', path, { body, headers })).run,
  );
}

export const runText = ({ id, status, outputs, work }: StartedRun): string =>
  [
    `${id}  ${status}`,
    ...(outputs === null ? [] : [JSON.stringify(outputs, undefined, 2)]),
    ...work.map(({ element, assignee }) => `waits at ${element} for ${assignee}`),
  ].join('\n');
