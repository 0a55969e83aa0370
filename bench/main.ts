// `npm run bench -- <suite> …`: runs the suites named, or all of them.
import { keepNurseryToMainThread } from '../server/nursery.js';

const suites: Record<string, () => Promise<{ run(): Promise<void> }>> = {
  // First: engine measures the peers that this one installs.
  peers: () => import('./peers/suite.js'),
  store: () => import('./store/suite.js'),
  arrangements: () => import('./store/arrangements.js'),
  expressions: () => import('./expressions.js'),
  engine: () => import('./engine/suite.js'),
  orders: () => import('./orders/suite.js'),
  overload: () => import('./overload/suite.js'),
  http: () => import('./http/suite.js'),
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(suites, name));
if (unknown.length > 0) {
  console.error(`no such suite: ${unknown.join(', ')}; there are: ${Object.keys(suites).join(', ')}`);
  process.exit(2);
}
keepNurseryToMainThread();
for (const name of asked.length > 0 ? asked : Object.keys(suites)) {
  console.log(`# ${name}`);
  const { run } = await (suites[name] as () => Promise<{ run(): Promise<void> }>)();
  await run();
}
