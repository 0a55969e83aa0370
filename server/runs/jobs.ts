// Jobs: one operation on many runs, one after the other, in the background. How far it has come is kept, so that it goes on
// after a restart; a run that refuses is noted and stops none of the others.
import { createHash } from 'node:crypto';
import mongoose from 'mongoose';
import type { Logger } from 'pino';
import type { Engine } from '../../engine/index.js';
import type { Models } from '../../store/connect.js';
import { insertOnce } from '../../store/insert-once.js';
import type { JobRecord } from '../../store/models/job.js';
import type { Clock } from '../clock.js';
import { serverErrors } from '../server-errors.js';
import type { Operation } from './operation-inputs.js';
import { operate } from './operations.js';

/** Progress is written after so many runs: a crash repeats at most these, which the runs themselves refuse then. */
const batch = 10;
const leaseMs = 60_000;
const failuresKeptMax = 1_000;

export interface NewJob {
  readonly operation: Operation;
  readonly input: Readonly<Record<string, unknown>>;
  readonly reason: string;
  readonly runs: readonly string[];
  /** What the runs were found by, if not by their ids. */
  readonly filter?: unknown;
  readonly startedBy: string;
  /** The same key of the same user is the same job. */
  readonly key: string;
}

/** Two jobs are the same if this is: a filter is, whatever runs it finds by now. */
const whatIsAsked = ({ operation, input, reason, runs, filter }: JobRecord): string =>
  JSON.stringify([operation, input, reason, filter ?? runs]);

export class Jobs {
  readonly #models: Models;
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #working = new Map<string, Promise<void>>();
  #isClosed = false;

  constructor({ models, engine, clock, log }: { models: Models; engine: Engine; clock: Clock; log: Logger }) {
    this.#models = models;
    this.#engine = engine;
    this.#clock = clock;
    this.#log = log;
  }

  /** Begins a job, or finds it. @throws {RecourseError} `server.job-mismatch` */
  async start({
    operation,
    input,
    reason,
    runs,
    filter,
    startedBy,
    key,
  }: NewJob): Promise<{ job: JobRecord; isNew: boolean }> {
    const now = this.#clock.now();
    const job: JobRecord = {
      _id: createHash('sha256')
        .update(JSON.stringify([startedBy, key]))
        .digest('hex')
        .slice(0, 32),
      operation,
      input: JSON.stringify(input),
      reason,
      runs,
      ...(filter === undefined ? {} : { filter: JSON.stringify(filter) }),
      status: 'running',
      done: 0,
      failed: [],
      startedAt: now,
      startedBy,
      leaseUntil: new Date(now.getTime() + leaseMs),
    };
    const { collection } = this.#models.jobs;
    const isNew = (await insertOnce(() => collection.insertOne({ ...job, version: 0 } as never))) === 'new';
    if (isNew) {
      this.#work(job);
      return { job, isNew };
    }
    const known = await this.get(job._id);
    if (whatIsAsked(known) !== whatIsAsked(job))
      throw serverErrors.error('job-mismatch', 'the key belongs to a job that does something else');
    return { job: known, isNew };
  }

  /** @throws {RecourseError} `server.not-found` */
  async get(id: string): Promise<JobRecord> {
    const found = /^[0-9a-f]{32}$/.test(id)
      ? await this.#models.jobs.findById(id).lean<JobRecord | null>()
      : null;
    if (found === null) throw serverErrors.error('not-found', 'there is no such job');
    return found;
  }

  /** Lets a job end after the run it is at. */
  async stop(id: string): Promise<JobRecord> {
    await this.get(id);
    await this.#models.jobs.updateOne(
      { _id: id, status: 'running' },
      { $set: { status: 'stopped', endedAt: this.#clock.now() } },
    );
    await this.#working.get(id);
    return this.get(id);
  }

  /** Goes on with jobs whose process is gone. */
  async resume(): Promise<void> {
    const now = this.#clock.now();
    const left = await this.#models.jobs
      .find({ status: 'running', leaseUntil: mongoose.trusted({ $lte: now }) } as never)
      .lean<JobRecord[]>();
    for (const job of left) {
      // What this process works on may take longer than its lease.
      if (!this.#working.has(job._id) && (await this.#lease(job, {})) !== undefined) this.#work(job);
    }
  }

  /**
   * Takes or keeps the job, with what has become of it; undefined if somebody else has it. What was done is noted of a job
   * that was stopped meanwhile, too.
   */
  async #lease({ _id, leaseUntil }: JobRecord, change: Partial<JobRecord>): Promise<JobRecord | undefined> {
    const next = new Date(this.#clock.now().getTime() + leaseMs);
    const kept = await this.#models.jobs
      .findOneAndUpdate(
        { _id, leaseUntil },
        { $set: { ...change, leaseUntil: next } },
        { returnDocument: 'after' },
      )
      .lean<JobRecord | null>();
    return kept ?? undefined;
  }

  #work(job: JobRecord): void {
    const working = this.#run(job)
      .catch((error: unknown) => this.#log.error({ err: error, job: job._id }, 'a job stopped'))
      .finally(() => this.#working.delete(job._id));
    this.#working.set(job._id, working);
  }

  async #run({ _id }: JobRecord): Promise<void> {
    let job = await this.get(_id);
    const { runs, reason, startedBy } = job;
    const operation = job.operation as Operation;
    const input = JSON.parse(job.input) as Record<string, unknown>;
    while (job.status === 'running') {
      const part = runs.slice(job.done, job.done + batch);
      const failed = [...job.failed];
      const progress = this.#engine.bulk(part, (run) =>
        operate(this.#engine, run, operation, input, { by: startedBy, reason }),
      );
      for await (const { run, error } of progress) {
        if (error !== undefined && failed.length < failuresKeptMax) failed.push({ run, ...error });
      }
      const done = job.done + part.length;
      const isOver = done >= runs.length;
      const kept = await this.#lease(job, {
        done,
        failed,
        ...(isOver ? { status: 'done', endedAt: this.#clock.now() } : {}),
      });
      if (kept === undefined) return;
      job = kept;
      if (this.#isClosed) {
        await this.#models.jobs.updateOne(
          { _id, leaseUntil: job.leaseUntil },
          { $set: { leaseUntil: this.#clock.now() } },
        );
        return;
      }
    }
  }

  /** Waits for what is under way; the rest is gone on with at the next start, or by another process. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#working.values());
  }
}
