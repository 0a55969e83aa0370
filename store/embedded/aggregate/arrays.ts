// Operators on arrays and sets. Null or missing gives null, another type an error, as in MongoDB.
import { Int32 } from 'bson';
import { CommandError } from '../errors.js';
import { elementOrder } from '../update/element-order.js';
import { variableName } from './logic.js';
import {
  arrayOperand,
  intOperand,
  isNullish,
  isTrue,
  listed,
  namedArguments,
  wrongType,
} from './operands.js';
import { compareOperands, distinctValues, equalityKey } from './order.js';
import {
  arrayElementsMax,
  boundedArray,
  type ExpressionOperator,
  type OperatorTable,
  withVariables,
} from './scope.js';

function nullOr(
  min: number,
  max: number,
  apply: (operands: readonly unknown[], name: string) => unknown,
): ExpressionOperator {
  return listed(min, max, (operands, name) => (operands.some(isNullish) ? null : apply(operands, name)));
}

function elementAt(array: readonly unknown[], index: number): unknown {
  return array.at(index);
}

function slice(operands: readonly unknown[], name: string): unknown {
  const array = arrayOperand(operands[0], name);
  const first = intOperand(operands[1], name);
  if (operands.length === 2) return first >= 0 ? array.slice(0, first) : array.slice(first);
  const count = intOperand(operands[2], name);
  if (count <= 0)
    throw new CommandError('BadValue', `Third argument to ${name} must be positive, found: ${count}`);
  const start = first >= 0 ? first : Math.max(array.length + first, 0);
  return array.slice(start, start + count);
}

function range(operands: readonly unknown[], name: string): unknown {
  const [start = 0, end = 0, step = 1] = operands.map((value) => intOperand(value, name));
  if (step === 0) throw new CommandError('BadValue', '$range requires a non-zero step value');
  const count = Math.max(0, Math.ceil((end - start) / step));
  if (count > arrayElementsMax) boundedArray(new Array(count), name);
  return Array.from({ length: count }, (_none, index) => new Int32(start + index * step));
}

function indexOf(operands: readonly unknown[], name: string): unknown {
  const [values, wanted, start, end] = operands;
  if (isNullish(values)) return null;
  const array = arrayOperand(values, name);
  const from = operands.length > 2 ? intOperand(start, name) : 0;
  const to = Math.min(operands.length > 3 ? intOperand(end, name) : array.length, array.length);
  if (from < 0 || to < 0) throw wrongType(name, 'positions of at least 0', new Int32(Math.min(from, to)));
  for (let index = from; index < to; index += 1) {
    if (compareOperands(array[index], wanted) === 0) return new Int32(index);
  }
  return new Int32(-1);
}

const filterOperator: ExpressionOperator = (argument, compile, name) => {
  const given = namedArguments(argument, name, ['input', 'cond'], ['as', 'limit']);
  const as = given.has('as') ? variableName(given.get('as')) : 'this';
  const input = compile(given.get('input'));
  const condition = compile(given.get('cond'), [as]);
  const limit = given.has('limit') ? compile(given.get('limit')) : undefined;
  return (scope) => {
    const array = input(scope);
    if (isNullish(array)) return null;
    const bound = limit?.(scope);
    const most = isNullish(bound) ? Number.POSITIVE_INFINITY : intOperand(bound, name);
    if (most < 1) throw new CommandError('BadValue', '$filter: limit must be greater than 0');
    const kept: unknown[] = [];
    for (const item of arrayOperand(array, name)) {
      if (kept.length === most) break;
      if (isTrue(condition(withVariables(scope, [[as, item]])))) kept.push(item);
    }
    return kept;
  };
};

const mapOperator: ExpressionOperator = (argument, compile, name) => {
  const given = namedArguments(argument, name, ['input', 'in'], ['as']);
  const as = given.has('as') ? variableName(given.get('as')) : 'this';
  const input = compile(given.get('input'));
  const body = compile(given.get('in'), [as]);
  return (scope) => {
    const array = input(scope);
    if (isNullish(array)) return null;
    return arrayOperand(array, name).map((item) => body(withVariables(scope, [[as, item]])) ?? null);
  };
};

const reduceOperator: ExpressionOperator = (argument, compile, name) => {
  const given = namedArguments(argument, name, ['input', 'initialValue', 'in']);
  const input = compile(given.get('input'));
  const initial = compile(given.get('initialValue'));
  const body = compile(given.get('in'), ['this', 'value']);
  return (scope) => {
    const array = input(scope);
    if (isNullish(array)) return null;
    return arrayOperand(array, name).reduce<unknown>(
      (value, item) =>
        body(
          withVariables(scope, [
            ['this', item],
            ['value', value],
          ]),
        ),
      initial(scope),
    );
  };
};

const sortArrayOperator: ExpressionOperator = (argument, compile, name) => {
  const given = namedArguments(argument, name, ['input', 'sortBy']);
  const input = compile(given.get('input'));
  const compare = elementOrder(given.get('sortBy'));
  return (scope) => {
    const array = input(scope);
    return isNullish(array) ? null : arrayOperand(array, name).toSorted(compare);
  };
};

function keysOf(array: readonly unknown[]): Set<string> {
  return new Set(array.map(equalityKey));
}

function setRelation(holds: (a: Set<string>, b: Set<string>) => boolean): ExpressionOperator {
  return listed(2, 2, ([a, b], name) => holds(keysOf(arrayOperand(a, name)), keysOf(arrayOperand(b, name))));
}

function isSubset(a: Set<string>, b: Set<string>): boolean {
  return [...a].every((key) => b.has(key));
}

function intersection(operands: readonly unknown[], name: string): unknown {
  const [first, ...others] = operands.map((operand) => arrayOperand(operand, name));
  const sets = others.map(keysOf);
  return distinctValues(first ?? []).filter((value) => sets.every((keys) => keys.has(equalityKey(value))));
}

const any = Number.MAX_SAFE_INTEGER;

export const arrayOperators: OperatorTable = {
  $size: listed(1, 1, ([value], name) => new Int32(arrayOperand(value, name).length)),
  $isArray: listed(1, 1, ([value]) => Array.isArray(value)),
  $arrayElemAt: nullOr(2, 2, ([array, index], name) =>
    elementAt(arrayOperand(array, name), intOperand(index, name)),
  ),
  $first: nullOr(1, 1, ([array], name) => elementAt(arrayOperand(array, name), 0)),
  $last: nullOr(1, 1, ([array], name) => elementAt(arrayOperand(array, name), -1)),
  $slice: nullOr(2, 3, slice),
  $concatArrays: nullOr(0, any, (operands, name) =>
    boundedArray(
      operands.flatMap((operand) => arrayOperand(operand, name)),
      name,
    ),
  ),
  $reverseArray: nullOr(1, 1, ([array], name) => arrayOperand(array, name).toReversed()),
  $in: listed(2, 2, ([wanted, array], name) =>
    arrayOperand(array, name).some((item) => compareOperands(item, wanted) === 0),
  ),
  $indexOfArray: listed(2, 4, indexOf),
  $range: listed(2, 3, range),
  $filter: filterOperator,
  $map: mapOperator,
  $reduce: reduceOperator,
  $sortArray: sortArrayOperator,
  $setUnion: nullOr(0, any, (operands, name) =>
    boundedArray(distinctValues(operands.flatMap((operand) => arrayOperand(operand, name))), name),
  ),
  $setIntersection: nullOr(0, any, intersection),
  $setDifference: nullOr(2, 2, ([a, b], name) => {
    const unwanted = keysOf(arrayOperand(b, name));
    return distinctValues(arrayOperand(a, name)).filter((value) => !unwanted.has(equalityKey(value)));
  }),
  $setEquals: setRelation((a, b) => a.size === b.size && isSubset(a, b)),
  $setIsSubset: setRelation(isSubset),
  $anyElementTrue: listed(1, 1, ([array], name) => arrayOperand(array, name).some(isTrue)),
  $allElementsTrue: listed(1, 1, ([array], name) => arrayOperand(array, name).every(isTrue)),
};
