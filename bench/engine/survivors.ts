// What of the objects that work makes outlives the nursery: it stays until V8 collects the whole heap (docs/decisions/0017).
import { Session } from 'node:inspector/promises';

interface Made {
  readonly callFrame: { readonly functionName: string };
  readonly selfSize: number;
  readonly children: readonly Made[];
}

/** KiB, estimated from samples. */
export async function survivorsOf(work: () => Promise<unknown>): Promise<number> {
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.enable');
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: 16 * 1024,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: false,
  });
  await work();
  fillNursery();
  const { profile } = await session.post('HeapProfiler.stopSampling');
  session.disconnect();
  return bytesOf(profile.head) / 1024;
}

/** Has V8 collect what is left in the nursery, a few times. */
function fillNursery(): void {
  const bytes = 256 * 1024 * 1024;
  const cells = 1000;
  let kept: unknown;
  for (let made = 0; made < bytes; made += cells * 8) kept = new Array(cells).fill(kept === undefined);
}

const bytesOf = ({ callFrame, selfSize, children }: Made): number =>
  callFrame.functionName === fillNursery.name
    ? 0
    : children.reduce((sum, child) => sum + bytesOf(child), selfSize);
