// The types of variables as expressions know them, from their schemas.
import type { FlowDefinition, Schema } from '../definition/flow.js';
import type { ExpressionType } from '../expressions/index.js';
import { isMoneySchema } from '../money/money-schema.js';
import type { RecordType } from '../ports/records.js';

const ofFormat: Readonly<Record<string, ExpressionType>> = {
  date: 'date',
  'date-time': 'dateTime',
  duration: 'duration',
};

/** The type of the variable at a path, or undefined when its schema, or that of the record, doesn't fix one. */
export function typeOfVariable(
  { start: { trigger }, variables = {} }: FlowDefinition,
  records: ReadonlyMap<string, RecordType>,
  path: string,
): ExpressionType | undefined {
  if (path === '$now') return 'dateTime';
  const [name = '', ...rest] = path.split('.');
  const record = 'record' in trigger ? (trigger.record ?? '') : '';
  let schema: unknown =
    name === '$record' || name === '$recordPrior'
      ? records.get(record)?.schema
      : Object.hasOwn(variables, name) && variables[name]!.schema;
  for (const step of rest) {
    if (!isSchema(schema)) return undefined;
    schema =
      step === '*' || /^\d+$/.test(step)
        ? schema['items']
        : (schema['properties'] as Schema | undefined)?.[step];
  }
  return isSchema(schema) ? typeOfSchema(schema) : undefined;
}

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null;

/** The type of the values that a schema accepts, if it fixes one. */
export function typeOfSchema(schema: Schema): ExpressionType | undefined {
  const { type, format } = schema;
  switch (type) {
    case 'string':
      return typeof format === 'string'
        ? ofFormat[format]
        : schema['enum'] === undefined
          ? 'string'
          : undefined;
    case 'number':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return 'list';
    case 'object':
      return isMoneySchema(schema) ? 'money' : 'object';
    default:
      return undefined;
  }
}

/** As `typeOfSchema`, of the values that are not null; of texts also if they are listed. */
export function typeBesideNull({ enum: _, ...schema }: Schema): ExpressionType | undefined {
  const types = [schema['type']].flat().filter((type) => type !== 'null');
  return types.length === 1 ? typeOfSchema({ ...schema, type: types[0] }) : undefined;
}

const texts: readonly ExpressionType[] = ['string', 'date', 'dateTime', 'duration'];
const objects: readonly ExpressionType[] = ['object', 'money'];

/** Whether a value of one type may be what is wanted: text may be a date, an object an amount. */
export function typesFit(wanted: ExpressionType, given: ExpressionType): boolean {
  if (given === 'unknown' || given === wanted) return true;
  return [texts, objects].some((family) => family.includes(wanted) && family.includes(given));
}
