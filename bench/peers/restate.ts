// Restate as a peer to be measured in turn with the engine, in a process of its own that sleeps in between.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Times } from '../one-at-a-time.js';
import { restateVersion } from './installed.js';
import type { Answer, Task } from './restate-process.js';

export interface Peer {
  readonly name: string;
  /** Wakes it up again, with runs that are not measured. */
  resume(): Promise<void>;
  /** Lets it take no processor time until it is resumed. */
  pause(): Promise<void>;
  /** Runs of the peers' workload until all are done, some of them always under way. */
  runs(count: number, inFlight: number): Promise<void>;
  times(count: number): Promise<Times>;
  close(): Promise<void>;
}

/** Starts the peer, warms it up and pauses it. `installPeers` must have been called. */
export async function openRestate(): Promise<Peer> {
  const child = fork(fileURLToPath(new URL('./restate-process.js', import.meta.url)), { execArgv: [] });
  const ended = new AbortController();
  child.once('exit', () => ended.abort());
  const answer = async (): Promise<Times | undefined> => {
    const answered = once(child, 'message', { signal: ended.signal }) as Promise<[Answer]>;
    const [message] = await answered.catch((cause: unknown) => {
      throw new Error('the process of Restate has ended', { cause });
    });
    if ('error' in message) throw new Error(`Restate failed: ${message.error}`);
    return message.times;
  };
  const perform = (task: Task): Promise<Times | undefined> => {
    const answered = answer();
    // If it is refused, the process has ended, and that is what is reported.
    child.send(task, () => {});
    return answered;
  };
  await answer();
  await perform({ task: 'pause' });
  return {
    name: `Restate ${restateVersion()}`,
    resume: async () => void (await perform({ task: 'resume' })),
    pause: async () => void (await perform({ task: 'pause' })),
    runs: async (count, inFlight) => void (await perform({ task: 'runs', count, inFlight })),
    times: async (count) => (await perform({ task: 'times', count })) as Times,
    async close() {
      if (ended.signal.aborted) return;
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
