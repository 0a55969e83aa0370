// What people can choose from: values that a flow names, or records that are looked up when the field is shown and again when it
// is answered.
import type { ChoiceDefinition, Json } from '../definition/flow.js';
import { fieldOf } from './collections.js';
import type { CompileSite, Visit } from './element.js';
import { checkSort, compileFilters, evaluateFilters } from './record-filters.js';

export interface Option {
  readonly label: string;
  readonly value: Json;
}

export type CompiledChoice = (visit: Visit) => Promise<readonly Option[]>;

export const choicesOfRecordsMax = 200;

export function compileChoice(
  choice: ChoiceDefinition,
  at: Pick<CompileSite, 'expression' | 'field' | 'report'>,
): CompiledChoice {
  if (!('record' in choice)) {
    const { label, value } = choice;
    return async () => [{ label, value }];
  }
  const { record, where, logic, sort, label, value, limit = choicesOfRecordsMax } = choice;
  at.field?.(record, label, '/label');
  at.field?.(record, value, '/value');
  checkSort(sort, at, record);
  const filters = compileFilters({ where, logic }, at, record);
  return async (visit) => {
    const found = await visit.records.find({
      type: record,
      where: evaluateFilters(filters, visit),
      ...(sort === undefined ? {} : { sort }),
      limit,
    });
    return found.map((each) => {
      const chosen = fieldOf(each, value);
      const shown = fieldOf(each, label);
      return { label: typeof shown === 'string' ? shown : JSON.stringify(shown), value: chosen };
    });
  };
}
