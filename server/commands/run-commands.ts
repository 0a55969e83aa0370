// `recourse runs` and `recourse operate`: what is stuck, and repairing it, one run or many.
import type { Config } from '../config.js';
import { withServer } from './local-server.js';

export interface ListedRun {
  readonly id: string;
  readonly flow: string;
  readonly label: string | null;
  readonly status: string;
  readonly subject: { readonly type: string; readonly id: string } | null;
  readonly startedAt: string;
  readonly incident?: { readonly element: string; readonly code: string };
}

export interface Job {
  readonly id: string;
  readonly status: string;
  readonly of: number;
  readonly done: number;
  readonly failed: readonly { readonly run: string; readonly code: string; readonly detail: string }[];
}

export interface RunFilter {
  readonly status?: string;
  readonly flow?: string;
  readonly order?: string;
  readonly limit: string;
}

const pollMs = 100;

export const listRuns = (config: Config, filter: RunFilter): Promise<readonly ListedRun[]> =>
  withServer(config, async ({ ask }) => {
    const query = new URLSearchParams(Object.entries(filter) as [string, string][]);
    return (await ask<{ items: ListedRun[] }>('GET', `runs?${query.toString()}`)).items;
  });

export const runsText = (runs: readonly ListedRun[]): string =>
  runs.length === 0
    ? 'no runs'
    : runs
        .map(({ id, flow, label, status, subject, startedAt, incident }) =>
          [
            id,
            flow,
            status,
            subject === null ? '-' : `${subject.type} ${subject.id}`,
            startedAt,
            ...(label === null ? [] : [JSON.stringify(label)]),
            ...(incident === undefined ? [] : [`${incident.code} at ${incident.element}`]),
          ].join('  '),
        )
        .join('\n');

/** Does an operation to runs and waits until all have been tried. @throws {RecourseError} `server.command-refused` */
export async function operateRuns(
  config: Config,
  operation: string,
  runs: readonly string[],
  { reason, input }: { readonly reason: string; readonly input: unknown },
): Promise<Job> {
  return withServer(config, async ({ ask }) => {
    const body = { operation, reason, runs, input };
    let job = await ask<Job>('POST', 'runs/bulk', { body });
    while (job.status === 'running') {
      await new Promise((resolve) => setTimeout(resolve, pollMs));
      job = await ask<Job>('GET', `jobs/${job.id}`);
    }
    return job;
  });
}

export const jobText = ({ of, done, failed }: Job): string =>
  [
    ...failed.map(({ run, code, detail }) => `${run}: ${code}: ${detail}`),
    `${done - failed.length} of ${of} done, ${failed.length} refused`,
  ].join('\n');
