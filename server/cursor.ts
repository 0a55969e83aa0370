// Cursors of lists: a position, signed together with the filters, so that nobody makes one up or moves it to another
// list. It says nothing that its holder hasn't seen.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Position } from '../store/newest-first.js';
import { refuse } from './input.js';

const signatureBytes = 16;
// The longest name of what is listed is a mail's, of 300 characters.
const shape = /^([A-Za-z0-9_-]{1,500})\.([A-Za-z0-9_-]{22})$/;

export class Cursors {
  readonly #key: Uint8Array;

  /** @param key secret, and the same after a restart and in every worker */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** @param list names the list and its filters */
  toCursor({ at, id }: Position, list: string): string {
    const position = Buffer.from(JSON.stringify([at.getTime(), id])).toString('base64url');
    return `${position}.${this.#sign(position, list).toString('base64url')}`;
  }

  /** @throws {RecourseError} `server.invalid-request` when the cursor isn't one of ours for this list */
  toPosition(cursor: string, list: string): Position {
    const [, position, signature] = shape.exec(cursor) ?? [];
    if (
      position === undefined ||
      signature === undefined ||
      !timingSafeEqual(Buffer.from(signature, 'base64url'), this.#sign(position, list))
    ) {
      refuse([
        {
          pointer: '',
          parameter: 'cursor',
          code: 'server.invalid-cursor',
          detail: 'the cursor does not belong to this list',
          expected: '`next` of a page that was asked for with the same filters',
        },
      ]);
    }
    const [at, id] = JSON.parse(Buffer.from(position, 'base64url').toString()) as [number, string];
    return { at: new Date(at), id };
  }

  #sign(position: string, list: string): Buffer {
    return createHmac('sha256', this.#key)
      .update(`${position}\n${list}`)
      .digest()
      .subarray(0, signatureBytes);
  }
}
