// What a flow file says against its JSON Schema, in plain sentences.
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { ElementRegistry } from '../elements/registry.js';
import { didYouMean } from '../expressions/did-you-mean.js';
import { describeSchema } from './check-inputs.js';
import type { Schema } from './flow.js';
import type { FlowProblemCode } from './flow-problems.js';
import { toFlowSchema } from './flow-schema.js';
import { toPointer } from '../errors/json-pointer.js';

export interface ShapeProblem {
  readonly code: FlowProblemCode;
  readonly pointer: string;
  readonly at: 'key' | 'value';
  readonly detail: string;
  readonly expected: string;
  readonly didYouMean?: string;
}

const validators = new WeakMap<ElementRegistry, ValidateFunction>();
/** The one compiled last, with the text of its schema: registries of the same elements share it. */
let latest: { readonly text: string; readonly validate: ValidateFunction } | undefined;

/** Everything in a file that has not the shape of a flow. */
export function shapeProblems(value: unknown, elements: ElementRegistry): readonly ShapeProblem[] {
  const validate = validatorOf(elements);
  if (validate(value)) return [];
  return withoutAlternatives(validate.errors ?? []).flatMap((error) => toProblem(error, elements) ?? []);
}

function validatorOf(elements: ElementRegistry): ValidateFunction {
  const known = validators.get(elements);
  if (known !== undefined) return known;
  const schema = toFlowSchema(elements);
  const text = JSON.stringify(schema);
  if (latest?.text !== text) latest = { text, validate: compile(schema) };
  validators.set(elements, latest.validate);
  return latest.validate;
}

function compile(schema: Schema): ValidateFunction {
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allErrors: true,
    verbose: true,
    ownProperties: true,
    validateFormats: false,
    logger: false,
    // It is large: half of the time of compiling it would go to these.
    inlineRefs: false,
    code: { optimize: false },
  });
  ajv.addVocabulary(['example', 'x-money', 'x-record', 'x-choices', 'x-widget']);
  return ajv.compile(schema);
}

/** Of several shapes that a value could have, only what is wrong with the one that it is nearest to. */
function withoutAlternatives(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const dropped = new Set<ErrorObject>();
  for (const choice of errors) {
    if (choice.keyword !== 'anyOf' && choice.keyword !== 'oneOf') continue;
    const branches = new Map<string, ErrorObject[]>();
    for (const error of errors) {
      if (!error.schemaPath.startsWith(`${choice.schemaPath}/`)) continue;
      if (!error.instancePath.startsWith(choice.instancePath)) continue;
      const branch = error.schemaPath.slice(choice.schemaPath.length + 1).split('/')[0]!;
      branches.set(branch, [...(branches.get(branch) ?? []), error]);
    }
    const isFar = (error: ErrorObject): boolean =>
      error.instancePath === choice.instancePath && error.keyword !== 'additionalProperties';
    const near = [...branches.values()].filter((found) => !found.some(isFar));
    const chosen = near.length === 1 ? near[0]! : [];
    if (chosen.length > 0) dropped.add(choice);
    for (const found of branches.values()) {
      for (const error of found) if (!chosen.includes(error)) dropped.add(error);
    }
  }
  return errors.filter((error) => !dropped.has(error));
}

function toProblem(error: ErrorObject, elements: ElementRegistry): ShapeProblem | undefined {
  const { keyword, instancePath: pointer, params, parentSchema = {}, data } = error;
  const schema = parentSchema as Schema;
  const problem = (
    code: FlowProblemCode,
    detail: string,
    expected: string,
    more: Partial<ShapeProblem> = {},
  ): ShapeProblem => ({ code, pointer, at: 'value', detail, expected, ...more });
  if (error.propertyName !== undefined) {
    if (keyword === 'propertyNames') return undefined;
    return problem(
      'flow.name-invalid',
      `${JSON.stringify(error.propertyName.slice(0, 80))} can't be a name`,
      'a letter, then at most 63 letters, digits and _',
      { pointer: pointer + toPointer([error.propertyName]), at: 'key' },
    );
  }
  switch (keyword) {
    // These follow from others.
    case 'if':
    case 'propertyNames':
      return undefined;
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const name = String(params['additionalProperty'] ?? params['unevaluatedProperty']);
      const names = Object.keys((schema['properties'] ?? {}) as object);
      return problem(
        'flow.property-unknown',
        `there is no property ${JSON.stringify(name.slice(0, 80))} here`,
        names.length === 0 ? 'no properties' : `one of ${names.join(', ')}`,
        { pointer: pointer + toPointer([name]), at: 'key', ...near(name, names) },
      );
    }
    case 'required':
    case 'dependentRequired':
      return missing(pointer, String(params['missingProperty']), schema);
    case 'maxProperties':
      if (pointer === '/elements') {
        return problem(
          'flow.too-many-elements',
          `there are ${Object.keys(data as object).length} elements`,
          `at most ${params['limit']}`,
          { at: 'key' },
        );
      }
      break;
    case 'oneOf': {
      const choice = requiredNames(error.schema);
      if (choice === undefined || typeof data !== 'object' || data === null) break;
      const given = choice.filter((name) => Object.hasOwn(data, name));
      return problem(
        given.length === 0 ? 'flow.property-missing' : 'flow.property-useless',
        given.length === 0
          ? `neither ${choice.join(' nor ')} is there`
          : `${given.join(' and ')} exclude each other`,
        `one of ${choice.join(', ')}`,
      );
    }
    case 'enum':
      if (/^\/elements\/[^/]+\/type$/.test(pointer)) {
        const names = [...elements.names()];
        return problem(
          'flow.element-type-unknown',
          `there is no element type ${shown(data)}`,
          `one of ${names.join(', ')}`,
          near(data, names),
        );
      }
      break;
  }
  if (pointer === '/mode/system/reason') return { ...missing('/mode/system', 'reason', schema), pointer };
  if (/^\/start\/conditions\/\d+\/otherwise$/.test(pointer) && data === '') {
    return problem('flow.sentence-missing', 'the condition has no sentence', 'why the flow does not apply');
  }
  return problem('flow.property-invalid', sentenceOf(error), expectationOf(error), {
    ...near(data, (params['allowedValues'] as unknown[] | undefined) ?? []),
  });
}

/** The properties of which there has to be one; undefined: the shapes differ in more. */
function requiredNames(shapes: unknown): readonly string[] | undefined {
  if (!Array.isArray(shapes)) return undefined;
  const names = (shapes as readonly Schema[]).map(({ required, ...rest }) =>
    Array.isArray(required) && required.length === 1 && Object.keys(rest).length === 0
      ? String(required[0])
      : undefined,
  );
  return names.every((name) => name !== undefined) ? (names as string[]) : undefined;
}

function missing(object: string, name: string, schema: Schema): ShapeProblem {
  const description = ((schema['properties'] ?? {}) as Record<string, Schema>)[name]?.['description'];
  const code =
    /^\/start\/conditions\/\d+$/.test(object) && name === 'otherwise'
      ? 'flow.sentence-missing'
      : object === '/mode/system' && name === 'reason'
        ? 'flow.reason-missing'
        : 'flow.property-missing';
  return {
    code,
    pointer: object + toPointer([name]),
    at: 'value',
    detail: `${name} is missing`,
    expected: typeof description === 'string' ? `${name}: ${description}` : name,
  };
}

const near = (written: unknown, names: readonly unknown[]): { didYouMean?: string } => {
  const found =
    typeof written === 'string'
      ? didYouMean(
          written,
          names.filter((name): name is string => typeof name === 'string'),
        )
      : undefined;
  return found === undefined ? {} : { didYouMean: found };
};

/** A value in a message. */
export const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

const kindOf = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'a list'
      : typeof value === 'object'
        ? 'an object'
        : typeof value === 'string'
          ? `text ${shown(value)}`
          : shown(value);

function sentenceOf({ keyword, data, params, message }: ErrorObject): string {
  switch (keyword) {
    case 'type':
      return `${kindOf(data)} is of the wrong type`;
    case 'enum':
    case 'const':
    case 'pattern':
      return `${kindOf(data)} is not accepted here`;
    case 'minLength':
      return 'the text is empty or too short';
    case 'maxLength':
      return `the text is longer than ${params['limit']} characters`;
    case 'minItems':
      return 'the list is too short';
    case 'maxItems':
      return `the list has more than ${params['limit']} items`;
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
    case 'multipleOf':
      return `${shown(data)} is out of range`;
    case 'minProperties':
      return 'the object says too little';
    case 'maxProperties':
      return `the object has ${Object.keys(data as object).length} properties`;
    case 'uniqueItems':
      return 'the list has an item twice';
    case 'oneOf':
    case 'anyOf':
      return `${kindOf(data)} has none of the shapes that are accepted here`;
    default:
      return message ?? 'it is not accepted here';
  }
}

function expectationOf({ keyword, params, parentSchema = {}, schema }: ErrorObject): string {
  if (keyword === 'enum') return `one of ${(params['allowedValues'] as unknown[]).map(shown).join(', ')}`;
  if (keyword === 'const') return shown(params['allowedValue']);
  if (keyword === 'minimum' || keyword === 'exclusiveMinimum') return `at least ${params['limit']}`;
  if (keyword === 'maximum' || keyword === 'exclusiveMaximum') return `at most ${params['limit']}`;
  if (keyword === 'minItems') return `at least ${params['limit']} items`;
  if (keyword === 'maxItems') return `at most ${params['limit']} items`;
  if (keyword === 'minProperties' || keyword === 'maxProperties') {
    const names = Object.keys(((parentSchema as Schema)['properties'] ?? {}) as object);
    const count = `at ${keyword === 'minProperties' ? 'least' : 'most'} ${params['limit']}`;
    return names.length === 0 ? `${count} properties` : `${count} of ${names.join(', ')}`;
  }
  if (keyword === 'minLength') return `text of at least ${params['limit']} characters`;
  if (keyword === 'maxLength') return `at most ${params['limit']} characters`;
  if (keyword === 'pattern') {
    const [example] = ((parentSchema as Schema)['examples'] ?? []) as readonly unknown[];
    return `text like ${example === undefined ? params['pattern'] : shown(example)}`;
  }
  if ((keyword === 'oneOf' || keyword === 'anyOf') && Array.isArray(schema)) {
    return schema.map((one) => describeSchema(one as Schema)).join('; or ');
  }
  return describeSchema(parentSchema as Schema);
}
