// A Restate server of its own: on loopback, on free ports, in a directory made for it, with its defaults but for what it
// would report to its makers and write to its log.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { restateProgram } from './installed.js';

export interface RestateServer {
  readonly ingressPort: number;
  readonly adminPort: number;
  /** Stops it in its tracks, so that it takes no time from what else is measured. */
  pause(): void;
  resume(): void;
}

const host = '127.0.0.1';
const startMs = 30_000;

/** Ports that were free a moment ago; all are held until the last is found. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<Server>((resolve, reject) => {
          const server = createServer().once('error', reject);
          server.listen(0, host, () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Starts the server, which ends with this process; resolves when it answers, rejects when it does not within 30 s. */
export async function startRestateServer(): Promise<RestateServer> {
  const [fabricPort, adminPort, ingressPort] = (await freePorts(3)) as [number, number, number];
  const directory = mkdtempSync(join(tmpdir(), 'recourse-bench-restate-'));
  // Settings of another server would be taken from the environment.
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('RESTATE_'));
  const child = spawn(
    restateProgram(),
    ['--no-logo', '--base-dir', directory, '--listen-mode', 'tcp', '--bind-ip', host],
    {
      env: {
        ...Object.fromEntries(inherited),
        RESTATE_BIND_PORT: String(fabricPort),
        RESTATE_ADMIN__BIND_PORT: String(adminPort),
        RESTATE_INGRESS__BIND_PORT: String(ingressPort),
        RESTATE_DISABLE_TELEMETRY: 'true',
        // It asks GitHub for its newest release at each start, which can't be switched off; without network it says so.
        RESTATE_LOG_FILTER: 'error,octocrab=off',
      },
      // Its log beside the benchmark's errors, not among its figures.
      stdio: ['ignore', 2, 2],
    },
  );
  const state: { ended?: string } = {};
  child.once('error', ({ message }) => {
    state.ended = message;
  });
  child.once('exit', (code, signal) => {
    state.ended = `it exited with ${code ?? signal}`;
  });
  process.once('exit', () => {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  });
  const answers = async (url: string): Promise<boolean> => {
    const response = await fetch(url).catch(() => undefined);
    await response?.body?.cancel();
    return response?.ok === true;
  };
  const deadline = performance.now() + startMs;
  for (const url of [`http://${host}:${adminPort}/health`, `http://${host}:${ingressPort}/restate/health`]) {
    while (!(await answers(url))) {
      if (state.ended !== undefined) throw new Error(`the Restate server did not start: ${state.ended}`);
      if (performance.now() > deadline)
        throw new Error(`the Restate server did not start within ${startMs / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return {
    ingressPort,
    adminPort,
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
  };
}
