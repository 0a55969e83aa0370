// `recourse doctor`: whether everything is as it should be, and what to do where it isn't.
import { statfs } from 'node:fs/promises';
import type { Config } from '../config.js';
import { checkFlows, hasErrors } from './validate-flows.js';
import { flowsDirectory } from '../engine/flows-directory.js';
import { type Api, withServer } from './local-server.js';

export interface Finding {
  readonly state: 'ok' | 'warning' | 'failure';
  readonly what: string;
  /** What to do about it. */
  readonly remedy?: string;
}

const nodeMajorMin = 20;
const freeBytesMin = 1_000_000_000;
const listedMax = 100;

const ok = (what: string): Finding => ({ state: 'ok', what });
const warning = (what: string, remedy: string): Finding => ({ state: 'warning', what, remedy });
const failure = (what: string, remedy: string): Finding => ({ state: 'failure', what, remedy });

/** @throws {RecourseError} only where the configuration itself can't be read */
export async function examine(config: Config): Promise<readonly Finding[]> {
  const findings = [node(), await flowFiles(), ...mails(config)];
  try {
    const stuck = await withServer(config, async (api) => [
      ok(
        api.through === 'server'
          ? 'a server is running and answers'
          : 'no server is running; the store opens and is sound',
      ),
      ...(await whatIsStuck(api)),
    ]);
    findings.push(...stuck, ...(config.mongodbUri === undefined ? [await freeSpace(config.dataDir)] : []));
  } catch (error) {
    const { message, entry } = error as Error & { entry?: { remedy?: string } };
    findings.push(failure(message, entry?.remedy ?? 'See the log.'));
  }
  return findings;
}

const node = (): Finding => {
  const major = Number(process.versions.node.split('.')[0]);
  return major >= nodeMajorMin
    ? ok(`Node ${process.versions.node}`)
    : failure(`Node ${process.versions.node}`, `Install Node ${nodeMajorMin} or later.`);
};

async function flowFiles(): Promise<Finding> {
  const checked = await checkFlows(flowsDirectory());
  const wrong = checked.filter(hasErrors);
  return wrong.length === 0
    ? ok(`${checked.length} flow files, all sound`)
    : failure(
        `flow files with errors: ${wrong.map(({ path }) => path).join(', ')}`,
        'Run `recourse validate`.',
      );
}

const mails = ({ smtpUrl, payment }: Config): Finding[] => [
  smtpUrl === undefined
    ? warning('mails go to the built-in mailbox, not to people', 'Set SMTP_URL to send them.')
    : ok('mails go to SMTP_URL'),
  payment === undefined
    ? warning('payments are made by the simulator, not by a provider', 'Set PAYMENT_URL and PAYMENT_KEY.')
    : ok('payments go to PAYMENT_URL'),
];

async function whatIsStuck({ ask }: Api): Promise<Finding[]> {
  const count = async (path: string): Promise<string | undefined> => {
    const { items, next } = await ask<{ items: unknown[]; next: unknown }>(
      'GET',
      `${path}${path.includes('?') ? '&' : '?'}limit=${listedMax}`,
    );
    return items.length === 0 ? undefined : `${items.length}${next === null ? '' : ' or more'}`;
  };
  const [incidents, held, orphaned, failed] = [
    await count('runs?status=incident'),
    await count('runs?status=held'),
    await count('tasks/without-taker'),
    await count('mails?state=failed'),
  ];
  return [
    incidents === undefined
      ? ok('no run has an incident')
      : warning(
          `runs with an incident: ${incidents}`,
          'See `recourse runs --status incident`, then `recourse operate`.',
        ),
    held === undefined
      ? ok('no run is held')
      : warning(`runs held by a hold of their order: ${held}`, 'Have the holds lifted, or leave them.'),
    orphaned === undefined
      ? ok('all work has somebody who can do it')
      : warning(
          `tasks and approvals that nobody can do: ${orphaned}`,
          'See `GET /api/v1/tasks/without-taker`; let somebody in again, or have the run moved.',
        ),
    failed === undefined
      ? ok('no mail has failed')
      : warning(`mails that failed: ${failed}`, 'See `GET /api/v1/mails?state=failed`; each says why.'),
  ];
}

async function freeSpace(dataDir: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(dataDir);
  const free = bavail * bsize;
  const shown = `${Math.round(free / 100_000_000) / 10} GB are free at ${dataDir}`;
  return free >= freeBytesMin ? ok(shown) : warning(shown, 'Make space before the store has none.');
}

export const findingsText = (findings: readonly Finding[]): string =>
  findings
    .map(
      ({ state, what, remedy }) =>
        `${state.padEnd(7)}  ${what}${remedy === undefined ? '' : `\n         ${remedy}`}`,
    )
    .join('\n');
