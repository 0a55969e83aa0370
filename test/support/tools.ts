// Whether the machine has what a test of faults needs; the answer is the reason to skip, or nothing.
import { spawnSync } from 'node:child_process';

/** strace, and the right to trace. */
export function whyNoStrace(): string | undefined {
  const { status, error } = spawnSync('strace', ['-f', '-o', '/dev/null', '-e', 'trace=fsync', 'true']);
  if (error !== undefined) return 'strace is not installed';
  return status === 0 ? undefined : 'this user may not trace processes';
}

/** A mount namespace with a file system of a few megabytes. */
export function whyNoSmallDisk(): string | undefined {
  const { status } = spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs -o size=64k tmpfs /mnt']);
  return status === 0 ? undefined : 'mounting a small file system needs root';
}
