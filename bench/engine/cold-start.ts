// A process that opens an engine on an empty directory and prints the milliseconds from its start to its first completed
// run. Usage: cold-start <directory>
import { openBenchEngine, signalUntilDone, startUntilWait } from './open.js';

const bench = await openBenchEngine(process.argv[2] ?? '');
await signalUntilDone(bench, await startUntilWait(bench, 'external', 1));
console.log(JSON.stringify({ ms: performance.now(), rss: process.memoryUsage().rss }));
await bench.close();
