// The record types of this room, as flows know them.
import type { RecordType } from '../engine/ports/records.js';
import { orderRecordType } from './aggregate/order-record-type.js';
import { caseRecordType } from './cases/case-record-type.js';

export const recordTypes: ReadonlyMap<string, RecordType> = new Map(
  [orderRecordType, caseRecordType].map((type) => [type.name, type]),
);
