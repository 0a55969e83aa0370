// What is collected while one flow is compiled, and what each element can ask meanwhile.
import type { Action } from '../actions/action.js';
import type { FlowDefinition, Schema } from '../definition/flow.js';
import { isOfRecord, readOnlyReason } from '../definition/record-target.js';
import { type CompiledChoice, compileChoice } from '../elements/choices.js';
import type { CompileProblem, CompileSite } from '../elements/element.js';
import { type Names, Suggestions } from '../expressions/did-you-mean.js';
import {
  checkConditions,
  checkExpression,
  checkText,
  compileExpression,
  type ConditionList,
  type Expression,
  type ExpressionCheck,
  type ExpressionOptions,
  type Read,
} from '../expressions/index.js';
import { describe } from '../expressions/operands.js';
import type { Registries } from './compile-flow.js';
import type { SchemaCheck } from './schemas.js';
import { typeOfVariable } from './variable-types.js';

/** A variable that an expression reads: `pointer` is where in the flow. */
export interface CompiledRead extends Read {
  /** The element that reads it. */
  readonly element?: string;
  /** The choices that read it, where the element offers them. */
  readonly choices?: string;
  /** It is part of the items of the list at this path, which is read, too: what is wrong with that is told there. */
  readonly itemOf?: string;
  /** It is read when something has been told: the schema of what is then `$event`. */
  readonly told?: Schema;
}

/** Stands for what is wrong and told of: it may be any value. */
const anything: Expression = { ...compileExpression(null), type: 'unknown', seesAll: true };

export class CompileWork {
  readonly #definition: FlowDefinition;
  readonly #registries: Registries;
  readonly report: (problem: CompileProblem) => void;
  readonly reads: CompiledRead[] = [];
  /** What has been compiled, with where it stands. */
  readonly expressions: { readonly expression: Expression; readonly pointer: string }[] = [];
  readonly called = new Set<string>();
  /** Variables that an element assigns. */
  readonly #assigned = new Map<string, Set<string>>();
  readsMore = false;
  /** As those of sites, with the pointer from the root of the flow; absent where flows are compiled only. */
  field: CompileSite['field'];
  target: CompileSite['target'] | undefined;
  useless: CompileSite['useless'];
  readonly #choices = new Map<
    string,
    { readonly compiled: CompiledChoice; readonly reads: readonly CompiledRead[] }
  >();
  readonly #suggestions = new Suggestions();
  readonly #actionNames: ReadonlySet<string>;

  constructor(definition: FlowDefinition, registries: Registries, report: (problem: CompileProblem) => void) {
    this.#definition = definition;
    this.#registries = registries;
    this.#actionNames = new Set(registries.actions.names());
    this.report = report;
  }

  schema(schema: Schema, pointer: string): SchemaCheck {
    try {
      return this.#registries.schemas.compile(schema);
    } catch (error) {
      this.report({
        code: 'flow.schema-invalid',
        pointer,
        detail: error instanceof Error ? error.message : String(error),
        expected: 'a JSON Schema such as {"type": "string"}, with keywords of its draft 2020-12 only',
      });
      return () => [];
    }
  }

  expression(rule: unknown, pointer: string, element?: string, told?: Schema): Expression {
    const isList = typeof rule === 'object' && rule !== null && 'conditions' in rule;
    const options = this.#options(pointer);
    const check = isList ? checkConditions(rule as ConditionList, options) : checkExpression(rule, options);
    return this.#noted(this.accept(check, element, told), pointer);
  }

  /** An expression that decides: what is the same each time, and neither true nor false, decides nothing. */
  condition(rule: unknown, pointer: string, element?: string, told?: Schema): Expression {
    if (typeof rule === 'string' || typeof rule === 'number' || Array.isArray(rule)) {
      this.report({
        code: 'flow.value-invalid',
        pointer,
        detail: `${describe(rule)} is no condition: it is the same whenever the flow runs`,
        expected: 'a comparison such as {">": [{"var": "total"}, 48]}, several joined by "and" or "or"',
      });
      return anything;
    }
    return this.expression(rule, pointer, element, told);
  }

  text(template: string, pointer: string, element?: string): Expression {
    return this.#noted(this.accept(checkText(template, this.#options(pointer)), element), pointer);
  }

  #noted(expression: Expression, pointer: string): Expression {
    this.expressions.push({ expression, pointer });
    return expression;
  }

  accept({ expression, problems }: ExpressionCheck, element?: string, told?: Schema): Expression {
    for (const { pointer, code, detail, expected, didYouMean: near } of problems) {
      this.report({
        code,
        pointer,
        detail,
        expected,
        ...(near === undefined ? {} : { didYouMean: near }),
      });
    }
    if (expression === undefined) return anything;
    for (const read of expression.reads) {
      this.reads.push({
        ...read,
        ...(element === undefined ? {} : { element }),
        ...(told === undefined ? {} : { told }),
      });
    }
    this.readsMore ||= expression.readsMore;
    return expression;
  }

  /** What is declared under a name, compiled once, and what it reads. */
  choice(name: string) {
    const { choices = {} } = this.#definition;
    const declared = Object.hasOwn(choices, name) ? choices[name] : undefined;
    if (declared === undefined) return undefined;
    const known = this.#choices.get(name);
    if (known !== undefined) return known;
    const before = this.reads.length;
    const at = `/choices/${name}`;
    const compiled = compileChoice(declared, {
      expression: (rule, pointer) => this.expression(rule, at + pointer),
      field: (type, field, pointer, value) => this.field?.(type, field, at + pointer, value),
      target: (path, pointer, value) => this.target?.(path, at + pointer, value),
      useless: (pointer, why) => this.useless?.(at + pointer, why),
      validator: (schema, pointer) => this.schema(schema, at + pointer),
      item: (list, field, pointer) => {
        const path = `${list}.*.${field}`;
        this.reads.push({ path, pointer: at + pointer, optional: false, itemOf: list });
        return typeOfVariable(this.#definition, this.#registries.records, path);
      },
      report: (problem) => this.report({ ...problem, pointer: at + problem.pointer }),
    });
    const choice = { compiled, reads: this.reads.slice(before) };
    this.#choices.set(name, choice);
    return choice;
  }

  /** Those that an element offers: what they read is read there. */
  #offered(name: string, element: string, pointer: string): CompiledChoice | undefined {
    const choice = this.choice(name);
    if (choice === undefined) {
      this.unknown('flow.choices-unknown', pointer, 'set of choices', name, this.#definition.choices ?? {});
    }
    for (const read of choice?.reads ?? []) this.reads.push({ ...read, pointer, element, choices: name });
    for (const variable of choice?.compiled.targets ?? []) this.#assign(element, variable);
    return choice?.compiled;
  }

  unknown(code: string, pointer: string, what: string, written: unknown, names: Names): void {
    const near = typeof written === 'string' ? this.#suggestions.for(written, names) : undefined;
    this.report({
      code,
      pointer,
      detail: `there is no ${what} ${JSON.stringify(written)}`,
      expected: `${what}: one that exists`,
      ...(near === undefined ? {} : { didYouMean: near }),
    });
  }

  /** Formulas and text templates by name, each after those that it reads. A circle is reported. */
  formulas(): Map<string, Expression> {
    const { formulas = {}, texts = {} } = this.#definition;
    const all = new Map<string, Expression>();
    for (const [name, { expression }] of Object.entries(formulas)) {
      all.set(name, this.expression(expression, `/formulas/${name}/expression`));
    }
    for (const [name, template] of Object.entries(texts))
      all.set(name, this.text(template, `/texts/${name}`));
    const sorted = new Map<string, Expression>();
    const open = new Set<string>();
    const stack: { readonly name: string; readonly expression: Expression; at: number }[] = [];
    const enter = (name: string): void => {
      const expression = all.get(name);
      if (expression === undefined || sorted.has(name)) return;
      if (open.has(name)) {
        const path = [...open, name];
        const shown = path.length > 20 ? [...path.slice(0, 10), '…', ...path.slice(-9)] : path;
        this.report({
          code: 'flow.formula-circle',
          pointer: name in formulas ? `/formulas/${name}` : `/texts/${name}`,
          detail: shown.join(' reads '),
          expected: 'formulas that do not read themselves',
        });
        return;
      }
      open.add(name);
      stack.push({ name, expression, at: 0 });
    };
    for (const root of all.keys()) {
      enter(root);
      // No recursion: they can read one another in a row as long as the file.
      for (let last = stack.at(-1); last !== undefined; last = stack.at(-1)) {
        const read = last.expression.reads[last.at];
        last.at += 1;
        if (read !== undefined) {
          enter(read.path.split('.')[0] ?? '');
          continue;
        }
        stack.pop();
        open.delete(last.name);
        sorted.set(last.name, last.expression);
      }
    }
    return sorted;
  }

  siteOf(name: string): CompileSite {
    const at = `/elements/${name}`;
    return {
      name,
      flow: this.#definition,
      expression: (rule, pointer, told) => this.expression(rule, at + pointer, name, told),
      condition: (rule, pointer, told) => this.condition(rule, at + pointer, name, told),
      text: (template, pointer) => this.text(template, at + pointer, name),
      check: (result) => this.accept(result, name),
      target: (path, pointer) => {
        this.#target(name, path, at + pointer);
        return undefined;
      },
      action: (action, pointer) => this.#action(action, at + pointer),
      calls: (flow) => {
        this.called.add(flow);
      },
      choice: (choice, pointer) => this.#offered(choice, name, at + pointer),
      validator: (schema, pointer) => this.schema(schema, at + pointer),
      report: (problem) => this.report({ ...problem, pointer: at + problem.pointer }),
    };
  }

  #options(pointer: string): ExpressionOptions {
    return {
      pointer,
      operators: this.#registries.operators,
      typeOf: (path) => typeOfVariable(this.#definition, this.#registries.records, path),
    };
  }

  assignedBy(element: string): ReadonlySet<string> {
    return this.#assigned.get(element) ?? new Set();
  }

  #target(element: string, path: string, pointer: string): void {
    if (isOfRecord(path)) {
      const reason = readOnlyReason(this.#definition, path, this.#registries.records);
      if (reason !== undefined) this.report({ ...reason, pointer });
      return;
    }
    const name = path.split('.')[0] ?? '';
    const { variables = {} } = this.#definition;
    if (Object.hasOwn(variables, name)) {
      this.#assign(element, name);
      return;
    }
    this.unknown('flow.variable-unknown', pointer, 'variable', name, variables);
  }

  #assign(element: string, variable: string): void {
    const assigned = this.#assigned.get(element) ?? new Set();
    this.#assigned.set(element, assigned.add(variable));
  }

  #action(name: string, pointer: string): Action | undefined {
    const action = this.#registries.actions.get(name);
    if (action === undefined) {
      this.unknown('flow.action-unknown', pointer, 'action', name, this.#actionNames);
    }
    return action;
  }
}
