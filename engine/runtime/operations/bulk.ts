// One operation on many runs.

export interface BulkProgress {
  readonly run: string;
  readonly done: number;
  readonly of: number;
  readonly error?: { readonly code: string; readonly detail: string };
}

/** Does one thing to many runs, one after the other; a run that refuses doesn't stop the others. */
export async function* bulk(
  runs: readonly string[],
  operate: (run: string) => Promise<unknown>,
): AsyncGenerator<BulkProgress> {
  let done = 0;
  for (const run of runs) {
    let error: BulkProgress['error'];
    try {
      await operate(run);
    } catch (thrown) {
      const { code = 'unknown', message = String(thrown) } = thrown as { code?: string; message?: string };
      error = { code, detail: message };
    }
    done += 1;
    yield { run, done, of: runs.length, ...(error === undefined ? {} : { error }) };
  }
}
