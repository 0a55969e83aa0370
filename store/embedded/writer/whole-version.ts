// A version of a document that is written as it is: of its bytes no more is looked at than what its keys take.
import { decode, type Document } from '../bson/codec.js';
import { pickFields } from '../bson/pick-fields.js';
import type { Version } from '../execute/write.js';

export class WholeVersion implements Version {
  readonly id: Uint8Array;
  readonly body: Uint8Array;
  /** Not expected to be written again. */
  readonly isFinal: boolean;
  readonly #fields: ReadonlySet<string> | undefined;
  #picked: Buffer | undefined;
  #keySource: string | undefined;
  #document: Document | undefined;

  /** @param fields of the document that decide its keys, and its `_id`, which names it in an error; undefined: all of them may */
  constructor(id: Uint8Array, body: Uint8Array, fields: ReadonlySet<string> | undefined, isFinal: boolean) {
    this.id = id;
    this.body = body;
    this.isFinal = isFinal;
    this.#fields = fields;
  }

  /** The bytes that decide its keys, one character each; undefined: all of them may. */
  get keySource(): string | undefined {
    if (this.#fields === undefined) return undefined;
    this.#keySource ??= this.#pick(this.#fields).toString('latin1');
    return this.#keySource;
  }

  /** With these fields only. */
  get document(): Document {
    this.#document ??= decode(this.#fields === undefined ? this.body : this.#pick(this.#fields));
    return this.#document;
  }

  #pick(fields: ReadonlySet<string>): Buffer {
    this.#picked ??= pickFields(this.body, fields);
    return this.#picked;
  }
}
