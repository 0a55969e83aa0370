// Whether values that are handed over by name fit what takes them: an action, a flow, a template.
import { typeOfSchema, typesFit } from '../compile/variable-types.js';
import type { SchemaCheck } from '../compile/schemas.js';
import type { CompileProblem, GivenInputs } from '../elements/element.js';
import type { Suggestions } from '../expressions/did-you-mean.js';
import type { Expression } from '../expressions/index.js';
import type { Schema } from './flow.js';
import { toPointer } from '../errors/json-pointer.js';

type Report = (problem: CompileProblem) => void;
type Compile = (schema: Schema) => SchemaCheck;

/** Checks values against the schema of an object: its names, what it requires, and types as far as they are known. */
export function checkInputs(
  what: string,
  schema: Schema,
  { pointer, values }: GivenInputs,
  compile: Compile,
  suggestions: Suggestions,
  report: Report,
): void {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>;
  const names = Object.keys(properties);
  const meant = new Set<string | undefined>();
  for (const [name, value] of Object.entries(values)) {
    const at = pointer + toPointer([name]);
    if (Object.hasOwn(properties, name)) {
      checkType(`the input ${name} of ${what}`, properties[name]!, value, compile, (problem) =>
        report({ ...problem, code: 'flow.input-type', pointer: at }),
      );
    } else if (
      schema['additionalProperties'] !== true &&
      typeof schema['additionalProperties'] !== 'object'
    ) {
      const near = suggestions.for(name, properties);
      meant.add(near);
      report({
        code: 'flow.input-unknown',
        pointer: at,
        detail: `${what} has no input ${JSON.stringify(name)}`,
        expected: names.length === 0 ? 'no inputs' : `one of ${names.join(', ')}`,
        ...(near === undefined ? {} : { didYouMean: near }),
      });
    }
  }
  for (const name of (schema['required'] ?? []) as readonly string[]) {
    // One that is misspelt is there.
    if (Object.hasOwn(values, name) || meant.has(name)) continue;
    const description = properties[name]?.['description'];
    report({
      code: 'flow.input-missing',
      pointer,
      detail: `${what} needs the input ${name}`,
      expected: typeof description === 'string' ? `${name}: ${description}` : name,
    });
  }
}

/** Reports a value that a schema never accepts, whatever the data are. */
export function checkType(
  what: string,
  schema: Schema,
  value: Expression,
  compile: Compile,
  report: (problem: { readonly detail: string; readonly expected: string }) => void,
): void {
  const constant = constantOf(value);
  const wanted = typeOfSchema(schema);
  if (constant !== undefined) {
    const [problem] = compile(schema)(constant.value);
    if (problem !== undefined) {
      report({
        detail: `${what}${problem.pointer === '' ? '' : ` at ${problem.pointer}`} ${problem.detail}`,
        expected: describeSchema(schema),
      });
    }
    return;
  }
  if (wanted === undefined || typesFit(wanted, value.type)) return;
  report({ detail: `${what} can't be a ${value.type}`, expected: describeSchema(schema) });
}

/** The value of an expression that reads nothing, by itself or through its operators. */
export function constantOf(expression: Expression): { readonly value: unknown } | undefined {
  const { reads, readsMore, sees, seesAll } = expression;
  if (reads.length > 0 || readsMore || sees.size > 0 || seesAll) return undefined;
  try {
    return { value: expression.evaluate({}).value };
  } catch {
    // What always fails is found when it runs; here only values are compared.
    return undefined;
  }
}

/** A schema in a few words. */
export function describeSchema(schema: Schema): string {
  const { description, enum: values, type, format } = schema;
  if (Array.isArray(values)) return `one of ${values.map((value) => JSON.stringify(value)).join(', ')}`;
  const kind = [type].flat().filter((name) => typeof name === 'string');
  const named = kind.length === 0 ? 'a value' : kind.join(' or ');
  return `${named}${typeof format === 'string' ? ` (${format})` : ''}${typeof description === 'string' ? `: ${description}` : ''}`;
}
