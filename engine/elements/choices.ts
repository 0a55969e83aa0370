// What people can choose from: values that a flow names, or records and items of lists that are looked up when the field is shown
// and again when it is answered.
import { typeBesideNull, typeOfSchema, typesFit } from '../compile/variable-types.js';
import type {
  ChoiceAssignment,
  ChoiceDefinition,
  ChoiceSet,
  ItemChoices,
  Json,
  RecordChoices,
  Schema,
  SingleChoice,
} from '../definition/flow.js';
import type { Expression, ExpressionType } from '../expressions/index.js';
import { fieldOf, toItems } from './collections.js';
import type { CompileSite, SchemaProblem, Visit } from './element.js';
import { checkSort, compileFilters, evaluateFilters } from './record-filters.js';

export interface Option {
  readonly label: string;
  readonly value: Json;
}

/** An option, and what the variables of its set become when it is chosen. */
export interface OfferedOption extends Option {
  readonly assigned?: Readonly<Record<string, Json>>;
}

export interface CompiledChoice {
  options(visit: Visit): Promise<readonly OfferedOption[]>;
  /** The value of a choice that is always the same. */
  readonly fixed?: { readonly value: Json };
  /** What is asked for beside it when it is chosen. */
  readonly input?: ChoiceInput;
  /** Variables that are set when a field that offers it is answered. */
  readonly targets: readonly string[];
}

export interface ChoiceInput {
  readonly label: string;
  readonly schema: Schema;
  readonly required?: boolean;
  readonly check: (value: unknown) => readonly SchemaProblem[];
}

/** As that of elements, with pointers below the choice. */
export interface ChoiceSite
  extends Pick<CompileSite, 'expression' | 'field' | 'useless' | 'validator' | 'report'> {
  readonly target?: CompileSite['target'] | undefined;
  /** A field of the items of a variable; answers its type, if it has one. */
  item(list: string, field: string, pointer: string): ExpressionType | undefined;
}

export const choicesOfSetMax = 200;

/** The name under which an answer holds what was entered beside a choice. */
export const inputName = (field: string, choice: string): string => `${field}_${choice}`;

export function compileChoice(choice: ChoiceDefinition, at: ChoiceSite): CompiledChoice {
  if ('record' in choice) return ofRecords(choice, at);
  if ('collection' in choice) return ofItems(choice, at);
  return ofValue(choice, at);
}

function ofValue({ label, value, userInput, ...rest }: SingleChoice, at: ChoiceSite): CompiledChoice {
  uselessBeside(rest, 'it is one value', at);
  return {
    options: async () => [{ label, value }],
    fixed: { value },
    targets: [],
    ...(userInput === undefined
      ? {}
      : { input: { ...userInput, check: at.validator(userInput.schema, '/userInput/schema') } }),
  };
}

function ofRecords(choices: RecordChoices, at: ChoiceSite): CompiledChoice {
  const { record, where, logic, sort, label, value, limit = choicesOfSetMax, assignments, ...rest } = choices;
  uselessBeside(rest, 'the choices are records', at);
  const fieldType = (field: string, pointer: string): ExpressionType | undefined => {
    const schema = at.field?.(record, field, pointer);
    return schema === undefined ? undefined : typeOfSchema(schema);
  };
  fieldType(label, '/label');
  fieldType(value, '/value');
  checkAssignments(assignments, fieldType, at);
  checkSort(sort, at, record);
  const filters = compileFilters({ where, logic }, at, record);
  return {
    targets: targetsOf(choices),
    async options(visit) {
      const found = await visit.records.find({
        type: record,
        where: evaluateFilters(filters, visit),
        ...(sort === undefined ? {} : { sort }),
        limit,
      });
      return found.map((each) => toOption(each, choices));
    },
  };
}

function ofItems(choices: ItemChoices, at: ChoiceSite): CompiledChoice {
  const { collection, label, value, limit = choicesOfSetMax, assignments, ...rest } = choices;
  uselessBeside(rest, 'the choices are items of a list', at);
  const list = at.expression(collection, '/collection');
  const path = variableOf(collection, list);
  const fieldType = (field: string, pointer: string): ExpressionType | undefined =>
    path === undefined ? undefined : at.item(path, field, pointer);
  fieldType(label, '/label');
  fieldType(value, '/value');
  checkAssignments(assignments, fieldType, at);
  return {
    targets: targetsOf(choices),
    options: async (visit) =>
      toItems(visit.evaluate(list), 'a choice')
        .slice(0, limit)
        .map((each) => toOption(each, choices)),
  };
}

/** The path of the variable that a rule is, if it is one. */
function variableOf(rule: unknown, { reads }: Expression): string | undefined {
  const isVariable = typeof rule === 'object' && rule !== null && Object.keys(rule).join() === 'var';
  return isVariable ? reads[0]?.path : undefined;
}

const targetsOf = ({ assignments = [] }: ChoiceSet): readonly string[] =>
  assignments.map(({ target }) => target);

function toOption(each: Json, { label, value, assignments = [] }: ChoiceSet): OfferedOption {
  const shown = fieldOf(each, label);
  return {
    label: typeof shown === 'string' ? shown : JSON.stringify(shown),
    value: fieldOf(each, value),
    assigned: Object.fromEntries(assignments.map(({ target, field }) => [target, fieldOf(each, field)])),
  };
}

/** The variables are null where nothing of the set is chosen, and take the fields of what is. */
function checkAssignments(
  assignments: readonly ChoiceAssignment[] | undefined,
  fieldType: (field: string, pointer: string) => ExpressionType | undefined,
  at: ChoiceSite,
): void {
  for (const [index, { target, field }] of (assignments ?? []).entries()) {
    const pointer = `/assignments/${index}`;
    const given = fieldType(field, `${pointer}/field`);
    const schema = at.target?.(target, `${pointer}/target`, at.expression(null, `${pointer}/target`));
    const wanted = schema === undefined ? undefined : typeBesideNull(schema);
    if (given === undefined || wanted === undefined || typesFit(wanted, given)) continue;
    at.report({
      code: 'flow.assignment-type',
      pointer: `${pointer}/field`,
      detail: `${target} can't be a ${given}`,
      expected: `a field that is a ${wanted}`,
    });
  }
}

function uselessBeside(properties: object, why: string, at: ChoiceSite): void {
  for (const name of Object.keys(properties)) at.useless?.(`/${name}`, why);
}
