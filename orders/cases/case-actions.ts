// What flows do with cases beside reading and writing them.
import type { Action } from '../../engine/actions/action.js';
import { fields, text } from '../actions/action-schemas.js';
import type { Numbers } from '../ports/numbers.js';

export const nextCaseNumberAction = (numbers: Numbers): Action => ({
  name: 'cases.nextNumber',
  title: 'Take a case number',
  description: 'A number that no other case has; one that is not used leaves a gap.',
  permission: 'cases.write',
  effect: 'query',
  timeoutMs: 10_000,
  input: fields({}, [], {}),
  output: fields({ number: text('The number.', 'K1001', 40) }, ['number']),
  perform: async () => ({ number: await numbers.next() }),
});
