// Where the main thread's time goes while work runs: samples of V8's profiler, each counted for the innermost module on
// its stack that has a name here. Idle is waiting: for the writer thread, its flush, and other processes.
import { Session } from 'node:inspector/promises';

interface Frame {
  readonly functionName: string;
  readonly url: string;
}

const modules: readonly (readonly [name: string, url: RegExp])[] = [
  ['XState', /node_modules\/xstate\//],
  ['ajv and re2js', /node_modules\/(ajv|re2js)/],
  ['expressions', /\/engine\/expressions\//],
  ['engine', /\/engine\/(?!.*bench)(runtime|elements|compile|definition|ports|engine|limits)/],
  ['mongoose', /node_modules\/(mongoose|kareem|mquery)\//],
  ['BSON', /bson/],
  ['reads of snapshots (libsql)', /node_modules\/libsql\//],
  ['hand-off to the writer thread', /\/store\/embedded\/writer\//],
  ['embedded driver', /\/store\/embedded\//],
  ['engine store', /\/store\//],
  ['benchmark', /\/bench\//],
];

/** Shares of the wall time, largest first. */
export async function splitOf(work: () => Promise<unknown>): Promise<[name: string, share: number][]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 500 });
  await session.post('Profiler.start');
  await work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const frames = new Map<number, Frame>(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const callers = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])),
  );
  const moduleOf = (id: number): string => {
    const { functionName } = frames.get(id)!;
    if (functionName === '(idle)') return 'idle';
    if (functionName === '(garbage collector)') return 'garbage collection';
    for (let at: number | undefined = id; at !== undefined; at = callers.get(at)) {
      const { url } = frames.get(at)!;
      const known = modules.find(([, pattern]) => pattern.test(url));
      if (known !== undefined) return known[0];
    }
    return 'Node itself';
  };
  const shares = new Map<string, number>();
  const total = (profile.timeDeltas ?? []).reduce((sum, delta) => sum + delta, 0);
  for (const [index, id] of (profile.samples ?? []).entries()) {
    const module = moduleOf(id);
    shares.set(module, (shares.get(module) ?? 0) + (profile.timeDeltas?.[index] ?? 0) / total);
  }
  return [...shares].sort((left, right) => right[1] - left[1]);
}
