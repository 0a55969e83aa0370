// Adds up what mocha's JSON reporter wrote for each suite: prints failures and skips with their reasons, and last one
// line `N passed, N failed, N skipped`. Fails on any failure, on a report that is missing, and on a skip without reason.
//
// node dist/test/support/summary.js <failed steps> <report.json>...   (beside each report lies its <report>.log)
import { readFileSync } from 'node:fs';

interface Report {
  readonly stats: { readonly passes: number; readonly failures: number; readonly pending: number };
  readonly failures: readonly {
    readonly fullTitle: string;
    readonly err: { readonly message?: string; readonly stack?: string };
  }[];
}

const [, , failedSteps = '0', ...files] = process.argv;
let [passed, failed, skipped] = [0, Number(failedSteps), 0];

for (const file of files) {
  let report: Report;
  let log: string;
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    log = readFileSync(file.replace(/\.json$/, '.log'), 'utf8');
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${file}: no report (${(error as Error).message})`);
    continue;
  }
  passed += report.stats.passes;
  failed += report.stats.failures;
  skipped += report.stats.pending;
  for (const { fullTitle, err } of report.failures) {
    console.log(`FAILED ${fullTitle}\n${err.stack ?? err.message ?? ''}\n`);
  }
  const reasons = new Set(log.split('\n').filter((line) => line.startsWith('SKIP ')));
  for (const reason of reasons) console.log(reason);
  if (report.stats.pending > 0 && reasons.size === 0) {
    failed += 1;
    console.log(`FAILED ${file}: ${report.stats.pending} tests were skipped without a reason`);
  }
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
