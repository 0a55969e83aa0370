// What of `$record` a flow may set: fields of the record that is about to be saved, and nothing else.
import type { CompileProblem } from '../elements/element.js';
import type { RecordType } from '../ports/records.js';
import type { FlowDefinition, Trigger } from './flow.js';

export type BeforeSaveTrigger = Extract<Trigger, { type: 'recordChange' }> & { readonly before: true };

/** Whether a flow runs before a save, not after it. */
export const isBeforeSave = (trigger: Trigger): trigger is BeforeSaveTrigger =>
  trigger.type === 'recordChange' && trigger.before === true;

/** Whether the path of a target begins at the record that the flow is about. */
export const isOfRecord = (path: string): boolean => /^\$record(Prior)?(\.|$)/.test(path);

/** Why what the path names can't be set; undefined: it can, if the record has such a field. */
export function readOnlyReason(
  { start: { trigger } }: FlowDefinition,
  path: string,
  records: ReadonlyMap<string, RecordType>,
): Omit<CompileProblem, 'pointer'> | undefined {
  const [root, field] = path.split('.');
  const refused = (detail: string, expected: string) => ({ code: 'flow.record-read-only', detail, expected });
  if (root === '$recordPrior') {
    return refused(
      '$recordPrior is the record as it was',
      'a variable, or a field of $record before its save',
    );
  }
  if (!isBeforeSave(trigger)) {
    return refused(
      '$record can be set only before it is saved',
      'a variable, an element that updates records, or "before": true in the trigger',
    );
  }
  if (!trigger.on.some((change) => change !== 'delete')) {
    return refused('a record that is being deleted is not saved', '"create" or "update" in "on"');
  }
  if (field === undefined)
    return refused('$record as a whole can not be set', 'a field, as in $record.status');
  if (field === 'id') return refused('the id of a record never changes', 'another field');
  const { writtenBy, opaque } = records.get(trigger.record) ?? {};
  if (writtenBy === 'actions' || field === opaque) {
    return refused(
      `${field} of ${trigger.record} records is changed by actions only`,
      'an element that raises an error, which refuses the save',
    );
  }
  return undefined;
}
