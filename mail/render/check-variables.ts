// Checks each variable of a part against the template's schema: that it exists, is of the type that the helper takes,
// and, where it is optional, is printed only inside an {{#if}} that asks for it.
import { didYouMean } from '../../engine/expressions/did-you-mean.js';
import { type ArgumentKind, helperOf } from './helper-table.js';
import type { ProblemList, Say } from './problem-list.js';
import type { ExpressionNode, PairNode, PathNode, ProgramNode, StatementNode } from './syntax.js';
import { resolveSchema, type VariableSchema } from './variable-schema.js';

/** The parsed partials that this part may call, with the file of each. */
export type ParsedPartials = ReadonlyMap<string, { readonly file: string; readonly program: ProgramNode }>;

/** Something a path led to. */
interface Found {
  readonly schema: VariableSchema;
  /** The keys of the steps that may be missing. */
  readonly optional: readonly string[];
  readonly key: string;
}

interface Scope {
  /** Names the scope in guards. */
  readonly id: number;
  readonly context: VariableSchema;
  readonly parent: Scope | undefined;
  readonly names: ReadonlyMap<string, Found>;
  readonly inList: boolean;
}

const text: VariableSchema = { type: 'string' };
const count: VariableSchema = { type: 'integer' };
const truth: VariableSchema = { type: 'boolean' };

export class VariableCheck {
  readonly #root: VariableSchema;
  readonly #partials: ParsedPartials;
  readonly #problems: ProblemList;
  #scopes = 0;
  #say: Say;
  #isPartial = false;

  constructor(root: VariableSchema, partials: ParsedPartials, problems: ProblemList) {
    this.#root = root;
    this.#partials = partials;
    this.#problems = problems;
    this.#say = () => {};
  }

  check(file: string, program: ProgramNode): void {
    this.#say = this.#problems.in(file);
    this.#scopes = 0;
    this.#program(program, this.#scope(this.#root, undefined, new Map(), false), new Set());
  }

  #scope(
    context: VariableSchema,
    parent: Scope | undefined,
    names: ReadonlyMap<string, Found>,
    inList: boolean,
  ): Scope {
    this.#scopes += 1;
    return { id: this.#scopes, context, parent, names, inList };
  }

  #program(program: ProgramNode | undefined | null, scope: Scope, guards: ReadonlySet<string>): void {
    for (const statement of program?.body ?? []) this.#statement(statement, scope, guards);
  }

  #statement(node: StatementNode, scope: Scope, guards: ReadonlySet<string>): void {
    if (node.type === 'MustacheStatement') {
      const isCall = node.params.length > 0 || node.hash !== undefined;
      if (isCall) this.#call(node, scope, guards);
      else this.#value(node.path, 'text', scope, guards);
    } else if (node.type === 'BlockStatement') {
      this.#block(node, scope, guards);
    } else if (node.type === 'PartialStatement') {
      this.#partial(node.name, node.hash?.pairs ?? [], scope, guards);
    }
  }

  #block(
    node: Extract<StatementNode, { type: 'BlockStatement' }>,
    scope: Scope,
    guards: ReadonlySet<string>,
  ): void {
    const name = node.path.original;
    const [argument] = node.params;
    if (argument === undefined) return;
    if (name === 'if' || name === 'unless') {
      this.#value(argument, 'any', scope, guards);
      const [whenTrue, whenFalse] = this.#guardsOf(argument, scope);
      const [first, second] = name === 'if' ? [whenTrue, whenFalse] : [whenFalse, whenTrue];
      this.#program(node.program, scope, new Set([...guards, ...first]));
      this.#program(node.inverse, scope, new Set([...guards, ...second]));
      return;
    }
    const takes = name === 'each' ? 'list' : 'object';
    const found = this.#value(argument, takes, scope, guards);
    if (argument.type !== 'PathExpression') {
      // What is inside could not be checked: a text, say, has members of its own.
      this.#say(argument.loc.start, 'template.wrong-type', `${name} takes a variable only`, {
        expected: takes === 'list' ? 'a list' : 'an object',
      });
    }
    this.#program(node.inverse, scope, guards);
    if (found === undefined) return;
    const inner = name === 'each' ? (found.schema.items ?? {}) : found.schema;
    const context = resolveSchema(inner, this.#root) ?? {};
    const names = new Map(scope.names);
    const [item, index] = node.program?.blockParams ?? [];
    const inside = this.#scope(context, scope, names, name === 'each' || scope.inList);
    if (item !== undefined) names.set(item, { schema: context, optional: [], key: `${inside.id}` });
    if (index !== undefined) names.set(index, { schema: count, optional: [], key: `${inside.id}#` });
    this.#program(node.program, inside, guards);
  }

  /** What is known to be there where an expression is true, and where it is false. */
  #guardsOf(node: ExpressionNode, scope: Scope): [readonly string[], readonly string[]] {
    if (node.type === 'PathExpression') {
      const found = this.#find(node, scope, () => {});
      return [found === undefined ? [] : [found.key], []];
    }
    if (node.type !== 'SubExpression') return [[], []];
    const inner = node.params.map((param) => this.#guardsOf(param, scope));
    if (node.path.original === 'not') return [inner[0]?.[1] ?? [], inner[0]?.[0] ?? []];
    if (node.path.original === 'and') return [inner.flatMap(([yes]) => yes), []];
    if (node.path.original === 'or') return [[], inner.flatMap(([, no]) => no)];
    // What equals a literal is there.
    const equals = node.path.original === 'eq' && node.params.some((param) => param.type.endsWith('Literal'));
    return [equals ? inner.flatMap(([yes]) => yes) : [], []];
  }

  #call(
    node: {
      readonly path: PathNode;
      readonly params: readonly ExpressionNode[];
      readonly hash?: { readonly pairs: readonly PairNode[] };
    },
    scope: Scope,
    guards: ReadonlySet<string>,
  ): void {
    const helper = helperOf(node.path.original);
    if (helper === undefined) return;
    for (const param of node.params) this.#value(param, helper.takes, scope, guards);
    for (const { value } of node.hash?.pairs ?? []) this.#value(value, 'text', scope, guards);
  }

  /** Checks a value for its use; what it is, or undefined if that isn't known. */
  #value(
    node: ExpressionNode,
    takes: ArgumentKind,
    scope: Scope,
    guards: ReadonlySet<string>,
  ): Found | undefined {
    if (node.type === 'SubExpression') {
      this.#call(node, scope, guards);
      return undefined;
    }
    if (node.type !== 'PathExpression') return undefined;
    const found = this.#find(node, scope, this.#say);
    if (found === undefined) return undefined;
    const wanted = wrongType(found.schema, takes);
    if (wanted !== undefined) {
      this.#say(node.loc.start, 'template.wrong-type', `${shown(node)} is not ${wanted}`, {
        expected: takes === 'text' ? hintFor(found.schema) : wanted,
      });
    } else if (takes !== 'any' && takes !== 'list' && takes !== 'object') {
      const open = found.optional.find((path) => ![...guards].some((guard) => covers(guard, path)));
      if (open !== undefined) {
        this.#say(node.loc.start, 'template.optional-unguarded', `${shown(node)} may be missing`, {
          expected: `{{#if ${shown(node)}}}…{{/if}} around it, or the variable among "required"`,
        });
      }
    }
    return found;
  }

  #partial(name: PathNode, pairs: readonly PairNode[], scope: Scope, guards: ReadonlySet<string>): void {
    if (this.#isPartial) {
      this.#say(name.loc.start, 'template.partial-nested', 'a partial calls no other partial');
      return;
    }
    const names = new Map<string, Found>();
    for (const { key, value } of pairs) {
      const found = this.#value(value, 'any', scope, guards);
      const literal = value.type === 'NumberLiteral' ? count : value.type === 'BooleanLiteral' ? truth : text;
      const open = found?.optional.filter((path) => ![...guards].some((guard) => covers(guard, path))) ?? [];
      names.set(key, { schema: found?.schema ?? literal, optional: open, key: found?.key ?? `=${key}` });
    }
    const partial = this.#partials.get(name.original);
    if (partial === undefined) {
      this.#say(
        name.loc.start,
        'template.unknown-partial',
        `there is no partial ${name.original} for this part`,
        {
          expected: [...this.#partials.keys()].join(', ') || 'no partials',
          didYouMean: didYouMean(name.original, this.#partials.keys()),
        },
      );
      return;
    }
    const outer = this.#say;
    this.#say = this.#problems.in(partial.file);
    this.#isPartial = true;
    // The partial sees the caller's context, and the named values over it.
    this.#program(partial.program, { ...scope, names, parent: undefined }, guards);
    this.#isPartial = false;
    this.#say = outer;
  }

  #find(node: PathNode, scope: Scope, say: Say): Found | undefined {
    if (node.data) return this.#data(node, scope, say);
    let at: Scope | undefined = scope;
    for (let up = node.depth; up > 0; up -= 1) at = at?.parent;
    if (at === undefined) {
      say(node.loc.start, 'template.unknown-variable', `${shown(node)} leads above the outermost context`);
      return undefined;
    }
    const isScoped = /^(?:this\b|\.)/.test(node.original);
    const [first] = node.parts;
    const named = first === undefined || isScoped || node.depth > 0 ? undefined : at.names.get(first);
    if (named !== undefined) return this.#descend(named, node.parts.slice(1), node, say);
    return this.#descend({ schema: at.context, optional: [], key: `${at.id}` }, node.parts, node, say, at);
  }

  #data(node: PathNode, scope: Scope, say: Say): Found | undefined {
    const [name, ...rest] = node.parts;
    if (node.depth === 0 && name === 'root') {
      return this.#descend({ schema: this.#root, optional: [], key: '1' }, rest, node, say);
    }
    const known: Readonly<Record<string, VariableSchema>> = { index: count, first: truth, last: truth };
    const isKnown = node.depth === 0 && rest.length === 0 && scope.inList;
    if (isKnown && name !== undefined && Object.hasOwn(known, name)) {
      return { schema: known[name]!, optional: [], key: `@${name}` };
    }
    say(node.loc.start, 'template.unknown-variable', `there is no ${shown(node)} here`, {
      expected: scope.inList ? '@index, @first, @last, @root' : '@root',
    });
    return undefined;
  }

  #descend(
    from: Found,
    parts: readonly string[],
    node: PathNode,
    say: Say,
    scope?: Scope,
  ): Found | undefined {
    let schema = resolveSchema(from.schema, this.#root) ?? {};
    let { key } = from;
    const optional = [...from.optional];
    for (const [index, part] of parts.entries()) {
      if (schema.type === 'array' && part === 'length') {
        schema = count;
        key += '.length';
        continue;
      }
      const properties = schema.properties ?? {};
      if (!Object.hasOwn(properties, part)) {
        const names = [
          ...Object.keys(properties),
          ...(index === 0 && scope !== undefined ? scope.names.keys() : []),
        ];
        const guess = didYouMean(part, names);
        say(node.loc.start, 'template.unknown-variable', `the schema has no variable ${shown(node)}`, {
          expected: names.slice(0, 20).join(', ') || `no variables below ${parts.slice(0, index).join('.')}`,
          didYouMean:
            guess === undefined
              ? undefined
              : [...parts.slice(0, index), guess, ...parts.slice(index + 1)].join('.'),
        });
        return undefined;
      }
      key += `.${part}`;
      if (!(schema.required ?? []).includes(part)) optional.push(key);
      schema = resolveSchema(properties[part]!, this.#root) ?? {};
    }
    return { schema, optional, key };
  }
}

/** Whether asking for one path also asks for another that leads to it. */
const covers = (guard: string, path: string): boolean => guard === path || guard.startsWith(`${path}.`);

const shown = (node: PathNode): string => node.original.slice(0, 80);

/** What a value should have been, or undefined if it is. */
function wrongType(schema: VariableSchema, takes: ArgumentKind): string | undefined {
  const { type } = schema;
  switch (takes) {
    case 'any':
      return undefined;
    case 'text':
      return type === 'string' || type === 'number' || type === 'integer' ? undefined : 'a text or a number';
    case 'number':
      return type === 'string' || type === 'number' || type === 'integer' ? undefined : 'a number';
    case 'date':
      return type === 'string' && (schema.format === 'date' || schema.format === 'date-time')
        ? undefined
        : 'a text with format date or date-time';
    case 'money':
      return isMoneySchema(schema) ? undefined : 'money: an object with amount and currency';
    case 'list':
      return type === 'array' ? undefined : 'a list';
    case 'object':
      return type === 'object' ? undefined : 'an object';
  }
}

const isMoneySchema = ({ properties = {} }: VariableSchema): boolean =>
  Object.keys(properties).sort().join() === 'amount,currency';

function hintFor(schema: VariableSchema): string {
  if (isMoneySchema(schema)) return '{{money …}}';
  if (schema.type === 'array') return '{{#each …}}';
  if (schema.type === 'object') return 'one of its properties';
  return '{{#if …}}';
}
