// The walk over a rule before anything evaluates it: closed list of operators, plain data, sizes, operands, types, variables.
// It copies and freezes what it accepts, so that nobody can change or compute a rule after it was checked.
import { toPointer } from '../errors/json-pointer.js';
import { didYouMean } from './did-you-mean.js';
import type { ExpressionProblem, expressionErrors } from './expression-errors.js';
import { expressionLimits } from './expression-limits.js';
import {
  type ExpressionType,
  type Operand,
  operandAt,
  operandCounts,
  type Operator,
  type OperatorRegistry,
} from './operator.js';
import { checkTogether } from './known-operands.js';
import { noteEquals } from './note-equals.js';
import { checkOperand } from './operand-types.js';
import { forbiddenNames, isPlainObject } from './plain-data.js';

/** A variable that an expression reads. */
export interface Read {
  /** Path from the scope; `*` stands for each item of a list: `order.lines.*.sku`. */
  readonly path: string;
  /** JSON pointer to the operator that reads it. */
  readonly pointer: string;
  /** Whether it may be missing: it has a default, or the operator is about missing variables. */
  readonly optional: boolean;
  /** The element that is asked for by its name; the path is `$flow`. */
  readonly asksFor?: string;
  /** What it is compared with for equality, as far as it is written down. */
  readonly equals?: readonly Literal[];
}

/** A value that is written down, with the JSON pointer to it. */
export interface Literal {
  readonly value: unknown;
  readonly pointer: string;
}

export interface CheckedRule {
  /** The frozen copy. */
  readonly rule: unknown;
  readonly type: ExpressionType;
}

/** What a check knows and collects; several rules that make up one expression share it. */
export interface RuleCheck {
  readonly operators: OperatorRegistry;
  readonly typeOf: (path: string) => ExpressionType | undefined;
  readonly problems: ExpressionProblem[];
  readonly reads: Read[];
  readonly pointers: WeakMap<object, string>;
  /** Whether a variable's path is computed, so that `reads` can't list it. */
  readsMore: boolean;
  /** What its operators look up by themselves. */
  readonly sees: Set<string>;
  /** Whether that may be anything. */
  seesAll: boolean;
  nodes: number;
  /** Where the rule begins that is being checked. */
  root: string;
}

/** Where the walk is: how deep, and what a path without `$` starts from. */
interface Place {
  readonly depth: number;
  /** Path of the item in an iteration; `''` is the scope itself, undefined when it can't be known. */
  readonly base: string | undefined;
  /** In the body of `reduce`: the path of the items, or undefined when it can't be known. */
  readonly reduces?: { readonly item: string | undefined };
  readonly optional: boolean;
}

const refused: Readonly<Record<string, string>> = {
  log: 'log is not offered: an expression has nowhere to write to; the journal has the truth table',
  method: 'method is not offered: it would run code that comes with the data',
  try: 'try is not offered: it would hide mistakes; give defaults with ?? or var',
  throw: 'throw is not offered: use an element that raises an error',
};

/** Operators for which a variable that does not exist is an ordinary operand. */
const optionalReaders = new Set(['??', 'isNull', 'isBlank', 'isEmpty', 'wasSet']);

/** Operators that ask what has become of an element, which their first operand names. */
const elementReaders = new Set(['wasVisited', 'hasError']);

const plainData = 'null, true, false, a finite number, text, a list or a plain object';

const nothing: CheckedRule = { rule: null, type: 'unknown' };

/** Checks a rule that stands at a JSON pointer; problems are collected, never thrown. */
export function checkRule(rule: unknown, pointer: string, check: RuleCheck): CheckedRule {
  check.root = pointer;
  return walk(rule, pointer, { depth: 0, base: '', optional: false }, check);
}

export function newRuleCheck(
  operators: OperatorRegistry,
  typeOf: RuleCheck['typeOf'] = () => undefined,
): RuleCheck {
  return {
    operators,
    typeOf,
    problems: [],
    reads: [],
    pointers: new WeakMap(),
    readsMore: false,
    sees: new Set(),
    seesAll: false,
    nodes: 0,
    root: '',
  };
}

function walk(value: unknown, pointer: string, place: Place, check: RuleCheck): CheckedRule {
  if (!enter(pointer, place.depth, check)) return nothing;
  if (value === null) return { rule: null, type: 'null' };
  if (typeof value === 'boolean') return { rule: value, type: 'boolean' };
  if (typeof value === 'number' && Number.isFinite(value)) return { rule: value, type: 'number' };
  if (typeof value === 'string') return walkText(value, pointer, check);
  if (Array.isArray(value)) {
    const items = listItems(value, pointer, check).map(
      (item, index) =>
        walk(item, `${pointer}/${index}`, { ...place, depth: place.depth + 1, optional: false }, check).rule,
    );
    return { rule: Object.freeze(items), type: 'list' };
  }
  if (!isPlainObject(value)) {
    report(
      check,
      pointer,
      'data-invalid',
      typeof value === 'number'
        ? 'the number is larger than any that JSON can hold'
        : `${typeof value === 'object' ? 'a class instance' : typeof value} is not JSON`,
      plainData,
    );
    return nothing;
  }
  const entries = ownEntries(value, pointer, check);
  const [entry] = entries;
  if (entries.length !== 1 || entry === undefined) return walkLiteral(entries, pointer, place.depth, check);
  return walkOperator(entry[0], entry[1], pointer, place, check);
}

/** Counts a value; false once the rule is too long or too deep, which is reported once. */
function enter(pointer: string, depth: number, check: RuleCheck): boolean {
  check.nodes += 1;
  const { nodesMax, depthMax } = expressionLimits;
  if (check.nodes === nodesMax + 1) {
    report(
      check,
      check.root,
      'too-many-nodes',
      `the expression has more than ${nodesMax} values`,
      `at most ${nodesMax} values`,
    );
  }
  if (depth === depthMax + 1) {
    report(check, pointer, 'too-deep', `nested more than ${depthMax} deep`, `at most ${depthMax} levels`);
  }
  return check.nodes <= nodesMax && depth <= depthMax;
}

function walkText(text: string, pointer: string, check: RuleCheck): CheckedRule {
  const { literalCharsMax } = expressionLimits;
  if (text.length > literalCharsMax) {
    report(
      check,
      pointer,
      'text-too-long',
      `the text has ${text.length} characters`,
      `at most ${literalCharsMax} characters`,
    );
  }
  return { rule: text, type: 'string' };
}

function walkOperator(
  name: string,
  value: unknown,
  pointer: string,
  place: Place,
  check: RuleCheck,
): CheckedRule {
  const at = pointer + toPointer([name]);
  const operator = check.operators.get(name);
  if (operator === undefined) {
    reportUnknown(name, at, check);
    return nothing;
  }
  if (operator.sees === undefined) check.seesAll = true;
  else for (const seen of operator.sees) check.sees.add(seen);
  // `preserve` takes its one operand as it stands, be it a list.
  if (operator.operands[0]?.kind === 'raw') return walkRaw(name, value, at, place, check);
  const listed = Array.isArray(value);
  const given = listed ? listItems(value, at, check) : [value];
  if (!checkCount(operator, given.length, listed, at, check)) return nothing;
  const checkedOperands: CheckedRule[] = [];
  const operands: unknown[] = [];
  const problemsBefore = check.problems.length;
  for (const [index, operand] of given.entries()) {
    const kind = operandAt(operator, index)!;
    const operandPointer = listed ? `${at}/${index}` : at;
    const checked = walk(operand, operandPointer, placeOf(operator, kind, operands, place), check);
    operands.push(checked.rule);
    checkedOperands.push(checked);
    if (index === 0 && elementReaders.has(name) && typeof checked.rule === 'string')
      check.reads.push({ path: '$flow', pointer: operandPointer, optional: true, asksFor: checked.rule });
    checkOperand(kind, checked, (detail, expected) => {
      report(check, operandPointer, 'operand-invalid', `${name}: ${detail}`, expected);
    });
  }
  if (check.problems.length === problemsBefore) {
    checkTogether(operator, checkedOperands, (detail, expected) => {
      report(check, at, 'operand-invalid', detail, expected);
    });
  }
  noteEquals(name, operands, at, check.reads);
  const rule = Object.freeze({ [name]: listed ? Object.freeze(operands) : operands[0] });
  check.pointers.set(rule, at);
  const path = collectReads(operator, operands, at, place, check);
  const known = path === undefined ? undefined : check.typeOf(path);
  return {
    rule,
    type:
      known ??
      (typeof operator.result === 'function'
        ? operator.result(checkedOperands.map(({ type }) => type))
        : operator.result),
  };
}

function walkRaw(name: string, value: unknown, pointer: string, place: Place, check: RuleCheck): CheckedRule {
  const literal = copyLiteral(value, pointer, place.depth + 1, check, true);
  const rule = Object.freeze({ [name]: Object.freeze([literal]) });
  check.pointers.set(rule, pointer);
  return { rule, type: Array.isArray(literal) ? 'list' : 'unknown' };
}

/** What an operand sees: bodies see the items of the list that was checked before them. */
function placeOf(operator: Operator, { kind }: Operand, before: readonly unknown[], place: Place): Place {
  const inside = { depth: place.depth + 1, optional: optionalReaders.has(operator.name) };
  if (kind !== 'body') return { ...place, ...inside };
  const list = pathOf(before[0], place);
  const item = list === undefined ? undefined : join(list, '*');
  return operator.name === 'reduce'
    ? { ...inside, optional: false, base: undefined, reduces: { item } }
    : { ...inside, optional: false, base: item };
}

/** The path from the scope that a checked `var` names, if it can be known. */
function pathOf(rule: unknown, place: Place): string | undefined {
  if (!isPlainObject(rule) || !Object.hasOwn(rule, 'var')) return undefined;
  const operand = rule['var'];
  const written: unknown = Array.isArray(operand) ? (operand[0] ?? '') : operand;
  return absolute(written === null ? '' : written, place);
}

function absolute(written: unknown, place: Place): string | undefined {
  const path = typeof written === 'number' ? String(written) : written;
  if (typeof path !== 'string') return undefined;
  if (path === '$root') return '';
  if (path.startsWith('$root.')) return path.slice('$root.'.length);
  if (path.startsWith('$')) return path;
  if (place.reduces !== undefined) {
    if (path !== 'current' && !path.startsWith('current.')) return undefined;
    return place.reduces.item === undefined ? undefined : place.reduces.item + path.slice('current'.length);
  }
  return place.base === undefined ? undefined : join(place.base, path);
}

function join(base: string, path: string): string {
  return base === '' ? path : path === '' ? base : `${base}.${path}`;
}

/** Notes which variables an operator reads; of a `var` the path, if it is known. */
function collectReads(
  { name }: Operator,
  operands: readonly unknown[],
  pointer: string,
  place: Place,
  check: RuleCheck,
): string | undefined {
  if (name === 'var') {
    const [path = ''] = operands;
    return readPath(path, pointer, operands.length > 1 || place.optional, place, check);
  }
  // It is compared with what it was before.
  if (name === 'isChanged') check.reads.push({ path: '$recordPrior', pointer, optional: true });
  if (name === 'missing' || name === 'missing_some') {
    const paths = name === 'missing' ? operands : [operands[1]];
    for (const path of paths.flat()) readPath(path, pointer, true, place, check);
  }
  if (name === 'val' || name === 'exists') {
    if (operands.every((part) => typeof part === 'string' || typeof part === 'number')) {
      readPath(operands.join('.'), pointer, name === 'exists' || place.optional, place, check);
    } else {
      check.readsMore = true;
    }
  }
  return undefined;
}

function readPath(
  written: unknown,
  pointer: string,
  optional: boolean,
  place: Place,
  check: RuleCheck,
): string | undefined {
  if (typeof written === 'object' && written !== null) {
    check.readsMore = true;
    return undefined;
  }
  const path = absolute(written ?? '', place);
  const names = String(written ?? '').split('.');
  if (
    names.some((name) => forbiddenNames.has(name)) ||
    String(written).length > expressionLimits.pathCharsMax
  ) {
    report(
      check,
      pointer,
      'variable-invalid',
      `${JSON.stringify(String(written).slice(0, 60))} can't be a variable`,
      'a path of names',
    );
    return undefined;
  }
  if (names.includes('*')) {
    const expected = 'a position such as 0, or an operator such as map';
    report(check, pointer, 'variable-invalid', '* is no name: a variable is one value', expected);
    return undefined;
  }
  const isOfReduce = names[0] === '' || names[0] === 'current' || names[0] === 'accumulator';
  if (place.reduces !== undefined && path === undefined && !isOfReduce && !optional) {
    const detail = `reduce has no ${names[0]}, only current and accumulator`;
    report(check, pointer, 'variable-invalid', detail, 'current, accumulator, or $root', `$root.${written}`);
    return undefined;
  }
  if (path !== undefined) check.reads.push({ path, pointer, optional });
  return path;
}

function checkCount(
  operator: Operator,
  count: number,
  listed: boolean,
  pointer: string,
  check: RuleCheck,
): boolean {
  const { least, most } = operandCounts(operator);
  const takesMany = operator.lazy === true && (most > 2 || least > 1) && operator.name !== '??';
  if (count >= least && count <= most && (listed || !takesMany)) return true;
  const expected =
    most === Number.POSITIVE_INFINITY
      ? `at least ${least}`
      : least === most
        ? `${least}`
        : `${least} to ${most}`;
  const how = listed ? `${count} operands` : 'one operand that is not in a list';
  report(
    check,
    pointer,
    'operand-count',
    `${operator.name} is given ${how}`,
    `a list of ${expected} operands`,
  );
  return false;
}

/** A literal object: data as it stands. Logic in it would never be evaluated, so it is refused. */
function walkLiteral(
  entries: readonly [string, unknown][],
  pointer: string,
  depth: number,
  check: RuleCheck,
): CheckedRule {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of entries) {
    copy[name] = copyLiteral(value, pointer + toPointer([name]), depth + 1, check, false);
  }
  const names = Object.keys(copy);
  const money =
    names.length === 2 && typeof copy['amount'] === 'string' && typeof copy['currency'] === 'string';
  return { rule: Object.freeze(copy), type: money ? 'money' : 'object' };
}

function copyLiteral(
  value: unknown,
  pointer: string,
  depth: number,
  check: RuleCheck,
  preserved: boolean,
): unknown {
  if (typeof value !== 'object' || value === null) {
    return walk(value, pointer, { depth, base: undefined, optional: false }, check).rule;
  }
  if (!enter(pointer, depth, check)) return null;
  if (Array.isArray(value)) {
    return Object.freeze(
      listItems(value, pointer, check).map((item, index) =>
        copyLiteral(item, `${pointer}/${index}`, depth + 1, check, preserved),
      ),
    );
  }
  if (!isPlainObject(value)) {
    report(check, pointer, 'data-invalid', 'a class instance is not JSON', plainData);
    return null;
  }
  const entries = ownEntries(value, pointer, check);
  const [entry] = entries;
  if (
    !preserved &&
    entries.length === 1 &&
    entry !== undefined &&
    check.operators.get(entry[0]) !== undefined
  ) {
    report(
      check,
      pointer,
      'logic-in-literal',
      `${entry[0]} inside a literal object is not evaluated`,
      'data, or {"object": …}',
    );
  }
  const copy: Record<string, unknown> = {};
  for (const [name, part] of entries) {
    copy[name] = copyLiteral(part, pointer + toPointer([name]), depth + 1, check, preserved);
  }
  return Object.freeze(copy);
}

/** Items of a list, read without running code; a hole or a getter is a problem. */
function listItems(list: readonly unknown[], pointer: string, check: RuleCheck): unknown[] {
  const { nodesMax } = expressionLimits;
  const items: unknown[] = [];
  // One more than fits is enough to be refused for its length.
  for (let index = 0; index < Math.min(list.length, nodesMax + 1); index += 1) {
    const property = Object.getOwnPropertyDescriptor(list, index);
    if (property === undefined || !('value' in property)) {
      report(check, `${pointer}/${index}`, 'data-invalid', 'a list has a hole or a getter', plainData);
      continue;
    }
    items.push(property.value);
  }
  return items;
}

function ownEntries(value: object, pointer: string, check: RuleCheck): [string, unknown][] {
  const entries: [string, unknown][] = [];
  for (const key of Reflect.ownKeys(value).slice(0, expressionLimits.nodesMax + 1)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (typeof key === 'symbol' || property === undefined || !('value' in property) || key === '__proto__') {
      report(
        check,
        pointer + toPointer([String(key)]),
        'data-invalid',
        `${String(key).slice(0, 60)} is not a plain property`,
        plainData,
      );
    } else {
      entries.push([key, property.value]);
    }
  }
  return entries;
}

function reportUnknown(name: string, pointer: string, check: RuleCheck): void {
  const reason = Object.hasOwn(refused, name) ? refused[name] : undefined;
  if (reason !== undefined) {
    report(check, pointer, 'operator-refused', reason, 'an operator of docs/expressions.md');
    return;
  }
  const near = didYouMean(name, check.operators.names());
  report(
    check,
    pointer,
    'operator-unknown',
    `there is no operator ${JSON.stringify(name.slice(0, 60))}`,
    'an operator',
    near,
  );
}

type Code = Parameters<typeof expressionErrors.error>[0];

function report(
  check: RuleCheck,
  pointer: string,
  code: Code,
  detail: string,
  expected: string,
  near?: string,
): void {
  check.problems.push({
    pointer,
    code: `expression.${code}`,
    detail: near === undefined ? detail : `${detail}; did you mean ${JSON.stringify(near)}?`,
    expected,
    ...(near === undefined ? {} : { didYouMean: near }),
  });
}
