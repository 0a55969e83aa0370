// Measures work in rounds and prints medians; absolute figures drift with the machine, so each suite prints ratios to
// a baseline of the same run.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** One measured row; `rate` per second, the median of its rounds. */
export interface Row {
  readonly name: string;
  readonly rate: number;
  readonly rates: readonly number[];
}

export const round = (value: number): number => Number(value.toPrecision(3));

/** Runs `work` a number of times and answers the median of operations per second. */
export async function measure(
  name: string,
  operations: number,
  rounds: number,
  work: () => unknown,
): Promise<Row> {
  const rates: number[] = [];
  for (let n = 0; n < rounds; n += 1) {
    const start = process.hrtime.bigint();
    await work();
    rates.push(operations / (Number(process.hrtime.bigint() - start) / 1e9));
  }
  return toRow(name, rates);
}

export interface Work {
  readonly name: string;
  readonly operations: number;
  work(): unknown;
  /** What each round needs before and after the work, not measured. */
  prepare?(): unknown;
  rest?(): unknown;
}

/** Measures several works in turn, round by round, so that a machine that slows down slows all of them. */
export async function measureInTurn(works: readonly Work[], rounds: number): Promise<Row[]> {
  const rates = works.map(() => [] as number[]);
  for (let n = 0; n < rounds; n += 1) {
    for (const [position, { name, operations, work, prepare, rest }] of works.entries()) {
      await prepare?.();
      const row = await measure(name, operations, 1, work);
      await rest?.();
      rates[position]?.push(row.rate);
    }
  }
  return works.map(({ name }, position) => toRow(name, rates[position] ?? []));
}

/** A row's rate against that of a row that was measured in turn with it, for each round. */
export const ratios = (row: Row, base: Row): number[] =>
  row.rates.map((rate, n) => rate / (base.rates[n] ?? Number.NaN));

/** The median over the rounds of a row's rate against that of the other. */
export const ratio = (row: Row, base: Row): number => toRow('', ratios(row, base)).rate;

/** A row of rates that were measured in turn with others. */
export function toRow(name: string, rates: readonly number[]): Row {
  const sorted = rates.toSorted((a, b) => a - b);
  return { name, rate: sorted[Math.floor(sorted.length / 2)] ?? 0, rates };
}

/** Runs `operations` calls of `work`, always `inFlight` of them under way. */
export async function inFlight(
  operations: number,
  count: number,
  work: (n: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < operations) {
      const n = next;
      next += 1;
      await work(n);
    }
  };
  await Promise.all(Array.from({ length: count }, worker));
}

/** Prints rows with their ratio to the first. */
export function printRows(title: string, rows: readonly Row[]): void {
  const [base] = rows;
  console.log(`\n${title}`);
  for (const row of rows) {
    const { name, rate, rates } = row;
    const spread = rates.length > 1 ? ` (${round(Math.min(...rates))} to ${round(Math.max(...rates))})` : '';
    console.log(
      `  ${name.padEnd(58)} ${String(Math.round(rate)).padStart(8)}/s  ${ratio(row, base ?? row)
        .toFixed(2)
        .padStart(6)} x${spread}`,
    );
  }
}

export interface Target {
  readonly what: string;
  readonly wanted: string;
  readonly measured: number;
  readonly met: boolean;
}

export function printTargets(targets: readonly Target[]): void {
  console.log('\nTargets');
  for (const { what, wanted, measured, met } of targets) {
    console.log(`  ${met ? 'met   ' : 'MISSED'} ${what}: ${wanted}, measured ${round(measured)}`);
  }
}

/** Keeps a suite's figures in `reports/`, with the machine they are from. */
export function saveReport(suite: string, figures: unknown): void {
  const machine = {
    node: process.version,
    cpus: cpus().length,
    model: cpus()[0]?.model,
    memory: totalmem(),
    kernel: release(),
  };
  mkdirSync('reports', { recursive: true });
  writeFileSync(
    `reports/bench-${suite}.json`,
    `${JSON.stringify({ at: new Date().toISOString(), machine, figures }, null, 2)}\n`,
  );
}
