// Comparison, boolean and conditional operators, and $let and $literal.
import { Int32 } from 'bson';
import { isDocument, plainFields } from '../bson/fields.js';
import { CommandError } from '../errors.js';
import { isNullish, isTrue, listed, namedArguments } from './operands.js';
import { compareOperands } from './order.js';
import { type ExpressionOperator, type OperatorTable, withVariables } from './scope.js';

function comparison(holds: (order: number) => boolean): ExpressionOperator {
  return listed(2, 2, ([a, b]) => holds(compareOperands(a, b)));
}

/** `$and` and `$or`: operands after the deciding one are not evaluated. */
function connective(deciding: boolean): ExpressionOperator {
  return (argument, compile) => {
    const operands = (Array.isArray(argument) ? argument : [argument]).map((operand: unknown) =>
      compile(operand),
    );
    return (scope) => operands.some((operand) => isTrue(operand(scope)) === deciding) === deciding;
  };
}

const condOperator: ExpressionOperator = (argument, compile, name) => {
  let parts: readonly unknown[];
  if (Array.isArray(argument)) {
    parts = argument;
    if (parts.length !== 3) {
      throw new CommandError(
        'BadValue',
        `Expression $cond takes exactly 3 arguments. ${parts.length} were passed in.`,
      );
    }
  } else {
    const given = namedArguments(argument, name, ['if', 'then', 'else']);
    parts = [given.get('if'), given.get('then'), given.get('else')];
  }
  const [condition, then, otherwise] = parts.map((part) => compile(part));
  return (scope) => (isTrue(condition!(scope)) ? then!(scope) : otherwise!(scope));
};

const switchOperator: ExpressionOperator = (argument, compile, name) => {
  const given = namedArguments(argument, name, ['branches'], ['default']);
  const list = given.get('branches');
  if (!Array.isArray(list) || list.length === 0) {
    throw new CommandError('FailedToParse', '$switch requires at least one branch.');
  }
  const branches = list.map((branch: unknown) => {
    const parts = namedArguments(branch, '$switch branch', ['case', 'then']);
    return { when: compile(parts.get('case')), result: compile(parts.get('then')) };
  });
  const otherwise = given.has('default') ? compile(given.get('default')) : undefined;
  return (scope) => {
    const branch = branches.find(({ when }) => isTrue(when(scope)));
    if (branch !== undefined) return branch.result(scope);
    if (otherwise !== undefined) return otherwise(scope);
    throw new CommandError(
      'BadValue',
      '$switch could not find a matching branch for an input, and no default was specified.',
    );
  };
};

const letOperator: ExpressionOperator = (argument, compile, name) => {
  const given = namedArguments(argument, name, ['vars', 'in']);
  const vars = given.get('vars');
  if (!isDocument(vars))
    throw new CommandError('FailedToParse', 'invalid parameter: expected an object (vars)');
  const bindings = Object.entries(plainFields(vars)).map(
    ([variable, value]) => [variableName(variable), compile(value)] as const,
  );
  const body = compile(
    given.get('in'),
    bindings.map(([variable]) => variable),
  );
  return (scope) =>
    body(
      withVariables(
        scope,
        bindings.map(([variable, value]) => [variable, value(scope)] as const),
      ),
    );
};

/** A name that users may give a variable. @throws {CommandError} `FailedToParse`. */
export function variableName(name: unknown): string {
  if (typeof name !== 'string' || !/^[a-z\u0080-\uffff][\w\u0080-\uffff]*$/.test(name)) {
    throw new CommandError(
      'FailedToParse',
      `'${String(name)}' starts with an invalid character for a user variable name`,
    );
  }
  return name;
}

export const logicOperators: OperatorTable = {
  $eq: comparison((order) => order === 0),
  $ne: comparison((order) => order !== 0),
  $gt: comparison((order) => order > 0),
  $gte: comparison((order) => order >= 0),
  $lt: comparison((order) => order < 0),
  $lte: comparison((order) => order <= 0),
  $cmp: listed(2, 2, ([a, b]) => new Int32(Math.sign(compareOperands(a, b)))),
  $and: connective(false),
  $or: connective(true),
  $not: listed(1, 1, ([value]) => !isTrue(value)),
  $cond: condOperator,
  $switch: switchOperator,
  $ifNull: listed(
    2,
    Number.MAX_SAFE_INTEGER,
    (operands) => operands.find((value) => !isNullish(value)) ?? operands.at(-1),
  ),
  $let: letOperator,
  $literal: (argument) => () => argument,
};
