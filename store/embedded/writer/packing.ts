// Packs requests end to end into one buffer that changes hands between threads without being copied. Plain framing
// rather than one BSON document, because what is packed may be larger than a BSON document can be.

const nothing = Buffer.allocUnsafeSlow(0);

/** Writes values one after the other. */
export class Packer {
  readonly #bytesMin: number;
  #buffer = nothing;
  #length = 0;

  /** `bytesMin`: what is expected to be packed. */
  constructor(bytesMin = 16 * 1024) {
    this.#bytesMin = bytesMin;
  }

  get length(): number {
    return this.#length;
  }

  number(value: number): this {
    this.#room(8);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
    return this;
  }

  text(value: string): this {
    return this.bytes(Buffer.from(value, 'utf8'));
  }

  /** Undefined is kept apart from empty. */
  bytes(value: Uint8Array | undefined): this {
    const length = value?.length ?? 0;
    this.#room(4 + length);
    this.#length = this.#buffer.writeInt32LE(value === undefined ? -1 : length, this.#length);
    if (value !== undefined) {
      this.#buffer.set(value, this.#length);
      this.#length += length;
    }
    return this;
  }

  /** Drops what was packed beyond a length. */
  cutTo(length: number): void {
    this.#length = length;
  }

  /** What was packed, in a buffer of its own; the packer is empty again. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(this.#buffer.buffer, this.#buffer.byteOffset, this.#length);
    this.#buffer = nothing;
    this.#length = 0;
    return taken as Uint8Array<ArrayBuffer>;
  }

  #room(bytes: number): void {
    const wanted = this.#length + bytes;
    if (wanted <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(wanted, this.#buffer.length * 2, this.#bytesMin));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}

/** Reads values in the order in which they were packed. */
export class Unpacker {
  readonly #buffer: Buffer;
  #position = 0;

  constructor(packed: Uint8Array) {
    this.#buffer = Buffer.from(packed.buffer, packed.byteOffset, packed.length);
  }

  get more(): boolean {
    return this.#position < this.#buffer.length;
  }

  number(): number {
    const value = this.#buffer.readDoubleLE(this.#position);
    this.#position += 8;
    return value;
  }

  text(): string {
    return (this.bytes() ?? Buffer.alloc(0)).toString('utf8');
  }

  bytes(): Buffer | undefined {
    const length = this.#buffer.readInt32LE(this.#position);
    this.#position += 4;
    if (length < 0) return undefined;
    const value = this.#buffer.subarray(this.#position, this.#position + length);
    this.#position += length;
    return value;
  }
}
