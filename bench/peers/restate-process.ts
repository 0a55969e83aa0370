// The process that `restate.ts` forks: a Restate server, the service and the client that calls it. It does one task after
// the other, and takes the server with it however it ends.
import { Agent, request } from 'node:http';
import { inFlight } from '../harness.js';
import { type Times, timesOneAtATime } from '../one-at-a-time.js';
import { startRestateServer } from './restate-server.js';
import { serveRestateService, type StepInput } from './restate-service.js';

export type Task =
  | { readonly task: 'runs'; readonly count: number; readonly inFlight: number }
  | { readonly task: 'times'; readonly count: number }
  | { readonly task: 'pause' | 'resume' };

/** The first answer comes unasked, when all is ready. */
export type Answer = { readonly times?: Times } | { readonly error: string };

// However the benchmark ends, this process exits, and its server with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
process.once('disconnect', () => process.exit());

const server = await startRestateServer();
const service = await serveRestateService();
// Connections are kept. HTTP/1.1: through Node's HTTP/2 client the answer to an event takes 40 ms longer.
const agent = new Agent({ keepAlive: true });

function post(port: number, path: string, body: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const sent = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers }, (response) => {
      let answer = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        answer += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode = 0 } = response;
        if (statusCode >= 200 && statusCode < 300) resolve();
        else reject(new Error(`${path} was answered with ${statusCode}: ${answer}`));
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
}

interface Started {
  readonly awakeable: string;
  readonly done: Promise<void>;
}

let orders = 0;

/** Starts a run; resolves when it is about to wait. The call is answered at the run's end. */
async function start(): Promise<Started> {
  orders += 1;
  const input: StepInput = { order: `order-${orders}`, amount: orders % 1000 };
  const waiting = service.waiting(input.order);
  const done = post(server.ingressPort, '/bench/flow', input);
  const awakeable = await Promise.race([waiting, done.then(() => Promise.reject(new Error('no wait')))]);
  return { awakeable, done };
}

async function end({ awakeable, done }: Started): Promise<void> {
  await post(server.ingressPort, `/restate/awakeables/${awakeable}/resolve`, { parcel: awakeable });
  await done;
}

const runs = (count: number, concurrency: number): Promise<void> =>
  inFlight(count, concurrency, async () => end(await start()));

async function perform(task: Task): Promise<Answer> {
  switch (task.task) {
    case 'runs':
      await runs(task.count, task.inFlight);
      return {};
    case 'times':
      return { times: await timesOneAtATime(task.count, start, end) };
    case 'pause':
      // A paused server can't close them, and may do so just when they are used again.
      agent.destroy();
      server.pause();
      return {};
    case 'resume':
      server.resume();
      await runs(128, 64);
      return {};
  }
}

const answer = (message: Answer): void => {
  process.send?.(message);
};

process.on('message', (task: Task) => {
  perform(task).then(answer, (error: unknown) => answer({ error: String(error) }));
});
await post(server.adminPort, '/deployments', { uri: `http://127.0.0.1:${service.port}` });
// As ours is, before it is measured: the code is compiled then.
await runs(600, 64);
answer({});
