// Checks what a caller sent, against JSON Schema 2020-12, and tells every mistake at once. Member by member: each has
// a validator that stops at its first error, so the work and the list stay bounded (ajv's allErrors would not).
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { toPointer } from '../engine/errors/json-pointer.js';
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
const nameLengthMax = 100;

// The package is CommonJS: its function is the module itself at run time, and `default` to the compiler.
const addFormats = addFormatsModule as unknown as (ajv: Ajv2020, formats: string[]) => void;
const ajv = new Ajv2020({
  strict: true,
  allErrors: false,
  $data: false,
  ownProperties: true,
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
    return this.#check(value as Record<string, unknown>, (name, code, detail, expected) =>
      fieldProblem(toPointer([name]), `${code}-field`, detail, expected),
    );
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
    return this.#check(values, (name, code, detail, expected) => ({
      pointer: '',
      parameter: name,
      code: `server.${code}-parameter`,
      detail,
      expected,
    }));
  }

  #fromText(name: string, value: unknown): unknown {
    const isWhole = typeof value === 'string' && /^-?(0|[1-9]\d{0,14})$/.test(value);
    return isWhole && this.#member(name)?.type === 'integer' ? Number(value) : value;
  }

  #member(name: string): MemberSchema | undefined {
    return Object.hasOwn(this.schema.properties, name) ? this.schema.properties[name] : undefined;
  }

  #check(
    values: Record<string, unknown>,
    toProblem: (
      name: string,
      code: 'unknown' | 'invalid',
      detail: string,
      expected: string,
    ) => RequestProblem,
  ): Input {
    const problems: RequestProblem[] = [];
    const { properties, required = [] } = this.schema;
    const unknown = Object.keys(values).filter((name) => this.#member(name) === undefined);
    for (const name of unknown.slice(0, unknownListedMax)) {
      const shown = name.slice(0, nameLengthMax);
      const expected = `one of ${Object.keys(properties).join(', ')}`;
      problems.push(toProblem(shown, 'unknown', `${JSON.stringify(shown)} is not known here`, expected));
    }
    for (const name of required) {
      if (values[name] !== undefined) continue;
      problems.push(toProblem(name, 'invalid', `${name} is missing`, properties[name]?.description ?? ''));
    }
    for (const [name, validate] of this.#validators) {
      const value = values[name];
      if (value === undefined || validate(value)) continue;
      // In a query a list is a parameter that was repeated.
      const isRepeated = Array.isArray(value) && this.#member(name)?.type !== 'object';
      const reason = isRepeated ? 'is given more than once' : (validate.errors?.[0]?.message ?? '');
      problems.push(
        toProblem(name, 'invalid', `${name} ${reason}`.trim(), properties[name]?.description ?? ''),
      );
    }
    if (problems.length > 0) refuse(problems);
    return values as Input;
  }
}

/** @throws {RecourseError} `server.invalid-request` */
export function refuse(problems: readonly RequestProblem[]): never {
  const detail = problems.map((problem) => problem.detail).join('; ');
  throw serverErrors.error('invalid-request', detail, { problems });
}

const fieldProblem = (pointer: string, what: string, detail: string, expected: string): RequestProblem => ({
  pointer,
  code: `server.${what}`,
  detail,
  expected,
});
