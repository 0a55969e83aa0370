// How filters of records are joined: all of them, any, or by a logic string over their numbers.
import type { Schema } from '../definition/flow.js';
import { type Logic, parseConditionLogic } from '../expressions/index.js';
import type { RecordFilter } from '../ports/records.js';
import type { CompileSite } from './element.js';

export const filterLogicSchema: Schema = {
  type: 'string',
  description:
    'How the filters are joined: and (if left out), or, or their numbers, from 1, joined by AND, OR, NOT and parentheses.',
  examples: ['1 AND (2 OR 3)'],
};

/** The logic over so many filters; undefined if all must hold. What is wrong with it is reported. */
export function compileFilterLogic(
  logic: string | undefined,
  filters: number,
  at: Pick<CompileSite, 'report'>,
  pointer: string,
): Logic | undefined {
  if (logic === undefined) return undefined;
  const report = (detail: string, expected: string): undefined =>
    void at.report({ code: 'expression.logic-invalid', pointer, detail, expected });
  if (filters === 0) return report('there is nothing that it joins', 'filters beside it');
  const { logic: parsed, fault } = parseConditionLogic(logic, filters);
  return fault === undefined
    ? parsed
    : report(`at character ${fault.position + 1}: ${fault.detail}`, fault.expected);
}

/** Filters as they are joined. */
export function joined<F extends RecordFilter>(
  logic: Logic | undefined,
  filters: readonly F[],
): readonly RecordFilter[] {
  return logic === undefined ? filters : [toFilter(logic, filters)];
}

function toFilter(logic: Logic, filters: readonly RecordFilter[]): RecordFilter {
  if ('condition' in logic) return filters[logic.condition - 1]!;
  if ('not' in logic) return { not: toFilter(logic.not, filters) };
  const operands = logic.operands.map((operand) => toFilter(operand, filters));
  return logic.operator === 'and' ? { all: operands } : { any: operands };
}
