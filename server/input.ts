// Checks what a caller sent, against JSON Schema 2020-12, and tells every mistake at once. Member by member: each has
// a validator that stops at its first error, so the work and the list stay bounded (ajv's allErrors would not).
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { toPointer } from '../engine/errors/json-pointer.js';
import { type InputMistake, missingName, toMistake, unknownName } from './input-mistakes.js';
import type { RequestProblem } from './request-problem.js';
import { serverErrors } from './server-errors.js';

/** A member's schema; its description is what the caller is told to send. */
export interface MemberSchema {
  readonly type: 'string' | 'integer' | 'boolean' | 'object' | 'array';
  readonly description: string;
  readonly [keyword: string]: unknown;
}

/** An object; unknown members are refused. */
export interface InputSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, MemberSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties: false;
}

export type Input = Readonly<Record<string, unknown>>;

const unknownListedMax = 10;
const problemsToldMax = 3;

// The package is CommonJS: its function is the module itself at run time, and `default` to the compiler.
const addFormats = addFormatsModule as unknown as (ajv: Ajv2020, formats: string[]) => void;
const ajv = new Ajv2020({
  strict: true,
  allErrors: false,
  $data: false,
  ownProperties: true,
  // Its errors have the schema they are about.
  verbose: true,
  // The schemas are our own.
  validateSchema: false,
  code: { optimize: false },
});
addFormats(ajv, ['date', 'date-time', 'email']);

/** Checks the members of a JSON body or of a query string. */
export class InputCheck {
  readonly schema: InputSchema;
  readonly #validators: ReadonlyMap<string, ValidateFunction>;

  constructor(schema: InputSchema) {
    this.schema = schema;
    this.#validators = new Map(
      Object.entries(schema.properties).map(([name, member]) => [name, ajv.compile(member)]),
    );
  }

  /** @throws {RecourseError} `server.invalid-request` with one problem a mistake */
  body(value: unknown): Input {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      refuse([fieldProblem('', 'invalid-field', 'the body is not an object', 'a JSON object')]);
    }
    const sent = value as Record<string, unknown>;
    const mistakes = this.#mistakesIn(sent, 'fields');
    if (mistakes.length > 0) {
      refuse(
        mistakes.map(({ path, code, detail, expected }) =>
          fieldProblem(toPointer(path), `${code}-field`, detail, expected),
        ),
      );
    }
    return sent;
  }

  /**
   * Parameters are text: whole numbers are read as such where the schema wants them.
   *
   * @throws {RecourseError} `server.invalid-request` with one problem a mistake
   */
  query(parameters: Readonly<Record<string, unknown>>): Input {
    const values = Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, this.#fromText(name, value)]),
    );
    const mistakes = this.#mistakesIn(values, 'parameters');
    if (mistakes.length > 0) {
      refuse(
        mistakes.map(({ path: [parameter = ''], code, detail, expected }) => ({
          pointer: '',
          parameter,
          code: `server.${code}-parameter`,
          // A list is a parameter that was repeated.
          detail:
            code === 'invalid' && Array.isArray(values[parameter])
              ? `${parameter} is given more than once`
              : detail,
          expected,
        })),
      );
    }
    return values;
  }

  #fromText(name: string, value: unknown): unknown {
    const isWhole = typeof value === 'string' && /^-?(0|[1-9]\d{0,14})$/.test(value);
    return isWhole && this.#member(name)?.type === 'integer' ? Number(value) : value;
  }

  #member(name: string): MemberSchema | undefined {
    return Object.hasOwn(this.schema.properties, name) ? this.schema.properties[name] : undefined;
  }

  #mistakesIn(values: Readonly<Record<string, unknown>>, noun: string): InputMistake[] {
    const { properties, required = [] } = this.schema;
    const expected = (name: string): string => properties[name]?.description ?? '';
    const unknown = Object.keys(values).filter((name) => this.#member(name) === undefined);
    const mistakes = unknown
      .slice(0, unknownListedMax)
      .map((name) => unknownName([name], Object.keys(properties), noun));
    for (const name of required) {
      if (values[name] === undefined) mistakes.push(missingName([name], expected(name)));
    }
    for (const [name, validate] of this.#validators) {
      if (values[name] === undefined || validate(values[name])) continue;
      mistakes.push(toMistake(name, validate.errors![0]!, expected(name)));
    }
    return mistakes;
  }
}

/** The detail tells the first few; `problems` has all. @throws {RecourseError} `server.invalid-request` */
export function refuse(problems: readonly RequestProblem[]): never {
  const told = problems.slice(0, problemsToldMax).map((problem) => problem.detail);
  const more = problems.length - told.length;
  const detail = [...told, ...(more === 0 ? [] : [`and ${more} more`])].join('; ');
  throw serverErrors.error('invalid-request', detail, { problems });
}

const fieldProblem = (pointer: string, what: string, detail: string, expected: string): RequestProblem => ({
  pointer,
  code: `server.${what}`,
  detail,
  expected,
});
