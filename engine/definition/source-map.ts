// The text of a flow file: read completely even where it is broken, with the line and column of every value in it.
import { createScanner, getLocation, type Node, type ParseError, parseTree } from 'jsonc-parser';
import { fromPointer, toPointer } from '../errors/json-pointer.js';
import { isHeld } from '../expressions/exact-number.js';
import { forbiddenNames } from '../expressions/plain-data.js';

/** A place in a text; lines and columns count from 1, columns in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** What is wrong with a text before anything is known of its meaning. */
export interface SourceProblem {
  readonly code:
    | 'flow.json-syntax'
    | 'flow.json-comment'
    | 'flow.key-duplicate'
    | 'flow.too-deep'
    | 'flow.name-reserved';
  readonly pointer: string;
  readonly offset: number;
  readonly detail: string;
  readonly expected: string;
}

/** A text that was read. */
export interface Source {
  /** The value without keys that open the way to a prototype; undefined when the text is not JSON. */
  readonly value: unknown;
  readonly problems: readonly SourceProblem[];
  /** Where a pointer leads: the key of a list or object, the value of anything else; of what isn't there, where it would be. */
  positionOf(pointer: string, at?: 'key' | 'value'): Position;
  positionAt(offset: number): Position;
  /** The pointer itself, or the one to the value that it leads into and that has no parts. */
  toWhole(pointer: string): string;
}

export const sourceLimits = {
  depthMax: 64,
  syntaxProblemsMax: 50,
} as const;

/** jsonc-parser's enums exist at compile time only. */
const tokens = { openBrace: 1, closeBrace: 2, openBracket: 3, closeBracket: 4, end: 17 } as const;
const comment = 10;
/** What jsonc-parser finds, by its error code: what is wrong and what was expected. */
const sentences: Readonly<Record<number, readonly [string, string]>> = {
  1: ['this is not JSON', 'a text in double quotes, a number, true, false, null, { or ['],
  2: ['this is not a number of JSON', 'a number such as 12, -3.5 or 1e3'],
  3: ['the name of a property is missing', 'a name in double quotes; no comma after the last property'],
  4: ['a value is missing', 'a value; no comma after the last item'],
  5: ['a colon is missing', '":" between a name and its value'],
  6: ['a comma is missing', '"," between two properties or items'],
  7: ['a brace is not closed', '"}"'],
  8: ['a bracket is not closed', '"]"'],
  9: ['there is something after the end', 'one JSON value'],
  [comment]: ['JSON has no comments', 'a description property for what is worth saying'],
  11: ['a comment is not closed, and JSON has none', 'no comment'],
  12: ['a text is not closed', 'a double quote at its end, on the same line'],
  13: ['a number breaks off', 'a number such as 12, -3.5 or 1e3'],
  14: ['this is not a Unicode escape', '\\u and four hexadecimal digits'],
  15: ['there is no such escape', 'one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\u0000'],
  16: ['a control character stands in a text', 'its escape, such as \\n or \\t'],
};

/** Reads a text, all of its mistakes at once. */
export function readSource(text: string): Source {
  const lines = lineStarts(text);
  const positionAt = (offset: number): Position => {
    const line = lineOf(lines, offset);
    return { line: line + 1, column: offset - lines[line]! + 1, offset };
  };
  const deep = depthProblem(text);
  if (deep !== undefined) {
    return {
      value: undefined,
      problems: [deep],
      positionAt,
      positionOf: () => positionAt(deep.offset),
      toWhole: (pointer) => pointer,
    };
  }
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const problems = errors
    .slice(0, sourceLimits.syntaxProblemsMax)
    .map((error) => syntaxProblem(text, error, tree === undefined));
  const isJson = tree !== undefined && errors.every(({ error }) => error === comment);
  const value = tree === undefined ? undefined : toValue(text, tree, '', problems);
  return {
    value: isJson ? value : undefined,
    problems,
    positionAt,
    toWhole: (pointer) => (tree === undefined ? pointer : wholeOf(tree, pointer)),
    positionOf: (pointer, at) => positionAt(tree === undefined ? 0 : offsetOf(tree, pointer, at)),
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length);
  return starts;
}

function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Looked for before the tree is built, which would take a stack as deep. */
function depthProblem(text: string): SourceProblem | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let token: number = scanner.scan(); token !== tokens.end; token = scanner.scan()) {
    if (token === tokens.openBrace || token === tokens.openBracket) depth += 1;
    if (token === tokens.closeBrace || token === tokens.closeBracket) depth -= 1;
    if (depth > sourceLimits.depthMax) {
      return {
        code: 'flow.too-deep',
        pointer: '',
        offset: scanner.getTokenOffset(),
        detail: `nested more than ${sourceLimits.depthMax} deep`,
        expected: `at most ${sourceLimits.depthMax} levels`,
      };
    }
  }
  return undefined;
}

function syntaxProblem(text: string, { error, offset }: ParseError, isEmpty: boolean): SourceProblem {
  const [detail, expected] = sentences[error] ?? ['this is not JSON', 'JSON'];
  return {
    code: error === comment ? 'flow.json-comment' : 'flow.json-syntax',
    pointer: isEmpty ? '' : toPointer(getLocation(text, offset).path.filter((name) => name !== '')),
    offset,
    detail,
    expected,
  };
}

/** The value of a tree; a key that occurs twice, or that no object may have, is a problem. */
function toValue(text: string, node: Node, pointer: string, problems: SourceProblem[]): unknown {
  if (node.type === 'array') {
    return (node.children ?? []).map((item, index) => toValue(text, item, `${pointer}/${index}`, problems));
  }
  if (node.type === 'number' && !isHeld(text.slice(node.offset, node.offset + node.length))) {
    problems.push({
      code: 'flow.json-syntax',
      pointer,
      offset: node.offset,
      detail: 'the number is too large to be held as it is written',
      expected: 'a number up to 9,007,199,254,740,992; or a text, or money',
    });
  }
  if (node.type !== 'object') return node.value as unknown;
  const value: Record<string, unknown> = {};
  for (const property of node.children ?? []) {
    const [key, held] = property.children ?? [];
    if (key === undefined || held === undefined) continue;
    const name = String(key.value);
    const at = pointer + toPointer([name]);
    if (forbiddenNames.has(name)) {
      problems.push({
        code: 'flow.name-reserved',
        pointer: at,
        offset: key.offset,
        detail: `${JSON.stringify(name)} can't name anything: it opens the way to a prototype`,
        expected: 'another name',
      });
    } else if (Object.hasOwn(value, name)) {
      problems.push({
        code: 'flow.key-duplicate',
        pointer: at,
        offset: key.offset,
        detail: `${JSON.stringify(name)} occurs twice in this object`,
        expected: 'each name once',
      });
    } else {
      value[name] = toValue(text, held, at, problems);
    }
  }
  return value;
}

function offsetOf(tree: Node, pointer: string, at: 'key' | 'value' = 'value'): number {
  let node = tree;
  let key: Node | undefined;
  let isMissing = false;
  for (const name of fromPointer(pointer)) {
    const found = childOf(node, name);
    if (found === undefined) {
      isMissing = true;
      break;
    }
    [key, node] = found;
  }
  const isWhole = node.type === 'object' || node.type === 'array';
  return key !== undefined && (isMissing || isWhole || at === 'key') ? key.offset : node.offset;
}

function wholeOf(tree: Node, pointer: string): string {
  const path = fromPointer(pointer);
  let node = tree;
  for (const [index, name] of path.entries()) {
    if (node.type !== 'object' && node.type !== 'array') return toPointer(path.slice(0, index));
    const found = childOf(node, name);
    if (found === undefined) return pointer;
    node = found[1];
  }
  return pointer;
}

function childOf(node: Node, name: string): [Node | undefined, Node] | undefined {
  if (node.type === 'array') {
    const item = /^\d+$/.test(name) ? node.children?.[Number(name)] : undefined;
    return item === undefined ? undefined : [undefined, item];
  }
  return node.type === 'object' ? propertiesOf(node).get(name) : undefined;
}

const known = new WeakMap<Node, ReadonlyMap<string, [Node, Node]>>();

/** Names and values of an object by name, the first where one occurs twice: there may be many, and a problem with each. */
function propertiesOf(object: Node): ReadonlyMap<string, [Node, Node]> {
  const found = known.get(object);
  if (found !== undefined) return found;
  const properties = new Map<string, [Node, Node]>();
  for (const { children } of object.children ?? []) {
    const [key, value] = children ?? [];
    if (key === undefined || value === undefined || properties.has(String(key.value))) continue;
    properties.set(String(key.value), [key, value]);
  }
  known.set(object, properties);
  return properties;
}
