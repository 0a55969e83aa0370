// Keeps who changed what: noted before it is done, so that nothing is done without a note, and completed with what came of it.
import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Models } from '../store/connect.js';
import type { AuditRecord } from '../store/models/audit.js';
import type { Clock } from './clock.js';
import { traceIdOf } from './middleware/trace.js';
import { signedIn } from './request/conditions.js';
import type { Route, RouteInput } from './routes/route.js';

export type AuditNote = Pick<AuditRecord, 'by' | 'action' | 'path' | 'body' | 'traceId'>;

const bodyCharsMax = 10_000;

export function toAuditNote(
  { method, path, audited }: Route,
  request: Request,
  response: Response,
  { body }: RouteInput,
): AuditNote {
  const text = audited === 'with-body' ? JSON.stringify(body) : undefined;
  return {
    by: signedIn(response).userName,
    action: `${method.toUpperCase()} ${path.replace(/:(\w+)/g, '{$1}')}`,
    path: request.path.slice(0, 1_000),
    ...(text === undefined || text.length > bodyCharsMax ? {} : { body: text }),
    traceId: traceIdOf(response),
  };
}

export class Audit {
  readonly #models: () => Models;
  readonly #clock: Clock;

  /** @param models of the store as it is now: a restore puts another one in its place */
  constructor(models: () => Models, clock: Clock) {
    this.#models = models;
    this.#clock = clock;
  }

  /** Does something with a note of it. @param statusOf what came of it: of the answer, or of the error */
  async noted(
    note: AuditNote,
    work: () => Promise<void>,
    statusOf: (error?: unknown) => number,
  ): Promise<void> {
    const record: AuditRecord = { ...note, _id: randomUUID(), at: this.#clock.now() };
    await this.#models().audit.create(record);
    try {
      await work();
    } catch (error) {
      await this.#end(record, statusOf(error));
      throw error;
    }
    await this.#end(record, statusOf());
  }

  /** The whole record again: the store may be another one by now. */
  async #end(record: AuditRecord, status: number): Promise<void> {
    await this.#models().audit.replaceOne({ _id: record._id }, { ...record, status }, { upsert: true });
  }
}
