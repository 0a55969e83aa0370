// Arrows point inward only, and nothing imports itself in a circle.
import assert from 'node:assert/strict';
import { sourceFiles } from './source-files.js';

/** What each room may import; the longest prefix of a path decides. */
const may: Readonly<Record<string, readonly string[]>> = {
  'engine/': ['engine/'],
  'store/embedded/': ['store/embedded/'],
  'orders/': ['orders/', 'engine/', 'connections/network-fault.ts'],
  'store/': ['store/', 'orders/', 'engine/'],
  'mail/': ['mail/', 'engine/errors/', 'engine/money/', 'engine/expressions/did-you-mean.ts'],
  'connections/': ['connections/', 'engine/'],
  'server/': ['server/', 'scenarios/', 'connections/', 'mail/', 'store/', 'orders/', 'engine/'],
  'scenarios/': ['scenarios/', 'server/', 'connections/', 'mail/', 'store/', 'orders/', 'engine/'],
};

const roomOf = (path: string): string | undefined =>
  Object.keys(may)
    .filter((prefix) => path.startsWith(prefix))
    .sort((a, b) => b.length - a.length)[0];

describe('the direction of imports', () => {
  it('reads every room', () => {
    assert.ok(sourceFiles.length > 100, `${sourceFiles.length} files`);
    for (const room of Object.keys(may)) {
      const imports = sourceFiles.filter(({ path }) => path.startsWith(room)).flatMap((file) => file.imports);
      assert.ok(imports.length > 0, `${room} has imports`);
    }
  });

  it('goes inward only', () => {
    const wrong = sourceFiles.flatMap(({ path, imports }) => {
      const room = roomOf(path);
      if (room === undefined) return [];
      return imports
        .filter((target) => !may[room]!.some((allowed) => target.startsWith(allowed)))
        .map((target) => `${path} imports ${target}`);
    });
    assert.deepEqual(wrong, []);
  });

  it('lets nothing but compose open a store', () => {
    const wrong = sourceFiles
      .filter(({ path }) => path.startsWith('server/') && path !== 'server/compose.ts')
      .filter(({ text }) => /\bopenDatabase\(|from '[^']*embedded/.test(text))
      .map(({ path }) => path);
    assert.deepEqual(wrong, []);
  });

  it('has no cycle at run time', () => {
    const graph = new Map(sourceFiles.map(({ path, runTimeImports }) => [path, runTimeImports]));
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
        return;
      }
      if (done.has(path)) return;
      for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
      done.add(path);
    };
    for (const path of graph.keys()) visit(path, []);
    assert.deepEqual(cycles, []);
  });
});
