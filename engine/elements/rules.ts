// Rules by name, compiled together and evaluated to one object.
import type { Json } from '../definition/flow.js';
import { toPointer } from '../errors/json-pointer.js';
import type { Expression } from '../expressions/index.js';
import type { CompileSite, Visit } from './element.js';

export type Rules = Readonly<Record<string, unknown>>;

/** Prepares the rules that stand at a pointer below the element. */
export function compileRules(rules: Rules | undefined, pointer: string, at: CompileSite): CompiledRules {
  return Object.entries(rules ?? {}).map(([name, rule]) => [
    name,
    at.expression(rule, pointer + toPointer([name])),
  ]);
}

export type CompiledRules = readonly (readonly [name: string, expression: Expression])[];

export function evaluateRules(rules: CompiledRules, visit: Visit): Record<string, Json> {
  return Object.fromEntries(rules.map(([name, expression]) => [name, visit.evaluate(expression)]));
}
