// Whether `bench/peers/node_modules` is there, as its lock file says, and its installation. The peers are no part of the
// project: they come from the registry and only when somebody wants to measure them.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { projectRoot } from '../../server/project-root.js';

const directory = join(projectRoot(), 'bench', 'peers');

/** Resolves and loads what is installed in `bench/peers`. */
export const requirePeer = createRequire(join(directory, 'package.json'));

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

const read = (path: string): Manifest => JSON.parse(readFileSync(path, 'utf8')) as Manifest;

const wanted = (): Manifest['dependencies'] => read(join(directory, 'package.json')).dependencies;

/** The version of the Restate server that is measured. */
export const restateVersion = (): string => wanted()['@restatedev/restate-server'] ?? 'of no version';

/** The server's program, in the package for this platform. */
export const restateProgram = (): string =>
  requirePeer.resolve(`@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`);

export function peersAreInstalled(): boolean {
  try {
    restateProgram();
    return Object.entries(wanted()).every(
      ([name, version]) => read(join(directory, 'node_modules', name, 'package.json')).version === version,
    );
  } catch {
    return false;
  }
}

/** Installs the peers if they aren't there, and says so. */
export function installPeers(): void {
  if (peersAreInstalled()) return;
  console.log(`Installing ${Object.keys(wanted()).join(' and ')} in bench/peers (some 225 MB), with npm ci`);
  const { status, error } = spawnSync('npm', ['ci'], { cwd: directory, stdio: 'inherit' });
  if (error !== undefined || status !== 0 || !peersAreInstalled())
    throw new Error('bench/peers could not be installed; name other suites to measure without the peers', {
      cause: error,
    });
}
