// The JSON Schema of a template's variables: a closed dialect without patterns, so that neither a schema nor the data
// it checks can hold up the process.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formatsPlugin from 'ajv-formats';
import type { Problem } from '../../engine/errors/recourse-error.js';
import { mailErrors } from '../mail-errors.js';
import { mailLimits } from '../mail-limits.js';

export interface VariableSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, VariableSchema>>;
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean';
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, VariableSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false;
  readonly items?: VariableSchema;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A mistake in a schema; `pointer` leads into the schema. */
export interface SchemaMistake {
  readonly pointer: string;
  readonly detail: string;
}

const keywords: ReadonlySet<string> = new Set([
  '$ref',
  '$defs',
  'type',
  'title',
  'description',
  'examples',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'enum',
  'format',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
]);
const types: ReadonlySet<unknown> = new Set(['object', 'array', 'string', 'number', 'integer', 'boolean']);
const formats: ReadonlySet<unknown> = new Set(['date', 'date-time', 'email', 'uri']);
const nameShape = /^[a-z][A-Za-z0-9]{0,59}$/;
const referenceShape = /^#\/\$defs\/([a-z][A-Za-z0-9]{0,59})$/;
const referencesMax = 10;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a name may stand for a variable: nothing that every object inherits. */
export const isVariableName = (name: string): boolean => nameShape.test(name) && !(name in Object.prototype);

/** The schema that stands behind references, or undefined where they lead nowhere. */
export function resolveSchema(schema: VariableSchema, root: VariableSchema): VariableSchema | undefined {
  let at: VariableSchema | undefined = schema;
  for (let hops = 0; at !== undefined && hops < referencesMax; hops += 1) {
    if (at.$ref === undefined) return at;
    const name: string | undefined = referenceShape.exec(at.$ref)?.[1];
    at =
      name !== undefined && isObject(root.$defs) && Object.hasOwn(root.$defs, name)
        ? root.$defs[name]
        : undefined;
  }
  return undefined;
}

/** What is wrong with a schema; none means that it can be compiled. */
export function schemaMistakes(root: unknown): SchemaMistake[] {
  const mistakes: SchemaMistake[] = [];
  const say = (pointer: string, detail: string): void => {
    if (mistakes.length < mailLimits.problemsMax) mistakes.push({ pointer, detail });
  };
  const visitNames = (value: unknown, pointer: string, depth: number): void => {
    if (!isObject(value)) {
      say(pointer, 'is an object of schemas by name');
      return;
    }
    for (const [name, inner] of Object.entries(value)) {
      if (!isVariableName(name))
        say(`${pointer}/${name}`, 'a name is made of letters and digits, the first one small');
      visit(inner, `${pointer}/${name}`, depth + 1);
    }
  };
  const visit = (schema: unknown, pointer: string, depth: number): void => {
    if (!isObject(schema)) {
      say(pointer, 'a schema is an object');
      return;
    }
    if (depth > mailLimits.depthMax) {
      say(pointer, `is nested more than ${mailLimits.depthMax} levels deep`);
      return;
    }
    for (const keyword of Object.keys(schema)) {
      if (!keywords.has(keyword))
        say(`${pointer}/${keyword}`, `the keyword ${keyword} is not part of this dialect`);
    }
    if (schema['$ref'] !== undefined) {
      if (resolveSchema(schema as VariableSchema, root as VariableSchema) === undefined)
        say(`${pointer}/$ref`, 'leads to no schema in $defs');
      return;
    }
    if (!types.has(schema['type'])) say(`${pointer}/type`, `type is one of ${[...types].join(', ')}`);
    if (schema['format'] !== undefined && !formats.has(schema['format']))
      say(`${pointer}/format`, `format is one of ${[...formats].join(', ')}`);
    if (schema['type'] === 'object') {
      if (schema['additionalProperties'] !== false)
        say(`${pointer}/additionalProperties`, 'an object says "additionalProperties": false');
      visitNames(schema['properties'], `${pointer}/properties`, depth);
      const properties = isObject(schema['properties']) ? schema['properties'] : {};
      for (const name of Array.isArray(schema['required']) ? (schema['required'] as unknown[]) : []) {
        if (typeof name !== 'string' || !Object.hasOwn(properties, name))
          say(`${pointer}/required`, `${JSON.stringify(name)} is required but not among the properties`);
      }
    }
    if (schema['type'] === 'array') visit(schema['items'], `${pointer}/items`, depth + 1);
  };
  visit(root, '', 0);
  if (isObject(root)) {
    if (root['type'] !== 'object') say('/type', 'the variables are an object');
    if (root['$defs'] !== undefined) visitNames(root['$defs'], '/$defs', 0);
  }
  if (mistakes.length === 0) {
    try {
      newAjv().compile(root as object);
    } catch (error) {
      say('', error instanceof Error ? error.message : String(error));
    }
  }
  return mistakes;
}

function newAjv(): Ajv2020 {
  const ajv = new Ajv2020({ allErrors: true, strict: true, ownProperties: true, addUsedSchema: false });
  formatsPlugin.default(ajv, ['date', 'date-time', 'email', 'uri']);
  return ajv;
}

const compiled = new Map<string, ValidateFunction>();

function validatorOf(schema: VariableSchema): ValidateFunction {
  const key = JSON.stringify(schema);
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const validate = newAjv().compile(schema);
  if (compiled.size >= mailLimits.compiledSchemasMax) compiled.delete(compiled.keys().next().value as string);
  compiled.set(key, validate);
  return validate;
}

/** What is wrong with variables; a missing one is named in its pointer. The schema must be without mistakes. */
export function variableProblems(schema: VariableSchema, variables: unknown): Problem[] {
  const validate = validatorOf(schema);
  if (validate(variables)) return [];
  return (validate.errors ?? []).slice(0, mailLimits.problemsMax).map((error) => {
    const name: unknown = error.params['missingProperty'] ?? error.params['additionalProperty'];
    const pointer = typeof name === 'string' ? `${error.instancePath}/${name}` : error.instancePath;
    const detail =
      error.keyword === 'required'
        ? `the variable ${toPath(pointer)} is missing`
        : error.keyword === 'additionalProperties'
          ? `the template has no variable ${toPath(pointer)}`
          : `${toPath(pointer)} ${error.message ?? 'is not valid'}`;
    return { pointer, code: 'mail.variables-invalid', detail };
  });
}

const toPath = (pointer: string): string =>
  pointer.slice(1).replaceAll('/', '.').slice(0, 120) || 'the whole';

/**
 * A copy of plain variables in which each declared but absent one is null, so that a template can ask for it.
 *
 * @throws {RecourseError} `mail.variables-invalid`
 */
export function toContext(schema: VariableSchema, variables: unknown): Record<string, unknown> {
  const problems = variableProblems(schema, variables);
  if (problems.length > 0) {
    throw mailErrors.error(
      'variables-invalid',
      problems
        .map(({ detail }) => detail)
        .join('; ')
        .slice(0, 500),
      {
        problems,
      },
    );
  }
  return fill(variables, schema, schema) as Record<string, unknown>;
}

function fill(value: unknown, schema: VariableSchema, root: VariableSchema): unknown {
  const at = resolveSchema(schema, root);
  if (Array.isArray(value))
    return value.map((item) => (at?.items === undefined ? item : fill(item, at.items, root)));
  if (!isObject(value) || at?.properties === undefined) return value;
  const filled: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(at.properties)) {
    filled[name] = Object.hasOwn(value, name) ? fill(value[name], inner, root) : null;
  }
  return filled;
}
