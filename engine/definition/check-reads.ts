// Whether everything that expressions read is there: declared, with that part, and set before it is read.
import type { CompiledRead } from '../compile/compile-work.js';
import type { CompileProblem, OutputSite } from '../elements/element.js';
import { Suggestions } from '../expressions/did-you-mean.js';
import type { Expression } from '../expressions/index.js';
import type { RecordType } from '../ports/records.js';
import type { FlowDefinition, Schema } from './flow.js';
import { neverEqual } from './never-equal.js';
import { faultMark, type GraphNode, type Past } from './paths.js';
import { schemaAt } from './schema-path.js';

export interface ReadsCheck {
  readonly definition: FlowDefinition;
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly pasts: ReadonlyMap<string, Past>;
  readonly formulas: ReadonlyMap<string, Expression>;
  readonly records: ReadonlyMap<string, RecordType>;
  /** Those that there are. Absent where permissions aren't checked. */
  readonly permissions?: ReadonlySet<string>;
  readonly outputs: OutputSite;
  /** Names whose declaration is wrong; nothing more is said of them. */
  readonly ghosts: ReadonlySet<string>;
  readonly report: (problem: CompileProblem) => void;
}

const globals = new Set([
  '$record',
  '$recordPrior',
  '$user',
  '$permission',
  '$flow',
  '$now',
  '$error',
  '$calendar',
  '$visits',
  '$event',
]);
const errorFields = ['code', 'detail', 'frame', 'element', 'visit', 'data'];
const flowFields = ['name', 'version', 'run', 'startedAt', 'visited', 'errors', 'stage', 'stages'];

const fieldsOfGlobals: ReadonlyMap<string, readonly string[]> = new Map([
  ['$flow', flowFields],
  ['$error', errorFields],
]);

interface Check extends ReadsCheck {
  readonly suggestions: Suggestions;
  /** All that is found by its name alone. */
  readonly declared: Readonly<Record<string, unknown>>;
  /** Schema of `$visits`. */
  readonly visits: Schema;
  /** Outputs of elements, each asked for once. */
  readonly known: Map<string, Schema | 'none' | undefined>;
}

export function checkReads(reads: readonly CompiledRead[], given: ReadsCheck): void {
  const names = Object.keys(given.definition.elements);
  const visits = {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(names.map((name) => [name, { type: 'integer' }])),
  };
  /** Paths of reads that something is wrong with. */
  const wrong = new Set<string>();
  let path = '';
  const check: Check = {
    ...given,
    report(problem) {
      wrong.add(path);
      given.report(problem);
    },
    suggestions: new Suggestions(),
    declared: declaredBy(given.definition),
    visits,
    known: new Map(),
  };
  for (const read of reads) {
    if (read.itemOf !== undefined && wrong.has(read.itemOf)) continue;
    path = read.path;
    const [root = '', ...rest] = path.split('.');
    if (root === '' || check.ghosts.has(root)) continue;
    if (read.asksFor !== undefined) checkElement(read.asksFor, read, check);
    if (read.choices === undefined) {
      if (root.startsWith('$')) checkGlobal(root, rest, read, check);
      else checkName(root, rest, read, check);
    }
    checkTime(root, read, check);
  }
}

const declaredBy = ({ variables, constants, formulas, texts, elements }: FlowDefinition) => ({
  ...variables,
  ...constants,
  ...formulas,
  ...texts,
  ...elements,
});

function checkName(root: string, rest: readonly string[], read: CompiledRead, check: Check): void {
  const { definition } = check;
  const variable = ownOf(definition.variables, root);
  if (variable !== undefined) {
    checkPath(variable.schema, root, rest, read, check);
    return;
  }
  if (definition.constants !== undefined && Object.hasOwn(definition.constants, root)) {
    checkPath(schemaOf(definition.constants[root]), root, rest, read, check);
    return;
  }
  if (ownOf(definition.formulas, root) !== undefined) return;
  if (ownOf(definition.texts, root) !== undefined) {
    checkPath({ type: 'string' }, root, rest, read, check);
    return;
  }
  if (Object.hasOwn(definition.elements, root)) {
    const output = outputOf(root, check);
    if (output === 'none') {
      check.report({
        code: 'flow.output-none',
        pointer: read.pointer,
        detail: `${root} has no output that could be read`,
        expected: 'a variable, or an element with an output',
      });
    } else if (output !== undefined) {
      checkPath(output, root, rest, read, check);
    }
    return;
  }
  const near = globals.has(`$${root}`) ? `$${root}` : check.suggestions.for(root, check.declared);
  check.report({
    code: 'flow.variable-unknown',
    pointer: read.pointer,
    detail: `there is no variable, constant, formula, text or element ${JSON.stringify(root)}`,
    expected: 'a name that is declared in this flow',
    ...(near === undefined ? {} : { didYouMean: [near, ...rest].join('.') }),
  });
}

function outputOf(element: string, { known, nodes, outputs }: Check): Schema | 'none' | undefined {
  if (known.has(element)) return known.get(element);
  const node = nodes.get(element);
  const output = node?.type.output?.(node.definition, outputs);
  known.set(element, output);
  return output;
}

function checkGlobal(root: string, rest: readonly string[], read: CompiledRead, check: Check): void {
  const { trigger } = check.definition.start;
  if (!globals.has(root)) {
    const bare = root.slice(1);
    const near = Object.hasOwn(check.declared, bare) ? bare : check.suggestions.for(root, globals);
    check.report({
      code: 'flow.global-unknown',
      pointer: read.pointer,
      detail: `there is no global ${JSON.stringify(root)}`,
      expected: `one of ${[...globals].join(', ')}`,
      ...(near === undefined ? {} : { didYouMean: [near, ...rest].join('.') }),
    });
    return;
  }
  const fields = fieldsOfGlobals.get(root);
  if (fields !== undefined) {
    const stages = (check.definition.stages ?? []).map(({ name }) => name);
    const properties = {
      ...Object.fromEntries(fields.map((name) => [name, {}])),
      ...(root === '$flow' ? { stage: { enum: [...stages, null] } } : {}),
    };
    checkPath({ type: 'object', additionalProperties: false, properties }, root, rest, read, check);
    return;
  }
  if (root === '$permission' && rest.length > 0) checkPermission(rest.join('.'), read, check);
  if (root === '$visits') checkPath(check.visits, root, rest, read, check);
  if (root === '$now') checkPath({ type: 'string' }, root, rest, read, check);
  if (root === '$event' && read.told !== undefined) checkPath(read.told, root, rest, read, check);
  else if (root === '$event' && trigger.type !== 'event') {
    reportNoRecord(
      root,
      'a trigger of type event, or the condition of a signal or an event that is waited for',
      read,
      check,
    );
  }
  if (root !== '$record' && root !== '$recordPrior') return;
  const record = 'record' in trigger ? trigger.record : undefined;
  if (record === undefined || (root === '$recordPrior' && trigger.type !== 'recordChange')) {
    const expected = root === '$record' ? 'a trigger with "record"' : 'a trigger of type recordChange';
    reportNoRecord(root, expected, read, check);
    return;
  }
  const type = check.records.get(record);
  if (type === undefined) return;
  const properties = { id: { type: 'string' }, ...(type.schema['properties'] as object | undefined) };
  checkPath({ ...type.schema, type: 'object', properties }, root, rest, read, check);
}

/** An element that there is not has never been visited, and the rule would never tell. */
function checkElement(name: string, { pointer }: CompiledRead, check: Check): void {
  const { definition, ghosts, suggestions, report } = check;
  if (Object.hasOwn(definition.elements, name) || ghosts.has(name)) return;
  const near = suggestions.for(name, definition.elements);
  report({
    code: 'flow.element-unknown',
    pointer,
    detail: `there is no element ${JSON.stringify(name.slice(0, 80))}`,
    expected: 'the name of an element of this flow',
    ...(near === undefined ? {} : { didYouMean: near }),
  });
}

function checkPermission(
  name: string,
  read: CompiledRead,
  { permissions, suggestions, report }: Check,
): void {
  if (permissions === undefined || permissions.has(name)) return;
  const near = suggestions.for(name, permissions);
  report({
    code: 'flow.permission-unknown',
    pointer: read.pointer,
    detail: `there is no permission ${JSON.stringify(name)}`,
    expected: 'a permission that is declared',
    ...(near === undefined ? {} : { didYouMean: `$permission.${near}` }),
  });
}

function reportNoRecord(root: string, expected: string, read: CompiledRead, check: ReadsCheck): void {
  check.report({
    code: 'flow.record-missing',
    pointer: read.pointer,
    detail: `this flow has no ${root}`,
    expected,
  });
}

function checkPath(
  schema: Schema,
  root: string,
  rest: readonly string[],
  read: CompiledRead,
  check: Check,
): void {
  const found = schemaAt(schema, rest, root, check.suggestions);
  if (found.kind === 'known') checkEquals(found.schema, read, check);
  if (found.kind !== 'missing' || read.optional) return;
  const { detail, expected, didYouMean: near } = found;
  check.report({
    code: 'flow.path-unknown',
    pointer: read.pointer,
    detail,
    expected,
    ...(near === undefined ? {} : { didYouMean: near }),
  });
}

/** What a variable never is, it can be compared with, and the rule would never tell. */
function checkEquals(schema: Schema, { path, equals = [] }: CompiledRead, check: Check): void {
  for (const { value, pointer } of equals) {
    const problem = neverEqual(path, schema, value, check.suggestions);
    if (problem !== undefined) check.report({ ...problem, pointer });
  }
}

/** Outputs, and `$error`, are there only after something has happened. */
function checkTime(root: string, read: CompiledRead, check: ReadsCheck): void {
  const isElsewhere = /^\/(formulas|texts|choices)\//.test(read.pointer);
  // A formula is evaluated where it is read, and choices where they are offered, which counts as reads of its own.
  if (isElsewhere || read.optional) return;
  // What waits may look at what it has read itself before.
  if (root === read.element && check.nodes.get(root)?.type.parks === true) return;
  const past = read.element === undefined ? nothingHappened : check.pasts.get(read.element);
  if (past === undefined) return;
  for (const { name, by } of momentary(read, check)) {
    const through = readersOf(by);
    const how = through.length === 0 ? '' : ` (read by ${through.join(', read by ')})`;
    if (name.startsWith(visitsMark)) {
      if (read.element !== undefined) continue;
      check.report({
        code: 'flow.output-unset',
        pointer: read.pointer,
        detail: `${name.slice(visitsMark.length)}${how} has never been visited here`,
        expected: 'a default, or a place in an element',
      });
      continue;
    }
    if (past.always.has(name)) continue;
    const what = name === faultMark ? faultMark : `the output of ${name}`;
    if (!past.sometimes.has(name)) {
      check.report({
        code: 'flow.output-unset',
        pointer: read.pointer,
        detail: `${what}${how} is never set here`,
        expected: name === faultMark ? 'a place that a fault path leads to' : `a place after ${name}`,
      });
    } else if (name !== faultMark) {
      check.report({
        code: 'flow.output-maybe-unset',
        pointer: read.pointer,
        detail: `${what}${how} is not set on every path to here`,
        expected: `a default, or a place that is reached only after ${name}`,
      });
    }
  }
}

const nothingHappened: Past = { always: new Set(), sometimes: new Set() };

const visitsMark = '$visits.';

/** What a path reads: a name, or the number of visits of an element. */
const nameOf = (path: string): string => path.split('.', path.startsWith(visitsMark) ? 2 : 1).join('.');

/** A name, and the formula or the choices that it is read by, if it is. */
interface Reached {
  readonly name: string;
  readonly by?: Reached;
}

/** The elements whose outputs or visits a read stands for, directly or through formulas. */
function* momentary({ path: first, choices }: CompiledRead, check: ReadsCheck): Generator<Reached> {
  const seen = new Set<string>();
  const open: Reached[] = [
    { name: nameOf(first), ...(choices === undefined ? {} : { by: { name: choices } }) },
  ];
  for (let reached = open.pop(); reached !== undefined; reached = open.pop()) {
    const { name } = reached;
    if (seen.has(name)) continue;
    seen.add(name);
    const isOutput = check.nodes.has(name) && !declares(check.definition, name);
    const isVisits = name.startsWith(visitsMark) && check.nodes.has(name.slice(visitsMark.length));
    if (name === faultMark || isOutput || isVisits) {
      yield reached;
      continue;
    }
    for (const { path, optional } of check.formulas.get(name)?.reads.toReversed() ?? []) {
      if (!optional) open.push({ name: nameOf(path), by: reached });
    }
  }
}

const readersMax = 10;

/** The formulas through which something is read, the nearest first; of many some. */
function readersOf(reader: Reached | undefined): string[] {
  const names: string[] = [];
  for (let one = reader; one !== undefined; one = one.by) {
    if (names.length === readersMax) return [...names, '…'];
    names.push(one.name);
  }
  return names;
}

const declares = ({ variables, constants, formulas, texts }: FlowDefinition, name: string): boolean =>
  [variables, constants, formulas, texts].some((part) => part !== undefined && Object.hasOwn(part, name));

const ownOf = <Value>(part: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined =>
  part !== undefined && Object.hasOwn(part, name) ? part[name] : undefined;

/** What is known of a constant from its value. */
function schemaOf(value: unknown): Schema {
  if (Array.isArray(value)) return { type: 'array' };
  if (value === null) return {};
  if (typeof value !== 'object') return { type: typeof value };
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(
      Object.entries(value as object).map(([name, part]) => [name, schemaOf(part)]),
    ),
  };
}
