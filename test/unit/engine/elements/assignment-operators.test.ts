// What the check says of the operators of assignments, against what they do: all targets, values and operators.
import assert from 'node:assert/strict';
import { SchemaCompiler } from '../../../../engine/compile/schemas.js';
import { typeBesideNull } from '../../../../engine/compile/variable-types.js';
import {
  assignmentOperatorNames,
  assignmentOperators,
  operatorProblem,
} from '../../../../engine/elements/assignment-operators.js';
import type { ExpressionType } from '../../../../engine/expressions/index.js';
import type { Json, Schema } from '../../../../engine/index.js';

const eur = { amount: '1.00', currency: 'EUR' };
const money = {
  type: 'object',
  properties: { amount: { type: 'string' }, currency: { type: 'string' } },
  required: ['amount', 'currency'],
  additionalProperties: false,
};
const [day, moment] = ['2026-11-30', '2026-11-30T10:00:00Z'];

/** By type: a schema, and values of it. */
const samples: Readonly<Partial<Record<ExpressionType, readonly [Schema, ...Json[]]>>> = {
  boolean: [{ type: 'boolean' }, true, false],
  number: [{ type: 'number' }, 1, 0],
  string: [{ type: 'string' }, 'a', '', day, moment, 'P1D'],
  money: [money, eur],
  date: [{ type: 'string', format: 'date' }, day],
  dateTime: [{ type: 'string', format: 'date-time' }, moment],
  duration: [{ type: 'string', format: 'duration' }, 'P1D'],
  list: [{ type: 'array' }, [], [1]],
  object: [{ type: 'object' }, {}, eur],
};
const types = Object.entries(samples) as [ExpressionType, readonly [Schema, ...Json[]]][];

describe('operators of assignments', () => {
  const schemas = new SchemaCompiler();

  it('are refused only where they always fail, and taken where they do not, but for texts after a duration or a time', () => {
    const wrong: string[] = [];
    const given = [...types, ['null', [{}, null]] as [ExpressionType, readonly [Schema, ...Json[]]]];
    for (const operator of assignmentOperatorNames.filter((name) => name !== 'assign')) {
      for (const [target, [schema, ...before]] of types) {
        const check = schemas.compile(schema);
        for (const [value, [, ...values]] of given) {
          const works = [null, ...before].some((current) =>
            values.some((one) => {
              try {
                return check(assignmentOperators[operator].make(current, one)).length === 0;
              } catch {
                return false;
              }
            }),
          );
          const problem = operatorProblem(operator, 'x', target, value);
          if ((problem === undefined) !== works) wrong.push(`${operator} ${target} ${value} ${works}`);
        }
      }
    }
    assert.deepEqual(wrong, [
      'add date dateTime false',
      'add date duration false',
      'add dateTime date false',
      'add dateTime duration false',
      'add duration date false',
      'add duration dateTime false',
    ]);
  });

  it('are refused with those that go with the target, or with what the value has to be', () => {
    assert.deepEqual(operatorProblem('removePosition', 'count', 'number', 'number'), {
      of: 'operator',
      detail: 'removePosition does not go with count, a number',
      expected: 'one of assign, add, subtract, assignCount',
    });
    assert.deepEqual(operatorProblem('removePosition', 'lines', 'list', 'string'), {
      of: 'value',
      detail: 'removePosition takes no string for lines',
      expected: 'a number',
    });
    assert.equal(operatorProblem('addItem', 'any', 'unknown', 'boolean'), undefined);
    assert.equal(operatorProblem('assignCount', 'any', 'unknown', 'string')?.expected, 'a list or null');
  });

  it('look at a target as it is when it is not null', () => {
    assert.equal(typeBesideNull({ type: ['number', 'null'] }), 'number');
    assert.equal(typeBesideNull({ type: ['string', 'null'], enum: ['a', null] }), 'string');
    assert.equal(typeBesideNull({ type: ['string', 'number'] }), undefined);
    assert.equal(typeBesideNull({ ...money, type: ['object', 'null'] }), 'money');
    assert.equal(typeBesideNull({}), undefined);
  });
});
