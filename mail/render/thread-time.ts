// How much processor time a thread has used, where the system tells it (Linux): on a busy machine a thread may wait for
// its turn far longer than it works, and waiting is nobody's fault.
import { readFileSync, readlinkSync } from 'node:fs';

/** Ticks a second in /proc; the same on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** The name of the calling thread for `processorMs`; empty where there is none. */
export function currentTask(): string {
  try {
    return readlinkSync('/proc/thread-self');
  } catch {
    return '';
  }
}

/** Milliseconds of processor time that a thread of this process has used so far, or undefined where nobody knows. */
export function processorMs(task: string): number | undefined {
  if (!/^\d+\/task\/\d+$/.test(task)) return undefined;
  try {
    const stat = readFileSync(`/proc/${task}/stat`, 'latin1');
    // The name of the thread stands in parentheses and may hold spaces; user and system time are the 12th and 13th after.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return Number.isFinite(ticks) ? (ticks * 1000) / ticksPerSecond : undefined;
  } catch {
    return undefined;
  }
}
