// The oldest versions that are safe to use, each because of a published advisory; read from the lock file.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../server/project-root.js';

const floors: Readonly<Record<string, string>> = {
  'path-to-regexp': '8.4.0',
  qs: '6.14.2',
  ajv: '8.18.0',
  mongoose: '9.9.2',
  handlebars: '4.7.10',
  nodemailer: '9.1.1',
  'express-rate-limit': '8.2.2',
};

interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      {
        version?: string;
        integrity?: string;
        link?: boolean;
        dev?: boolean;
        os?: string[];
        libc?: string[];
        cpu?: string[];
      }
    >
  >;
}

const { packages } = JSON.parse(readFileSync(join(projectRoot(), 'package-lock.json'), 'utf8')) as Lock;
const installed = Object.entries(packages).filter(([path]) => path.startsWith('node_modules/'));
const nameOf = (path: string): string =>
  path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

const parts = (version: string): number[] => version.split('-')[0]!.split('.').map(Number);
function isAtLeast(version: string, floor: string): boolean {
  const [have, need] = [parts(version), parts(floor)];
  const place = need.findIndex((number, index) => have[index] !== number);
  return place < 0 || have[place]! > need[place]!;
}

describe('the lock file', () => {
  it('compares versions by number', () => {
    assert.deepEqual(
      [isAtLeast('8.10.0', '8.9.9'), isAtLeast('8.9.9', '8.10.0'), isAtLeast('4.7.10', '4.7.10')],
      [true, false, true],
    );
  });

  it('holds no version below its floor', () => {
    for (const [name, floor] of Object.entries(floors)) {
      const versions = installed.filter(([path]) => nameOf(path) === name).map(([, { version }]) => version!);
      assert.ok(versions.length > 0, `${name} is in the lock file`);
      for (const version of versions) assert.ok(isAtLeast(version, floor), `${name} ${version} < ${floor}`);
    }
  });

  it('has an integrity hash for every package', () => {
    const without = installed.filter(([, { integrity, link }]) => integrity === undefined && !link);
    assert.deepEqual(
      without.map(([path]) => path),
      [],
    );
  });

  it('has at most 150 packages in production, on any one platform', () => {
    // A native package names its variants for all platforms; one of them installs.
    const here = { os: 'linux', cpu: 'x64', libc: 'glibc' };
    const installs = ({
      os = [here.os],
      cpu = [here.cpu],
      libc = [here.libc],
    }: (typeof packages)[string]): boolean =>
      os.includes(here.os) && cpu.includes(here.cpu) && libc.includes(here.libc);
    const production = installed.filter(([, entry]) => entry.dev !== true && installs(entry));
    assert.ok(production.length <= 150, `${production.length} packages`);
  });
});
