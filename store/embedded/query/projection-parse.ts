// Reads a projection: which fields stay or go, as a tree, and the operators that act on arrays.
import type { Document } from 'bson';
import { isDocument } from '../bson/fields.js';
import { isNumber, nearestDouble } from '../bson/numbers.js';
import { CommandError, unsupported } from '../errors.js';
import { isTrue } from './element.js';
import { compileElementTest } from './filter.js';
import { exactLong } from './integer.js';
import { type Path, parsePath } from './path.js';

/** The paths of one mode: a leaf is `true`, a map has the next components. */
export interface PathTree extends Map<string, PathTree | true> {}

export interface Slice {
  readonly path: Path;
  /** Undefined: the first `limit`, or the last if it is negative. */
  readonly skip?: number;
  readonly limit: number;
}

export interface ElementMatch {
  readonly field: string;
  readonly test: (item: unknown) => boolean;
}

export interface ProjectionPlan {
  /** Whether the tree names what stays, or what goes. */
  readonly mode: 'inclusion' | 'exclusion';
  readonly tree: PathTree;
  readonly slices: readonly Slice[];
  readonly elementMatches: readonly ElementMatch[];
  /** The path of `path.$`. */
  readonly positional?: Path;
}

/** @throws {CommandError} `BadValue` for a malformed projection, `CommandNotSupported` for an expression. */
export function parseProjection(projection: Document): ProjectionPlan {
  const parser = new ProjectionParser();
  parser.document(projection, '');
  return parser.plan();
}

class ProjectionParser {
  readonly #tree: PathTree = new Map();
  readonly #slices: Slice[] = [];
  readonly #elementMatches: ElementMatch[] = [];
  #mode: 'inclusion' | 'exclusion' | undefined;
  #id: boolean | undefined;
  #positional: Path | undefined;

  plan(): ProjectionPlan {
    const mode =
      this.#mode ?? (this.#id === true || this.#elementMatches.length > 0 ? 'inclusion' : 'exclusion');
    // `_id` stays unless it is named with 0, in both modes.
    if (mode === 'inclusion' && !this.#tree.has('_id') && this.#id !== false) this.#tree.set('_id', true);
    if (mode === 'exclusion' && this.#id === false) this.#tree.set('_id', true);
    if (mode === 'inclusion') for (const { path } of this.#slices) this.#keep(path);
    return {
      mode,
      tree: this.#tree,
      slices: this.#slices,
      elementMatches: this.#elementMatches,
      ...(this.#positional === undefined ? {} : { positional: this.#positional }),
    };
  }

  document(projection: Document, prefix: string): void {
    for (const name of Object.keys(projection)) {
      if (name === '' || name.startsWith('$') || name.split('.').includes('')) {
        throw new CommandError('BadValue', `"${prefix}${name}" is no valid field path of a projection`);
      }
      this.#field(`${prefix}${name}`, projection[name]);
    }
  }

  #field(path: string, value: unknown): void {
    if (isDocument(value)) {
      const names = Object.keys(value);
      if (names.length === 0) {
        throw new CommandError(
          'BadValue',
          `An empty sub-projection is not a valid value. Found empty object at path ${path}`,
        );
      }
      const [operator] = names;
      if (!operator!.startsWith('$')) this.document(value, `${path}.`);
      else if (names.length > 1) {
        throw new CommandError('BadValue', `an operator of a projection stands alone, at ${path}`);
      } else this.#operator(path, operator!, value[operator!]);
    } else if (isNumber(value) || typeof value === 'boolean') {
      this.#simple(path, isTrue(value));
    } else {
      throw unsupported(`expressions and literals in a projection (at "${path}")`);
    }
  }

  #operator(path: string, operator: string, operand: unknown): void {
    if (operator === '$slice') {
      this.#slices.push(slice(path, operand));
      // Reserves the path, so that a second mention of it is a collision.
      this.#reserve(path);
    } else if (operator === '$elemMatch') {
      this.#elementMatch(path, operand);
    } else {
      throw unsupported(`${operator} in a projection (at "${path}")`);
    }
  }

  #elementMatch(path: string, operand: unknown): void {
    if (path.includes('.')) {
      throw new CommandError('BadValue', 'Cannot use $elemMatch projection on a nested field.');
    }
    if (!isDocument(operand)) {
      throw new CommandError('BadValue', 'elemMatch: Invalid argument, object required');
    }
    if (this.#positional !== undefined) throw positionalWithElemMatch();
    this.#reserve(path);
    this.#elementMatches.push({ field: path, test: compileElementTest(operand) });
  }

  #simple(path: string, included: boolean): void {
    if (path.endsWith('.$') || path.includes('.$.')) {
      this.#markPositional(path, included);
      return;
    }
    if (path.split('.').some((part) => part.startsWith('$'))) {
      throw new CommandError('BadValue', `FieldPath field names may not start with '$': "${path}"`);
    }
    if (path === '_id') {
      this.#id = included;
      return;
    }
    this.#setMode(path, included ? 'inclusion' : 'exclusion');
    this.#keep(parsePath(path));
  }

  #markPositional(path: string, included: boolean): void {
    if (path.includes('.$.')) {
      throw new CommandError(
        'BadValue',
        "As of 4.4, it's illegal to specify positional operator in the middle of a path.",
      );
    }
    if (!included) throw new CommandError('BadValue', 'positional projection cannot be used with exclusion');
    if (this.#positional !== undefined) {
      throw new CommandError('BadValue', 'Cannot specify more than one positional proj. per query.');
    }
    if (this.#elementMatches.length > 0) throw positionalWithElemMatch();
    this.#setMode(path, 'inclusion');
    this.#positional = parsePath(path.slice(0, -2));
    this.#keep(this.#positional);
  }

  #setMode(path: string, mode: 'inclusion' | 'exclusion'): void {
    if (this.#mode !== undefined && this.#mode !== mode) {
      throw new CommandError('BadValue', `Cannot do ${mode} on field ${path} in ${this.#mode} projection`);
    }
    this.#mode = mode;
  }

  readonly #reserved = new Set<string>();

  /** @throws {CommandError} `BadValue` if the path, or one before or behind it, has been named already. */
  #reserve(path: string): void {
    for (const other of this.#reserved) {
      if (other === path || other.startsWith(`${path}.`) || path.startsWith(`${other}.`)) {
        throw new CommandError('BadValue', `Path collision at ${path}`);
      }
    }
    this.#reserved.add(path);
  }

  #keep(path: Path): void {
    this.#reserveOnce(path.join('.'));
    let tree = this.#tree;
    for (const [depth, name] of path.entries()) {
      const below = tree.get(name);
      if (depth + 1 === path.length) {
        tree.set(name, true);
      } else if (below instanceof Map) {
        tree = below;
      } else {
        const grown: PathTree = new Map();
        tree.set(name, grown);
        tree = grown;
      }
    }
  }

  /** A slice has reserved its path when the tree gets it. */
  #reserveOnce(path: string): void {
    if (!this.#slices.some((each) => each.path.join('.') === path)) this.#reserve(path);
  }
}

function positionalWithElemMatch(): CommandError {
  return new CommandError('BadValue', 'Cannot specify positional operator and $elemMatch.');
}

function slice(path: string, operand: unknown): Slice {
  const parts = parsePath(path);
  if (!Array.isArray(operand)) return { path: parts, limit: sliceNumber(operand) };
  if (operand.length !== 2) throw new CommandError('BadValue', '$slice takes a number or [skip, limit]');
  const limit = sliceNumber(operand[1]);
  if (limit <= 0) throw new CommandError('BadValue', '$slice limit must be positive');
  return { path: parts, skip: sliceNumber(operand[0]), limit };
}

function sliceNumber(value: unknown): number {
  if (!isNumber(value) || exactLong(value) === undefined) {
    throw new CommandError('BadValue', '$slice takes integers');
  }
  return nearestDouble(value);
}
