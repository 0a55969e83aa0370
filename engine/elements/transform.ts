// Makes something new of a list: a list of other things, a sum, a count, or a join with a second list.
import type { Json, Rule } from '../definition/flow.js';
import { add } from '../expressions/decimal.js';
import { isTruthy } from '../expressions/compare.js';
import { isMoney, sumMoney } from '../money/money.js';
import { boundCount, collectionErrors, compileList, fieldOf, toItems } from './collections.js';
import { eachItem, itemSchema } from './each-item.js';
import type { ElementType, Visit } from './element.js';
import { ruleSchema, rulesSchema } from './rule-schema.js';
import { type CompiledRules, compileRules, evaluateRules, type Rules } from './rules.js';
import { valueKey } from './value-key.js';

interface TransformProperties {
  readonly operation: 'map' | 'sum' | 'count' | 'join';
  readonly collection: Rule;
  readonly item?: string;
  /** What each item becomes, or what is added up. */
  readonly value?: Rule;
  readonly fields?: Rules;
  readonly when?: Rule;
  readonly with?: {
    readonly collection: Rule;
    readonly item: string;
    readonly on: { readonly left: string; readonly right: string };
  };
}

export const transformElement: ElementType<TransformProperties> = {
  type: 'transform',
  title: 'Transform',
  description:
    'Makes something new of a list. map: a list of what the rules give for each item; sum: of numbers or of one currency; count: how many there are; join: one for each pair of items of two lists with equal keys.',
  schema: {
    type: 'object',
    properties: {
      operation: { enum: ['map', 'sum', 'count', 'join'], description: 'What is made.', examples: ['sum'] },
      collection: ruleSchema('The list; it is not changed.', { var: 'order.lines' }),
      item: itemSchema('Variable that the rules find the item in.'),
      value: ruleSchema('What each item becomes, or what is added up.', { var: 'line.amount' }),
      fields: rulesSchema('Fields of what each item becomes.', { sku: { var: 'line.sku' } }),
      when: ruleSchema('Only items for which this holds.', { '>': [{ var: 'line.quantity' }, 0] }),
      with: {
        type: 'object',
        description: 'join: the second list.',
        examples: [{ collection: { var: 'prices' }, item: 'price', on: { left: 'sku', right: 'sku' } }],
        properties: {
          collection: ruleSchema('The second list.', { var: 'prices' }),
          item: itemSchema('Variable that the rules find its item in.'),
          on: {
            type: 'object',
            description: 'Fields whose values must be equal.',
            examples: [{ left: 'sku', right: 'sku' }],
            properties: {
              left: {
                type: 'string',
                minLength: 1,
                description: 'Field of the first list.',
                examples: ['sku'],
              },
              right: { type: 'string', minLength: 1, description: 'Field of the second.', examples: ['sku'] },
            },
            required: ['left', 'right'],
            additionalProperties: false,
          },
        },
        required: ['collection', 'item', 'on'],
        additionalProperties: false,
      },
    },
    required: ['operation', 'collection'],
    additionalProperties: false,
  },
  outlets: ({ next }) => [{ name: 'next', target: next, pointer: '/next' }],
  output: ({ operation }) =>
    operation === 'map' || operation === 'join'
      ? { type: 'array' }
      : operation === 'count'
        ? { type: 'integer' }
        : undefined,
  summary: ({ operation }) =>
    ({
      map: 'Makes a list of a list',
      sum: 'Adds up a list',
      count: 'Counts a list',
      join: 'Joins two lists',
    })[operation],
  compile(properties, at) {
    const { operation, collection, item, value, fields, when } = properties;
    const needs = (name: keyof TransformProperties, isThere: boolean): void => {
      if (isThere) return;
      at.report({
        code: 'flow.property-missing',
        pointer: `/${name}`,
        detail: `${name} is missing`,
        expected: `${operation} needs ${name}`,
      });
    };
    const usesItem = value !== undefined || fields !== undefined || when !== undefined;
    if (operation !== 'join' && properties.with !== undefined) {
      at.useless?.('/with', 'only join has a second list');
    }
    if (fields !== undefined && operation === 'sum') at.useless?.('/fields', 'what is added up is the value');
    else if (fields !== undefined && value !== undefined) {
      at.useless?.('/value', 'fields says what each item becomes');
    }
    if (operation === 'map') needs('value', value !== undefined || fields !== undefined);
    if (operation === 'sum') needs('value', value !== undefined);
    if (operation === 'join') needs('with', properties.with !== undefined);
    needs('item', item !== undefined || !usesItem);
    const list = compileList(collection, '/collection', at);
    if (item !== undefined) at.target(item, '/item');
    const other = properties.with;
    const otherList = other === undefined ? undefined : compileList(other.collection, '/with/collection', at);
    if (other !== undefined) at.target(other.item, '/with/item');
    const compiled = {
      value: value === undefined ? undefined : at.expression(value, '/value'),
      fields: fields === undefined ? undefined : compileRules(fields, '/fields', at),
      when: when === undefined ? undefined : at.condition(when, '/when'),
    };
    return {
      enter(visit) {
        const items = toItems(visit.evaluate(list), 'transform');
        const made: Json[] = [];
        if (other !== undefined && otherList !== undefined && operation === 'join') {
          join(visit, items, toItems(visit.evaluate(otherList), 'transform'), item, other, (left, right) => {
            if (!isKept(visit, compiled)) return;
            const value = toValue(visit, compiled);
            made.push(value === undefined ? merged(left, right) : value);
          });
        } else if (item === undefined) {
          made.push(...items);
        } else {
          eachItem(visit, item, items, (one) => {
            if (!isKept(visit, compiled)) return;
            // Null is what a rule may give, and not the item.
            const value = toValue(visit, compiled);
            made.push(value === undefined ? one : value);
          });
        }
        visit.output(operation === 'count' ? made.length : operation === 'sum' ? sum(made) : made);
        return { kind: 'go', outlet: 'next' };
      },
    };
  },
};

interface Compiled {
  readonly value: Parameters<Visit['evaluate']>[0] | undefined;
  readonly fields: CompiledRules | undefined;
  readonly when: Parameters<Visit['evaluate']>[0] | undefined;
}

const isKept = (visit: Visit, { when }: Compiled): boolean =>
  when === undefined || isTruthy(visit.evaluate(when));

/** Undefined where no rule says what it becomes. */
function toValue(visit: Visit, { value, fields }: Compiled): Json | undefined {
  if (fields !== undefined) return evaluateRules(fields, visit);
  return value === undefined ? undefined : visit.evaluate(value);
}

/** Pairs count whether they are kept or not, as each is looked at. @throws {RecourseError} `collection.too-large` */
function join(
  visit: Visit,
  items: readonly Json[],
  others: readonly Json[],
  item: string | undefined,
  { item: otherItem, on }: NonNullable<TransformProperties['with']>,
  found: (left: Json, right: Json) => void,
): void {
  const byKey = new Map<string, Json[]>();
  for (const other of others) {
    const value = fieldOf(other, on.right);
    // Null equals nothing here: it is the absence of a key.
    if (value === null) continue;
    const key = valueKey(value);
    const same = byKey.get(key);
    if (same === undefined) byKey.set(key, [other]);
    else same.push(other);
  }
  let pairs = 0;
  const pair = (left: Json): void => {
    const matches = byKey.get(valueKey(fieldOf(left, on.left))) ?? [];
    pairs += matches.length;
    boundCount(pairs, 'pairs in transform');
    eachItem(visit, otherItem, matches, (right) => found(left, right));
  };
  if (item === undefined) for (const left of items) pair(left);
  else eachItem(visit, item, items, pair);
}

/** The fields of both, those of the first where they have one name. */
function merged(left: Json, right: Json): Json {
  const isObject = (value: Json): boolean =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject(left) && isObject(right) ? { ...(right as object), ...(left as object) } : [left, right];
}

/** @throws {RecourseError} `collection.invalid`, `money.currency-mixed` */
function sum(values: readonly Json[]): Json {
  const present = values.filter((value) => value !== null);
  const amounts = (present as readonly unknown[]).filter(isMoney);
  if (amounts.length > 0 && amounts.length === present.length) return { ...sumMoney(amounts) };
  return present.reduce<number>((total, value) => {
    if (typeof value !== 'number') {
      throw collectionErrors.error('invalid', 'a sum is made of numbers, or of amounts in one currency');
    }
    return add(total, value);
  }, 0);
}
