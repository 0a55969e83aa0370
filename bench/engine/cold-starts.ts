// From the start of a process to its first completed run.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { round } from '../harness.js';

export interface ColdStart {
  readonly ms: number;
  readonly memoryMiB: number;
}

/** Median of five processes, each with an empty directory. */
export function measureColdStart(directory: string): ColdStart {
  const program = fileURLToPath(new URL('./cold-start.js', import.meta.url));
  const starts = Array.from({ length: 5 }, (_, n) => {
    const output = execFileSync(process.execPath, [program, join(directory, `cold-${n}`)], {
      encoding: 'utf8',
    });
    return JSON.parse(output) as { ms: number; rss: number };
  }).sort((a, b) => a.ms - b.ms);
  const { ms, rss } = starts[2] as { ms: number; rss: number };
  return { ms: round(ms), memoryMiB: round(rss / 1024 / 1024) };
}
