// JSON that is read again and again and never changes, such as the definitions of flows: parsed once, and frozen.

const textsMax = 200;

export class ParsedTexts<T> {
  readonly #parsed = new Map<string, T>();

  /** @throws {SyntaxError} for what is no JSON */
  parse(text: string): T {
    const known = this.#parsed.get(text);
    if (known !== undefined) return known;
    const parsed = JSON.parse(text, (_name, value: unknown) => Object.freeze(value)) as T;
    if (this.#parsed.size >= textsMax) this.#parsed.delete(this.#parsed.keys().next().value!);
    this.#parsed.set(text, parsed);
    return parsed;
  }
}
