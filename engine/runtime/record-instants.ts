// Instants in records have one form, UTC with milliseconds: as text they then compare and sort as points in time do. What is
// written to a field with the format `date-time`, and what such a field is compared with, is brought into it.
import { isInstantText, toInstant } from '../calendar/instant.js';
import type { Json, Schema } from '../definition/flow.js';
import type { RecordCondition, RecordFilter, RecordType, RecordValue } from '../ports/records.js';

/** Where a schema has instants: in the value itself, in fields that it names (undefined: none), in all other fields, in items. */
interface Plan {
  readonly isInstant: boolean;
  readonly fields: ReadonlyMap<string, Plan | undefined>;
  readonly others: Plan | undefined;
  readonly items: Plan | undefined;
}

/** A record as it is kept; the very same one where nothing has another form. */
export function withInstants(type: RecordType, record: RecordValue): RecordValue {
  const plan = planOf(type.schema);
  return plan === undefined ? record : (toOneForm(plan, record) as RecordValue);
}

/** Filters that mean the same of records as they are kept. Text that is no point in time is compared as it is. */
export function filtersWithInstants(
  type: RecordType,
  filters: readonly RecordFilter[],
): readonly RecordFilter[] {
  const plan = planOf(type.schema);
  return plan === undefined ? filters : filters.map((filter) => toOneFilter(plan, filter));
}

function toOneFilter(plan: Plan, filter: RecordFilter): RecordFilter {
  if ('all' in filter) return { all: filter.all.map((each) => toOneFilter(plan, each)) };
  if ('any' in filter) return { any: filter.any.map((each) => toOneFilter(plan, each)) };
  return 'not' in filter ? { not: toOneFilter(plan, filter.not) } : toOneCondition(plan, filter);
}

function toOneCondition(plan: Plan, condition: RecordCondition): RecordCondition {
  const { field, operator, value } = condition;
  const at = field.split('.').reduce<Plan | undefined>((found, name) => found && fieldOf(found, name), plan);
  if (at === undefined) return condition;
  switch (operator) {
    // Parts of a text: what is looked for is no point in time.
    case 'startsWith':
    case 'endsWith':
      return condition;
    case 'contains':
      return at.items === undefined ? condition : { ...condition, value: toOneForm(at.items, value) };
    case 'in':
      return Array.isArray(value)
        ? { ...condition, value: value.map((each) => toOneForm(at, each as Json)) }
        : condition;
    default:
      return { ...condition, value: toOneForm(at, value) };
  }
}

const fieldOf = ({ fields, others }: Plan, name: string): Plan | undefined =>
  fields.has(name) ? fields.get(name) : others;

function toOneForm(plan: Plan, value: Json): Json {
  if (typeof value === 'string') return plan.isInstant ? toOneText(value) : value;
  if (Array.isArray(value)) {
    const { items } = plan;
    if (items === undefined) return value;
    const changed = value.map((item) => toOneForm(items, item as Json));
    return changed.some((item, index) => item !== value[index]) ? changed : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  let changed: Record<string, Json> | undefined;
  for (const [name, given] of Object.entries(value as Readonly<Record<string, Json>>)) {
    const part = fieldOf(plan, name);
    if (part === undefined) continue;
    const wanted = toOneForm(part, given);
    if (wanted === given) continue;
    changed ??= { ...(value as Record<string, Json>) };
    changed[name] = wanted;
  }
  return changed ?? value;
}

/** What is no point in time is left to the check of the schema. */
function toOneText(text: string): string {
  if (!isInstantText(text)) return text;
  try {
    return new Date(toInstant(text).epochMilliseconds).toISOString();
  } catch {
    return text;
  }
}

const plans = new WeakMap<Schema, { readonly plan: Plan | undefined }>();

/** Undefined: there are no instants. */
function planOf(schema: Schema): Plan | undefined {
  const known = plans.get(schema);
  if (known !== undefined) return known.plan;
  const plan = toPlan(schema);
  plans.set(schema, { plan });
  return plan;
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keywords whose schemas say more of the same value. */
const alternatives = ['anyOf', 'oneOf', 'allOf'] as const;

function toPlan(schema: unknown): Plan | undefined {
  if (!isSchema(schema)) return undefined;
  const { format, properties, additionalProperties, items } = schema;
  const named = Object.entries(isSchema(properties) ? properties : {});
  const fields = new Map(named.map(([name, part]) => [name, toPlan(part)]));
  const own: Plan = {
    isInstant: format === 'date-time',
    fields,
    others: toPlan(additionalProperties),
    items: toPlan(items),
  };
  const all = alternatives
    .flatMap((keyword) => (Array.isArray(schema[keyword]) ? (schema[keyword] as unknown[]) : []))
    .reduce<Plan>((plan, each) => merged(plan, toPlan(each)), own);
  const parts = [...all.fields.values(), all.others, all.items];
  return all.isInstant || parts.some((part) => part !== undefined) ? all : undefined;
}

function merged(left: Plan, right: Plan | undefined): Plan {
  if (right === undefined) return left;
  const names = [...left.fields.keys(), ...right.fields.keys()];
  const fields = new Map(names.map((name) => [name, mergedOr(fieldOf(left, name), fieldOf(right, name))]));
  return {
    isInstant: left.isInstant || right.isInstant,
    fields,
    others: mergedOr(left.others, right.others),
    items: mergedOr(left.items, right.items),
  };
}

const mergedOr = (left: Plan | undefined, right: Plan | undefined): Plan | undefined =>
  left === undefined ? right : merged(left, right);
