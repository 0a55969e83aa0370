// $project, $addFields (and $set), $unset: documents with fewer, more or computed fields.
import type { Document } from 'bson';
import { isDocument, plainFields, setField } from '../bson/fields.js';
import { isNumber, nearestDouble } from '../bson/numbers.js';
import { CommandError } from '../errors.js';
import { compileExpression, pathParts } from './expression.js';
import { type Evaluate, type Place, pipelineDepthMax, type Scope } from './scope.js';

/** What becomes of a field: kept, dropped, computed, or looked into. */
type Leaf = 'keep' | 'drop' | Evaluate;
type Node = Map<string, Leaf | Node>;

export type Reshape = (scope: Scope) => Document;

export function compileProject(specification: unknown, place: Place): Reshape {
  const node = parse(specification, '$project', place, (value) => {
    if (typeof value === 'boolean') return value ? 'keep' : 'drop';
    return isNumber(value) ? (nearestDouble(value) !== 0 ? 'keep' : 'drop') : undefined;
  });
  const leaves = leavesOf(node);
  const others = leaves.filter(([path]) => path !== '_id');
  const dropped = others.find(([, leaf]) => leaf === 'drop');
  const included = others.find(([, leaf]) => leaf !== 'drop');
  if (dropped !== undefined && included !== undefined) {
    throw new CommandError(
      'BadValue',
      `Invalid $project :: caused by :: Cannot do exclusion on field ${dropped[0]} in inclusion projection`,
    );
  }
  const id = node.get('_id');
  const exclusion = dropped !== undefined || (included === undefined && id === 'drop');
  if (exclusion) {
    if (id !== undefined && typeof id === 'function') {
      throw new CommandError(
        'BadValue',
        'Invalid $project :: caused by :: a computed _id in exclusion projection',
      );
    }
    return ({ root }) => exclude(root, node) as Document;
  }
  if (id === undefined) node.set('_id', 'keep');
  return (scope) => include(scope.root, node, scope) as Document;
}

export function compileAddFields(specification: unknown, name: string, place: Place): Reshape {
  const node = parse(specification, name, place, () => undefined);
  return (scope) => addFields(scope.root, node, scope) as Document;
}

export function compileUnset(specification: unknown): Reshape {
  const paths: unknown[] = Array.isArray(specification) ? specification : [specification];
  if (paths.length === 0)
    throw new CommandError('BadValue', '$unset specification must name at least one field');
  const node: Node = new Map();
  for (const path of paths) {
    if (typeof path !== 'string') {
      throw new CommandError('BadValue', '$unset specification must be a string or an array of strings');
    }
    insert(node, pathParts(path), 'drop', '$unset');
  }
  return ({ root }) => exclude(root, node) as Document;
}

function parse(
  specification: unknown,
  name: string,
  place: Place,
  flag: (value: unknown) => 'keep' | 'drop' | undefined,
): Node {
  if (!isDocument(specification)) {
    throw new CommandError('FailedToParse', `${name} specification must be an object`);
  }
  const node: Node = new Map();
  const visit = (fields: Document, prefix: readonly string[]): void => {
    if (prefix.length > pipelineDepthMax) throw new CommandError('BadValue', `${name} is nested too deeply`);
    const entries = Object.entries(fields);
    if (entries.length === 0) {
      throw new CommandError(
        'BadValue',
        `Invalid ${name} :: caused by :: an empty object is not a valid value`,
      );
    }
    for (const [key, value] of entries) {
      const path = [...prefix, ...pathParts(key)];
      const leaf = flag(value);
      if (leaf !== undefined) insert(node, path, leaf, name);
      else if (isDocument(value) && !Object.keys(plainFields(value))[0]?.startsWith('$'))
        visit(plainFields(value), path);
      else insert(node, path, compileExpression(value, { ...place, depth: place.depth + path.length }), name);
    }
  };
  visit(plainFields(specification), []);
  return node;
}

function insert(root: Node, path: readonly string[], leaf: Leaf, name: string): void {
  let node = root;
  for (const [index, part] of path.entries()) {
    const child = node.get(part);
    const last = index === path.length - 1;
    if (child !== undefined && (last || !(child instanceof Map))) {
      throw new CommandError(
        'BadValue',
        `Invalid ${name} :: caused by :: Path collision at ${path.join('.')}`,
      );
    }
    if (last) {
      node.set(part, leaf);
    } else {
      const next: Node = child instanceof Map ? child : new Map();
      node.set(part, next);
      node = next;
    }
  }
}

function leavesOf(node: Node, prefix = ''): [path: string, leaf: Leaf][] {
  return [...node].flatMap(([name, child]): [string, Leaf][] =>
    child instanceof Map ? leavesOf(child, `${prefix}${name}.`) : [[prefix + name, child]],
  );
}

function exclude(value: unknown, node: Node): unknown {
  if (Array.isArray(value)) return value.map((item) => exclude(item, node));
  if (!isDocument(value)) return value;
  const result: Document = {};
  for (const [name, current] of Object.entries(plainFields(value))) {
    const child = node.get(name);
    if (child === 'drop') continue;
    setField(result, name, child instanceof Map ? exclude(current, child) : current);
  }
  return result;
}

/** Missing for a scalar in which nothing is computed. Kept fields in the document's order, then computed ones. */
function include(value: unknown, node: Node, scope: Scope): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => include(item, node, scope)).filter((item) => item !== undefined);
  }
  if (!isDocument(value) && !computes(node)) return undefined;
  const result: Document = {};
  const fields = isDocument(value) ? plainFields(value) : {};
  for (const [name, current] of Object.entries(fields)) {
    const child = node.get(name);
    if (child === 'keep') setField(result, name, current);
    else if (child instanceof Map) setIfPresent(result, name, include(current, child, scope));
  }
  for (const [name, child] of node) {
    if (typeof child === 'function') setIfPresent(result, name, child(scope));
    else if (child instanceof Map && !Object.hasOwn(fields, name) && computes(child)) {
      setIfPresent(result, name, include(undefined, child, scope));
    }
  }
  return result;
}

function computes(node: Node): boolean {
  return [...node.values()].some(
    (child) => typeof child === 'function' || (child instanceof Map && computes(child)),
  );
}

/** Fields that exist are replaced in place; a missing result removes the field. */
function addFields(value: unknown, node: Node, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => addFields(item, node, scope));
  const result: Document = {};
  const fields = isDocument(value) ? plainFields(value) : {};
  const names = new Set([...Object.keys(fields), ...node.keys()]);
  for (const name of names) {
    const child = node.get(name);
    const current: unknown = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (typeof child === 'function') setIfPresent(result, name, child(scope));
    else if (child instanceof Map) setField(result, name, addFields(current, child, scope));
    else setField(result, name, current);
  }
  return result;
}

function setIfPresent(document: Document, name: string, value: unknown): void {
  if (value !== undefined) setField(document, name, value);
}

/** The document with a value at a path, as `$addFields` sets it. */
export function withValueAt(
  document: Document,
  path: readonly string[],
  value: unknown,
  scope: Scope,
): Document {
  const node: Node = new Map();
  insert(node, path, () => value, 'path');
  return addFields(document, node, scope) as Document;
}
