// JSON Schema through ajv: compiled once a flow version, with patterns in linear time and no coercion.
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { RE2JS } from 're2js';
import { toSortedJson } from '../definition/canonical.js';
import type { Schema } from '../definition/flow.js';
import type { SchemaProblem } from '../elements/element.js';
import { checkReferences } from './schema-references.js';

/** Answers what is wrong with a value; nothing if it is valid. */
export type SchemaCheck = (value: unknown) => readonly SchemaProblem[];

const compiledMax = 5_000;

/** Compiles schemas, each distinct one once. */
export class SchemaCompiler {
  #ajv = newAjv();
  readonly #checks = new Map<string, SchemaCheck>();
  /** The same by the schema itself, which nobody changes: its text need not be made again. */
  #known = new WeakMap<Schema, SchemaCheck>();

  /** @throws {Error} saying what is wrong with the schema */
  compile(schema: Schema): SchemaCheck {
    const known = this.#known.get(schema) ?? this.#compile(schema);
    this.#known.set(schema, known);
    return known;
  }

  #compile(schema: Schema): SchemaCheck {
    const text = toSortedJson(schema);
    const known = this.#checks.get(text);
    if (known !== undefined) return known;
    if (this.#checks.size >= compiledMax) {
      this.#checks.clear();
      this.#known = new WeakMap();
      this.#ajv = newAjv();
    }
    // What it answers later would pass for "valid" now; in parts of a schema ajv refuses it by itself.
    if (Object.hasOwn(schema, '$async')) throw new Error('$async is not supported');
    checkReferences(schema);
    const validate = this.#ajv.compile(schema);
    const check: SchemaCheck = (value) => (validate(value) ? [] : toProblems(validate));
    this.#checks.set(text, check);
    return check;
  }
}

function newAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allErrors: true,
    ownProperties: true,
    validateFormats: true,
    addUsedSchema: false,
    logger: false,
    // Code that is made shorter runs no faster, and takes longer to make.
    code: { regExp: linearRegExp, optimize: false },
  });
  ajv.addVocabulary(['example', 'x-money', 'x-record', 'x-choices', 'x-widget']);
  (formats as unknown as { default: typeof formats.default }).default(ajv);
  return ajv;
}

/** Patterns of users must not back-track. */
const linearRegExp = Object.assign(
  (pattern: string, _flags: string) => {
    const compiled = RE2JS.compile(pattern);
    // ajv tells patterns apart by their text.
    return { test: (text: string) => compiled.matcher(text).find(), toString: () => pattern };
  },
  { code: 'linearRegExp' },
);

const problemsMax = 20;

function toProblems(validate: ValidateFunction): readonly SchemaProblem[] {
  return (validate.errors ?? []).slice(0, problemsMax).map((error) => ({
    pointer: error.instancePath,
    detail: toDetail(error),
  }));
}

function toDetail(error: ErrorObject): string {
  const message = error.message ?? 'is not valid';
  const { additionalProperty, allowedValues, allowedValue } = error.params as Record<string, unknown>;
  if (typeof additionalProperty === 'string')
    return `must not have a property ${JSON.stringify(additionalProperty)}`;
  if (Array.isArray(allowedValues))
    return `${message}: ${allowedValues.map((value) => JSON.stringify(value)).join(', ')}`;
  if (allowedValue !== undefined) return `${message}: ${JSON.stringify(allowedValue)}`;
  return message;
}
