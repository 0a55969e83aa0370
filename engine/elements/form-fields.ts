// Fields that people fill in: described by JSON Schema, shown and checked by rules.
import type { ChoiceDefinition, FlowDefinition, Json, Rule, Schema } from '../definition/flow.js';
import type { Expression } from '../expressions/index.js';
import { isTruthy } from '../expressions/compare.js';
import { runErrors } from '../runtime/run-errors.js';
import { type CompiledChoice, inputName, type OfferedOption } from './choices.js';
import type { CompileSite, SchemaProblem, Visit } from './element.js';
import { nameSchema, ruleSchema } from './rule-schema.js';
import { valueKey } from './value-key.js';
import { checkUniqueNames } from './unique-names.js';

export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly help?: string;
  readonly schema: Schema;
  readonly required?: boolean;
  readonly default?: Rule;
  /** The field is there only while this holds. */
  readonly visible?: Rule;
  /** Must hold for what was entered, or the message is shown. */
  readonly validate?: { readonly when: Rule; readonly message: string };
  /** Names of choices of the flow; what is entered is one of them, or, where it is a list, some of them. */
  readonly choices?: string | readonly string[];
  /** Heading under which the field is shown, with those before it that have the same. */
  readonly section?: string;
}

export type Values = Readonly<Record<string, Json>>;

export const fieldsSchema: Schema = {
  type: 'array',
  maxItems: 100,
  description: 'The fields, in order.',
  examples: [[{ name: 'reason', label: 'Why?', schema: { type: 'string', minLength: 1 }, required: true }]],
  items: {
    type: 'object',
    properties: {
      name: nameSchema('Name of the field, unique in the element.', 'reason'),
      label: {
        type: 'string',
        minLength: 1,
        maxLength: 200,
        description: 'What is asked.',
        examples: ['Why?'],
      },
      help: {
        type: 'string',
        maxLength: 1_000,
        description: 'A line below the field.',
        examples: ['In a few words.'],
      },
      schema: { type: 'object', description: 'JSON Schema of the value.', examples: [{ type: 'string' }] },
      required: { type: 'boolean', description: 'Whether it has to be filled in.', examples: [true] },
      default: ruleSchema('What is in the field at first.', 'changed my mind'),
      visible: ruleSchema(
        'The field is there only while this holds; it may read other fields of this element.',
        {
          '==': [{ var: 'ask.reason' }, 'other'],
        },
      ),
      validate: {
        type: 'object',
        description: 'Must hold for what was entered.',
        examples: [
          { when: { '<=': [{ var: 'ask.count' }, { var: 'limit' }] }, message: 'At most {{limit}}.' },
        ],
        properties: {
          when: ruleSchema('What must hold.', { '<=': [{ var: 'ask.count' }, { var: 'limit' }] }),
          message: {
            type: 'string',
            minLength: 1,
            maxLength: 500,
            description: 'Text with merge fields, shown when it does not.',
            examples: ['At most {{limit}}.'],
          },
        },
        required: ['when', 'message'],
        additionalProperties: false,
      },
      choices: {
        type: ['string', 'array'],
        minLength: 1,
        items: { type: 'string', minLength: 1 },
        minItems: 1,
        maxItems: 50,
        description:
          'Choices of the flow, by name, one or several; what is entered is one of them, or, where the value is a list, some.',
        examples: [['late', 'broken']],
      },
      section: {
        type: 'string',
        minLength: 1,
        maxLength: 100,
        description: 'Heading above the field; fields of the same section stand together.',
        examples: ['The parcel'],
      },
    },
    required: ['name', 'label', 'schema'],
    additionalProperties: false,
  },
};

/** Schema of what the fields give, and of what is entered beside their choices: null where nothing was filled in. */
export const valuesSchema = (
  fields: readonly FormField[] | undefined,
  { choices = {} }: FlowDefinition,
): Record<string, Schema> =>
  Object.fromEntries(
    (fields ?? []).flatMap((field) => {
      const offered = namesOf(field.choices).map(
        (name) => [name, Object.hasOwn(choices, name) ? choices[name] : undefined] as const,
      );
      return [
        [
          field.name,
          orNull(
            valueSchema(
              field.schema,
              offered.map(([, choice]) => choice),
            ),
          ),
        ],
        ...offered.flatMap(([name, choice]) =>
          choice !== undefined && 'userInput' in choice && choice.userInput !== undefined
            ? [[inputName(field.name, name), orNull(choice.userInput.schema)]]
            : [],
        ),
      ];
    }),
  );

const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });

/** Choices that are written down say more of a value than the schema of its field. */
function valueSchema(schema: Schema, offered: readonly (ChoiceDefinition | undefined)[]): Schema {
  const values = offered.flatMap((one) =>
    one === undefined || 'record' in one || 'collection' in one ? [] : [one.value],
  );
  if (values.length === 0 || values.length < offered.length) return schema;
  return takesList(schema) ? { ...schema, items: { enum: values } } : { enum: values };
}

/** The choices that a field offers, by name. */
const namesOf = (offered: FormField['choices']): readonly string[] => [offered ?? []].flat();

interface CompiledField extends Omit<FormField, 'default' | 'visible' | 'validate' | 'choices'> {
  readonly choices?: readonly CompiledChoice[] | undefined;
  /** Of a field that is there while a choice is selected: which. */
  readonly beside?: { readonly field: string; readonly value: Json };
  readonly check: (value: unknown) => readonly SchemaProblem[];
  readonly initial?: Expression | undefined;
  readonly shown: Expression | undefined;
  readonly rule?: { readonly when: Expression; readonly message: Expression } | undefined;
  readonly visibleWhen: Rule | undefined;
}

/** The fields of an element, ready to be shown and checked. */
export class Form {
  readonly #fields: readonly CompiledField[];

  constructor(fields: readonly FormField[] | undefined, at: CompileSite) {
    checkUniqueNames('fields', fields ?? [], '/fields', at);
    this.#fields = (fields ?? []).flatMap((given, index) => {
      const { default: initial, visible, validate, choices, ...field } = given;
      const pointer = `/fields/${index}`;
      const check = at.validator(field.schema, `${pointer}/schema`);
      const first = initial === undefined ? undefined : at.expression(initial, `${pointer}/default`);
      if (first !== undefined) {
        at.constant?.(first, `${pointer}/default`, 'what the schema of the field allows', (value) => {
          const [wrong] = value === null ? [] : check(value);
          return wrong === undefined ? undefined : `the default ${wrong.detail}`;
        });
      }
      const offered =
        choices === undefined ? undefined : compileChoices(choices, field.schema, check, pointer, at);
      const compiled: CompiledField = {
        ...field,
        choices: offered?.map(({ choice }) => choice),
        check,
        initial: first,
        shown: visible === undefined ? undefined : at.condition(visible, `${pointer}/visible`),
        visibleWhen: visible,
        rule:
          validate === undefined
            ? undefined
            : {
                when: at.condition(validate.when, `${pointer}/validate/when`),
                message: at.text(validate.message, `${pointer}/validate/message`),
              },
      };
      return [compiled, ...(offered ?? []).flatMap((one) => toInput(field, one, at) ?? [])];
    });
    checkInputNames(this.#fields, fields ?? [], at);
  }

  /** What the fields hold at first: what was entered before, else their defaults. */
  initial(visit: Visit, before: Values | undefined): Values {
    return Object.fromEntries(
      this.#fields.map(({ name, initial }) => [
        name,
        // Null is what somebody has emptied.
        ownOf(before ?? {}, name) ??
          (initial === undefined || Object.hasOwn(before ?? {}, name) ? null : visit.evaluate(initial)),
      ]),
    );
  }

  /** What is shown; `extra` is what the element's output has beside the values. */
  async show(visit: Visit, values: Values, extra: Values = {}): Promise<Json> {
    const hidden = this.#hidden(visit, values, extra);
    const shownFields: Json[] = [];
    for (const field of this.#fields) {
      const { name, label, help, section, schema, required, visibleWhen, choices, beside } = field;
      const options = choices === undefined ? undefined : await optionsOf(choices, visit);
      shownFields.push({
        name,
        label,
        ...(help === undefined ? {} : { help }),
        ...(section === undefined ? {} : { section }),
        schema: schema as Json,
        required: required === true,
        value: values[name] ?? null,
        visible: !hidden.has(name),
        ...(visibleWhen === undefined ? {} : { visibleWhen: visibleWhen as Json }),
        ...(beside === undefined ? {} : { beside }),
        ...(options === undefined
          ? {}
          : { choices: options.map(({ label: shown, value }) => ({ label: shown, value })) }),
      });
    }
    return shownFields;
  }

  /**
   * What was entered so far, to be shown again; it need not be right yet.
   *
   * @throws {RecourseError} `run.answer-invalid` for fields that there are not
   */
  keep(given: Json | undefined): Values {
    const entered = toValues(given);
    const problems = this.#unknown(entered);
    if (problems.length > 0) refuse('some fields are none of this element', problems);
    return entered;
  }

  #unknown(entered: Values) {
    return Object.keys(entered)
      .filter((name) => !this.#fields.some((field) => field.name === name))
      .map((name) => problem(name, `there is no field ${name}`));
  }

  /**
   * The fields that are not there. Rules of visibility and validation see what was entered in the others, and null in these:
   * who has emptied no field that has gone would else answer what nobody was asked. They see nothing either that a field does not
   * take, which they could not deal with.
   */
  #hidden(visit: Visit, entered: Values, extra: Values): ReadonlySet<string> {
    const taken = new Map<string, Json>();
    for (const { name, check } of this.#fields) {
      const value = ownOf(entered, name) ?? null;
      taken.set(name, value === null || check(value).length > 0 ? null : value);
    }
    let hidden: ReadonlySet<string> = new Set();
    // Fields that hide each other never come to rest.
    for (let round = 0; round <= this.#fields.length; round += 1) {
      const known = hidden;
      const counted = [...taken].map(([name, value]) => [name, known.has(name) ? null : value] as const);
      visit.output({ ...extra, ...Object.fromEntries(counted) });
      const gone = this.#fields.filter(
        ({ shown }) => shown !== undefined && !isTruthy(visit.evaluate(shown)),
      );
      hidden = new Set(gone.map(({ name }) => name));
      if (hidden.size === known.size && gone.every(({ name }) => known.has(name))) break;
    }
    return hidden;
  }

  /**
   * The values of an answer: those of visible fields; the others are null. Variables of the choices take what was chosen.
   *
   * @throws {RecourseError} `run.answer-invalid` with all problems
   */
  async accept(visit: Visit, given: Json | undefined, extra: Values = {}): Promise<Values> {
    const entered = toValues(given);
    const problems = this.#unknown(entered);
    const hidden = this.#hidden(visit, entered, extra);
    const accepted: Record<string, Json> = {};
    const assigned = Object.fromEntries(
      this.#fields
        .flatMap(({ choices = [] }) => choices.flatMap(({ targets }) => targets))
        .map((name) => [name, null]),
    ) as Record<string, Json>;
    for (const { name, check, required, rule, schema, choices } of this.#fields) {
      const value = ownOf(entered, name) ?? null;
      accepted[name] = null;
      if (hidden.has(name)) continue;
      if (value === null || value === '') {
        if (required === true) problems.push(problem(name, 'has to be filled in'));
        if (value === null) continue;
      }
      const wrong = check(value);
      problems.push(...wrong.map(({ pointer, detail }) => problem(`${name}${pointer}`, detail)));
      if (wrong.length === 0 && choices !== undefined) {
        const chosen = takesList(schema) && Array.isArray(value) ? (value as readonly Json[]) : [value];
        const options = await optionsOf(choices, visit);
        problems.push(...notAmong(options, chosen).map((detail) => problem(name, detail)));
        for (const option of chosenOf(options, chosen)) Object.assign(assigned, option.assigned);
      }
      if (wrong.length === 0 && rule !== undefined && !isTruthy(visit.evaluate(rule.when))) {
        problems.push(problem(name, String(visit.evaluate(rule.message))));
      }
      accepted[name] = value;
    }
    if (problems.length > 0) refuse('some fields are not filled in as they should be', problems);
    for (const [name, value] of Object.entries(assigned)) visit.assign(name, value);
    return accepted;
  }
}

function compileChoices(
  given: string | readonly string[],
  schema: Schema,
  check: CompiledField['check'],
  pointer: string,
  at: CompileSite,
): OfferedChoice[] {
  return namesOf(given).flatMap((name, index) => {
    const place = typeof given === 'string' ? `${pointer}/choices` : `${pointer}/choices/${index}`;
    const choice = at.choice(name, place);
    if (choice === undefined) return [];
    const { fixed } = choice;
    if (fixed !== undefined) {
      const [wrong] = check(takesList(schema) ? [fixed.value] : fixed.value);
      if (wrong !== undefined) {
        at.report({
          code: 'flow.choice-invalid',
          pointer: place,
          detail: `the value of ${name} is not what the field takes: it ${wrong.detail}`,
          expected: 'a choice whose value the schema of the field allows',
        });
      }
    }
    return [{ name, choice, pointer: place }];
  });
}

/** A choice where a field offers it. */
interface OfferedChoice {
  readonly name: string;
  readonly choice: CompiledChoice;
  readonly pointer: string;
}

/** What a choice asks for beside it: a field that is there while the choice is selected. */
function toInput(
  { name: field, section }: Pick<FormField, 'name' | 'section'>,
  { name, choice: { input, fixed }, pointer }: OfferedChoice,
  at: CompileSite,
): CompiledField | undefined {
  if (input === undefined || fixed === undefined) return undefined;
  const visible = { wasSelected: [{ var: `${at.name}.${field}` }, { preserve: fixed.value }] };
  return {
    ...input,
    name: inputName(field, name),
    ...(section === undefined ? {} : { section }),
    shown: at.condition(visible, pointer),
    visibleWhen: visible,
    beside: { field, value: fixed.value },
  };
}

/** Reports what is entered beside a choice under the name of a field, or of what is entered beside another one. */
function checkInputNames(
  compiled: readonly CompiledField[],
  fields: readonly FormField[],
  at: CompileSite,
): void {
  const names = new Set(fields.map(({ name }) => name));
  for (const { name, beside } of compiled) {
    if (beside === undefined) continue;
    if (names.has(name)) {
      const index = fields.findIndex((field) => field.name === beside.field);
      at.report({
        code: 'flow.name-taken',
        pointer: `/fields/${index}/choices`,
        detail: `what is entered beside the choice would be ${name}, as another field is`,
        expected: 'another name of the field or of the choice',
      });
    }
    names.add(name);
  }
}

const optionsOf = async (choices: readonly CompiledChoice[], visit: Visit): Promise<OfferedOption[]> => {
  const options: OfferedOption[] = [];
  for (const choice of choices) options.push(...(await choice.options(visit)));
  return options;
};

/** The options of these values; of several of one value the first. */
function chosenOf(options: readonly OfferedOption[], values: readonly Json[]): OfferedOption[] {
  const byValue = new Map(options.toReversed().map((option) => [valueKey(option.value), option]));
  return values.flatMap((value) => byValue.get(valueKey(value)) ?? []);
}

const shownOptionsMax = 10;

const takesList = (schema: Schema): boolean => schema['type'] === 'array';

/** What is wrong with each value that is not among the options. */
function notAmong(options: readonly OfferedOption[], chosen: readonly Json[]): string[] {
  const known = new Set(options.map((option) => valueKey(option.value)));
  const names = options.slice(0, shownOptionsMax).map((option) => JSON.stringify(option.value));
  const expected = `${names.join(', ')}${options.length > names.length ? ' …' : ''}`;
  return chosen
    .filter((each) => !known.has(valueKey(each)))
    .map((each) => `${JSON.stringify(each)} is none of the choices: ${expected || 'there are none'}`);
}

const problem = (path: string, detail: string) => ({
  pointer: `/values/${path}`,
  code: 'run.answer-invalid',
  detail,
});

export const ownOf = (object: Values, name: string): Json | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

/** The values of fields; none if nothing was said. @throws {RecourseError} `run.answer-invalid` for what is no object */
function toValues(given: Json | undefined): Values {
  if (given === undefined || given === null) return {};
  if (typeof given === 'object' && !Array.isArray(given)) return given as Values;
  return refuse('values has to be an object: what was entered, by the names of the fields');
}

/** @throws {RecourseError} `run.answer-invalid` for parts of an answer that nothing reads */
export function checkParts(payload: Json, names: readonly string[]): void {
  const problems = Object.keys(toObject(payload))
    .filter((name) => !names.includes(name))
    .map((name) => ({
      pointer: `/${name}`,
      code: 'run.answer-invalid',
      detail: `there is no ${name} in an answer; it has ${names.join(' and ')}`,
    }));
  if (problems.length > 0) refuse('the answer has parts that nothing reads', problems);
}

/** An object, empty if it is none. */
export const toObject = (value: Json | undefined): Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : {};

/** @throws {RecourseError} `run.answer-invalid` */
export function refuse(detail: string, problems: readonly ReturnType<typeof problem>[] = []): never {
  throw runErrors.error('answer-invalid', detail, { problems });
}
