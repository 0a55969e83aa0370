// $addToSet, $pull, $pullAll and $pop: elements of an array by value, by condition, or by end.
import { equalValues } from '../bson/compare.js';
import { isDocument, plainFields } from '../bson/fields.js';
import { typeOf } from '../bson/type-of.js';
import { CommandError } from '../errors.js';
import { compileFilter } from '../query/filter.js';
import { absent, type FieldOperator, type FieldUpdate } from './field-update.js';
import { integerOf } from './integer.js';
import { show, showField } from './show.js';

export const addToSetOperator: FieldOperator = (argument) => {
  const candidates = eachOf(argument);
  return {
    blocked: 'fail',
    next(current, { path }) {
      if (current !== absent && !Array.isArray(current)) {
        throw new CommandError(
          'BadValue',
          `Cannot apply $addToSet to non-array field. Field named '${path.slice(path.lastIndexOf('.') + 1)}' has non-array type ${typeOf(current)}`,
        );
      }
      const array: unknown[] = current === absent ? [] : [...current];
      for (const candidate of candidates) {
        if (!array.some((item) => equalValues(item, candidate))) array.push(candidate);
      }
      return array;
    },
  };
};

function eachOf(argument: unknown): readonly unknown[] {
  if (!isDocument(argument)) return [argument];
  const [first, ...rest] = Object.entries(plainFields(argument));
  if (first === undefined || first[0] !== '$each') return [argument];
  const each: unknown = first[1];
  if (!Array.isArray(each)) {
    throw new CommandError(
      'TypeMismatch',
      `The argument to $each in $addToSet must be an array but it was of type ${typeOf(each)}`,
    );
  }
  if (rest.length > 0) {
    throw new CommandError('BadValue', `Found unexpected fields after $each in $addToSet: ${show(argument)}`);
  }
  return each;
}

export const pullOperator: FieldOperator = (argument) => removing(condition(argument));

export const pullAllOperator: FieldOperator = (argument) => {
  if (!Array.isArray(argument)) {
    throw new CommandError(
      'BadValue',
      `$pullAll requires an array argument but was given a ${typeOf(argument)}`,
    );
  }
  return removing((element) => argument.some((unwanted) => equalValues(element, unwanted)));
};

function removing(unwanted: (element: unknown) => boolean): FieldUpdate {
  return {
    blocked: 'check',
    next(current) {
      if (current === absent) return absent;
      if (!Array.isArray(current)) {
        throw new CommandError('BadValue', 'Cannot apply $pull to a non-array value');
      }
      const kept = current.filter((element) => !unwanted(element));
      return kept.length === current.length ? current : kept;
    },
  };
}

const logical: ReadonlySet<string> = new Set(['$and', '$or', '$nor', '$expr', '$comment', '$where', '$text']);

/** A plain value must be equal; operators look at the element; any other document is a filter on sub-documents. */
function condition(argument: unknown): (element: unknown) => boolean {
  if (typeOf(argument) === 'regex') return elementMatches(argument);
  if (!isDocument(argument)) return (element) => equalValues(element, argument);
  const first = Object.keys(plainFields(argument))[0];
  if (first?.startsWith('$') && !logical.has(first)) return elementMatches(argument);
  const filter = compileFilter(argument);
  return (element) => isDocument(element) && filter.matches(element);
}

function elementMatches(predicate: unknown): (element: unknown) => boolean {
  const filter = compileFilter({ element: predicate });
  return (element) => filter.matches({ element });
}

export const popOperator: FieldOperator = (argument, path) => {
  const end = integerOf(argument);
  if (end === undefined) {
    throw new CommandError('FailedToParse', `Expected a number in: ${showField(path, argument)}`);
  }
  if (end !== 1 && end !== -1) {
    throw new CommandError('FailedToParse', `$pop expects 1 or -1, found: ${end}`);
  }
  return {
    blocked: 'check',
    next(current, { path: at }) {
      if (current === absent) return absent;
      if (!Array.isArray(current)) {
        throw new CommandError(
          'TypeMismatch',
          `Path '${at}' contains an element of non-array type '${typeOf(current)}'`,
        );
      }
      if (current.length === 0) return current;
      return end === 1 ? current.slice(0, -1) : current.slice(1);
    },
  };
};
