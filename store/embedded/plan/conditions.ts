// A filter as the planner sees it: conditions on paths that all have to hold, alternatives, and whether there is
// more that it can't use. What isn't understood here only makes a plan find more documents than the filter matches.
import { BSONRegExp, type Document } from 'bson';
import { regexParts } from '../bson/compare.js';
import { typeOf } from '../bson/type-of.js';
import { isTrue } from '../query/element.js';
import { isOperatorDocument } from '../query/filter.js';

export type Comparison = '$gt' | '$gte' | '$lt' | '$lte';

export type Test =
  /** Equal to one of the values, or matched by one of the patterns. */
  | { readonly kind: 'in'; readonly values: readonly unknown[]; readonly patterns: readonly BSONRegExp[] }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly value: unknown }
  | { readonly kind: 'type'; readonly value: unknown }
  /** Some value is there. */
  | { readonly kind: 'exists' }
  | { readonly kind: 'missing' };

/** An `$elemMatch` around a condition: its tests hold for one and the same element of the array at that path. */
interface Element {
  /** Parts of the array's path. */
  readonly depth: number;
}

export interface Condition {
  readonly path: string;
  readonly test: Test;
  /** From the outermost in. */
  readonly elements: readonly Element[];
}

export interface Conditions {
  /** All of them hold. */
  readonly all: readonly Condition[];
  /** Of each list, one filter holds. */
  readonly alternatives: readonly (readonly Document[])[];
  /** The filter asks for more than that. */
  readonly more: boolean;
}

/** The conditions of a filter that `compileFilter` has accepted. */
export function toConditions(filter: Document): Conditions {
  const reader = new Reader();
  reader.filter(filter);
  return reader;
}

class Reader implements Conditions {
  readonly all: Condition[] = [];
  readonly alternatives: Document[][] = [];
  more = false;

  filter(filter: Document): void {
    for (const name of Object.keys(filter)) {
      const operand: unknown = filter[name];
      if (name === '$and') {
        for (const part of operand as Document[]) this.filter(part);
      } else if (name === '$or') {
        this.alternatives.push(operand as Document[]);
      } else if (name.startsWith('$')) {
        this.more = true;
      } else {
        this.field(name, operand, []);
      }
    }
  }

  field(path: string, operand: unknown, elements: readonly Element[]): void {
    if (isOperatorDocument(operand)) {
      for (const operator of Object.keys(operand)) this.operator(path, operator, operand, elements);
    } else {
      this.equal(path, [operand], elements);
    }
  }

  operator(path: string, operator: string, operators: Document, elements: readonly Element[]): void {
    const operand: unknown = operators[operator];
    switch (operator) {
      case '$eq':
        this.add(path, { kind: 'in', values: [operand], patterns: [] }, elements);
        return;
      case '$in':
        this.equal(path, operand as unknown[], elements);
        return;
      case '$gt':
      case '$gte':
      case '$lt':
      case '$lte':
        this.add(path, { kind: 'compare', operator, value: operand }, elements);
        return;
      case '$regex': {
        const { pattern, options } =
          typeOf(operand) === 'regex' ? toPattern(operand) : new BSONRegExp(String(operand));
        const regex = new BSONRegExp(pattern, (operators['$options'] as string | undefined) ?? options);
        this.add(path, { kind: 'in', values: [regex], patterns: [regex] }, elements);
        return;
      }
      case '$options':
        return;
      case '$exists':
        this.add(path, { kind: isTrue(operand) ? 'exists' : 'missing' }, elements);
        return;
      case '$type':
        this.add(path, { kind: 'type', value: operand }, elements);
        return;
      case '$all':
        this.more = true;
        for (const item of operand as unknown[])
          if (!isOperatorDocument(item)) this.equal(path, [item], elements);
        return;
      case '$elemMatch':
        this.more = true;
        this.add(path, { kind: 'exists' }, elements);
        this.element(path, operand as Document, elements);
        return;
      default:
        this.more = true;
    }
  }

  /** Operators on the element itself, or a filter on its fields. */
  element(path: string, operand: Document, outer: readonly Element[]): void {
    const elements = [...outer, { depth: path.split('.').length }];
    if (isOperatorDocument(operand) && !isLogical(Object.keys(operand)[0]!)) {
      for (const operator of Object.keys(operand)) {
        // An array inside an array isn't looked into by an index, and $exists holds of every element.
        if (operator !== '$elemMatch' && operator !== '$all' && operator !== '$exists') {
          this.operator(path, operator, operand, elements);
        }
      }
      return;
    }
    for (const name of Object.keys(operand)) {
      if (!name.startsWith('$')) this.field(`${path}.${name}`, operand[name], elements);
    }
  }

  equal(path: string, operands: readonly unknown[], elements: readonly Element[]): void {
    const patterns = operands.filter((value) => typeOf(value) === 'regex').map(toPattern);
    // A regular expression also finds the same regular expression, stored.
    this.add(path, { kind: 'in', values: operands, patterns }, elements);
  }

  add(path: string, test: Test, elements: readonly Element[]): void {
    this.all.push({ path, test, elements });
  }
}

function toPattern(value: unknown): BSONRegExp {
  const { pattern, options } = regexParts(value);
  return new BSONRegExp(pattern, options);
}

function isLogical(operator: string): boolean {
  return operator === '$and' || operator === '$or' || operator === '$nor';
}

/** Whether a document can match only if it has a value at the condition's path. */
export function impliesExistence({ test }: Condition): boolean {
  switch (test.kind) {
    case 'in':
      return test.values.every((value) => !isNullish(value));
    case 'compare':
      return !isNullish(test.value) && !isExtreme(test.value);
    case 'type':
    case 'exists':
      return true;
    case 'missing':
      return false;
  }
}

export function isNullish(value: unknown): boolean {
  return value === null || value === undefined;
}

/** MinKey and MaxKey compare with values of every type. */
export function isExtreme(value: unknown): boolean {
  const type = typeOf(value);
  return type === 'minKey' || type === 'maxKey';
}

/**
 * Whether two conditions are known to hold in one and the same key of a multikey index: if their paths can run
 * through different elements of an array, each may be met by another one. An `_id` is never an array.
 */
export function meetInOneKey(a: Condition, b: Condition): boolean {
  if (a.path === '_id' && b.path === '_id') return true;
  let shared = 0;
  for (const [at, element] of a.elements.entries()) {
    if (element !== b.elements[at]) break;
    shared = element.depth;
  }
  return commonParts(a.path, b.path) <= shared;
}

function commonParts(a: string, b: string): number {
  const partsA = a.split('.');
  const partsB = b.split('.');
  let common = 0;
  while (common < partsA.length && partsA[common] === partsB[common]) common += 1;
  return common;
}
