// $set, $setOnInsert, $unset and $currentDate: the operators that don't look at the value they replace.
import { Timestamp } from 'bson';
import { isDocument, plainFields } from '../bson/fields.js';
import { typeOf } from '../bson/type-of.js';
import { CommandError } from '../errors.js';
import { absent, type FieldOperator, type FieldUpdate } from './field-update.js';
import { showField } from './show.js';

export const setOperator: FieldOperator = (argument) => ({ blocked: 'fail', next: () => argument });

export const setOnInsertOperator: FieldOperator = (argument) => ({
  blocked: 'fail',
  next: (current, { insert }) => (insert ? argument : current),
});

export const unsetOperator: FieldOperator = () => ({ blocked: 'skip', next: () => absent });

const currentDate: FieldUpdate = { blocked: 'fail', next: (_current, { now }) => now };

const currentTimestamp: FieldUpdate = {
  blocked: 'fail',
  next: (_current, { now }) => new Timestamp({ t: Math.floor(now.getTime() / 1000), i: 1 }),
};

/** `true`, `false` (which also means the date, as in MongoDB) or `{ $type: 'date' | 'timestamp' }`. */
export const currentDateOperator: FieldOperator = (argument) => {
  if (typeof argument === 'boolean') return currentDate;
  if (!isDocument(argument)) {
    throw new CommandError(
      'BadValue',
      `${typeOf(argument)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).`,
    );
  }
  const fields = plainFields(argument);
  for (const name of Object.keys(fields)) {
    if (name !== '$type') {
      throw new CommandError('BadValue', `Unrecognized $currentDate option: ${name}`);
    }
  }
  if (fields['$type'] === 'date') return currentDate;
  if (fields['$type'] === 'timestamp') return currentTimestamp;
  throw new CommandError(
    'BadValue',
    `The '$type' string field is required to be 'date' or 'timestamp': ${showField('$currentDate', { field: { $type: 'date' } })}`,
  );
};
