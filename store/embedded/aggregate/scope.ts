// What an expression is evaluated in, and the bounds of expressions. A missing value is `undefined` throughout.
import type { Document } from 'bson';
import { CommandError } from '../errors.js';

/** Levels of nesting in a pipeline, at most. */
export const pipelineDepthMax = 100;

/** Elements that one operator may put into an array. */
export const arrayElementsMax = 1_000_000;

/** UTF-16 units of a string that one operator may make. */
export const stringUnitsMax = 16 * 1024 * 1024;

export interface Scope {
  readonly root: Document;
  /** Values of the variables of `$let`, `$map`, `$filter`, `$reduce` and `$lookup`. */
  readonly variables: ReadonlyMap<string, unknown>;
  readonly now: Date;
}

export type Evaluate = (scope: Scope) => unknown;

/** Where in a pipeline an expression stands: its depth and the variables that are defined there. */
export interface Place {
  readonly depth: number;
  readonly names: ReadonlySet<string>;
}

/** Compiles an operand, optionally where further variables are defined. */
export type CompileOperand = (expression: unknown, variables?: readonly string[]) => Evaluate;

/** One expression operator: checks its argument and compiles it. */
export type ExpressionOperator = (argument: unknown, compile: CompileOperand, name: string) => Evaluate;

export type OperatorTable = Readonly<Record<`$${string}`, ExpressionOperator>>;

/** The scope with further variables. */
export function withVariables(scope: Scope, added: Iterable<readonly [string, unknown]>): Scope {
  return { ...scope, variables: new Map([...scope.variables, ...added]) };
}

/** @throws {CommandError} `BadValue` if the array is longer than one operator may make it. */
export function boundedArray(array: unknown[], name: string): unknown[] {
  if (array.length > arrayElementsMax) {
    throw new CommandError('BadValue', `${name} makes an array of more than ${arrayElementsMax} elements`);
  }
  return array;
}

/** @throws {CommandError} `BadValue` if the string is longer than one operator may make it. */
export function boundedString(text: string, name: string): string {
  if (text.length > stringUnitsMax) {
    throw new CommandError('BadValue', `${name} makes a string of more than ${stringUnitsMax} characters`);
  }
  return text;
}
