// Makes a directory and its parents. Not by `mkdir`'s own `recursive`: below a directory that takes no entries, such as
// /proc, Node's loops for ever.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Readable for its owner only. @throws what the file system says of the first directory that can't be made. */
export function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeDirectory(parent);
  mkdirSync(path, { mode: 0o700 });
}
