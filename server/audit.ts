// Keeps who changed what: noted before it is done, so that nothing is done without a note, and completed with what came of it.
import { ObjectId } from 'bson';
import type { Request, Response } from 'express';
import type { Models } from '../store/connect.js';
import type { AuditRecord } from '../store/models/audit.js';
import type { Clock } from './clock.js';
import { traceIdOf } from './middleware/trace.js';
import { signedIn } from './request/conditions.js';
import type { Route, RouteInput } from './routes/route.js';

export type AuditNote = Pick<AuditRecord, 'by' | 'action' | 'path' | 'body' | 'traceId'>;

const bodyCharsMax = 10_000;
const noteCharsMax = 2_000;

/** Adds a sentence to what is noted of the request; it is in the entry once the request has ended. */
export function addAuditNote(response: Response, note: string): void {
  response.locals['auditNote'] = note.slice(0, noteCharsMax);
}

export const auditNoteOf = (response: Response): string | undefined =>
  response.locals['auditNote'] as string | undefined;

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

  /**
   * Does something with a note of it.
   *
   * @param endOf what came of it, of the answer or of the error, and what else is to be noted
   */
  async noted(
    note: AuditNote,
    work: () => Promise<void>,
    endOf: (error?: unknown) => Pick<AuditRecord, 'status' | 'note'>,
  ): Promise<void> {
    // Ids of one process grow, so that entries of one millisecond are listed as they were made.
    const record: AuditRecord = { ...note, _id: new ObjectId().toHexString(), at: this.#clock.now() };
    await this.#models().audit.create(record);
    try {
      await work();
    } catch (error) {
      await this.#end({ ...record, ...endOf(error) });
      throw error;
    }
    await this.#end({ ...record, ...endOf() });
  }

  /** The whole record again: the store may be another one by now. */
  async #end(record: AuditRecord): Promise<void> {
    await this.#models().audit.replaceOne({ _id: record._id }, record, { upsert: true });
  }
}
