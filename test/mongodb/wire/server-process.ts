// The wire server in a process of its own, on a data directory: it can be killed and started again.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../../store/embedded/wire/main.js', import.meta.url));

export interface ServerProcess {
  readonly port: number;
  /** The line it printed. */
  readonly line: string;
  /** Ends it, by default as a crash would; resolves to its exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

export async function startServerProcess(data: string): Promise<ServerProcess> {
  const child: ChildProcess = spawn(process.execPath, [main, '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const line = await Promise.race([
    once(createInterface({ input: child.stdout! }), 'line').then(([text]) => text as string),
    exited.then(([code]) => Promise.reject(new Error(`the server ended with ${code}`))),
  ]);
  return {
    port: Number(/127\.0\.0\.1:(\d+)/.exec(line)?.[1]),
    line,
    async end(signal = 'SIGKILL') {
      child.kill(signal);
      return (await exited)[0];
    },
  };
}
