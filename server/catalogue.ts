// All rooms' error codes in one catalogue: for the answers, for docs/errors.md and for its test.
import { calendarErrors } from '../engine/calendar/calendar-errors.js';
import { versionErrors } from '../engine/definition/versions.js';
import { assignmentErrors } from '../engine/elements/assignment-operators.js';
import { collectionErrors } from '../engine/elements/collections.js';
import { workErrors } from '../engine/elements/human-work.js';
import { upsertErrors } from '../engine/elements/create-records.js';
import { decisionTableErrors } from '../engine/elements/decision-table.js';
import { loopErrors } from '../engine/elements/loop.js';
import { addressErrors } from '../engine/elements/mail-addresses.js';
import { raisedErrors } from '../engine/elements/raise-error.js';
import { assembleCatalogue, type ErrorRoom } from '../engine/errors/catalogue.js';
import { expressionErrors } from '../engine/expressions/expression-errors.js';
import { moneyErrors } from '../engine/money/money-errors.js';
import { unitErrors } from '../engine/ports/engine-store.js';
import { actionErrors, recordErrors, runErrors } from '../engine/runtime/run-errors.js';
import { connectionErrors } from '../connections/connection-errors.js';
import { mailErrors } from '../mail/mail-errors.js';
import { orderErrors } from '../orders/order-errors.js';
import { storeErrors } from '../store/store-errors.js';
import { serverErrors } from './server-errors.js';

/** Every room that defines errors; a test finds one that is missing here. */
export const errorRooms: readonly ErrorRoom<string>[] = [
  serverErrors,
  storeErrors,
  orderErrors,
  mailErrors,
  connectionErrors,
  moneyErrors,
  calendarErrors,
  expressionErrors,
  runErrors,
  recordErrors,
  actionErrors,
  unitErrors,
  versionErrors,
  assignmentErrors,
  collectionErrors,
  decisionTableErrors,
  loopErrors,
  addressErrors,
  raisedErrors,
  upsertErrors,
  workErrors,
];

export const catalogue = assembleCatalogue(errorRooms);
