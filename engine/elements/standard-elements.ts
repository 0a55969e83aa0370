// The elements that every engine of ours knows; whoever embeds it may add others.
import { actionElement } from './action.js';
import { approvalElement } from './approval.js';
import { assignmentElement } from './assignment.js';
import { compensateElement } from './compensate.js';
import { createRecordsElement } from './create-records.js';
import { decisionElement } from './decision.js';
import { decisionTableElement } from './decision-table.js';
import { deleteRecordsElement } from './delete-records.js';
import { emitEventElement } from './emit-event.js';
import { endElement } from './end.js';
import { experimentElement } from './experiment.js';
import { filterElement } from './filter.js';
import { getRecordsElement } from './get-records.js';
import { loopElement } from './loop.js';
import { parallelElement } from './parallel.js';
import { raiseErrorElement } from './raise-error.js';
import { rollBackElement } from './roll-back.js';
import { screenElement } from './screen.js';
import { sendMailElement } from './send-mail.js';
import { sortElement } from './sort.js';
import { subflowElement } from './subflow.js';
import { taskElement } from './task.js';
import { transformElement } from './transform.js';
import { updateRecordsElement } from './update-records.js';
import { waitElement } from './wait.js';

export const standardElements = [
  actionElement,
  approvalElement,
  assignmentElement,
  compensateElement,
  createRecordsElement,
  decisionElement,
  decisionTableElement,
  deleteRecordsElement,
  emitEventElement,
  endElement,
  experimentElement,
  filterElement,
  getRecordsElement,
  loopElement,
  parallelElement,
  raiseErrorElement,
  rollBackElement,
  screenElement,
  sendMailElement,
  sortElement,
  subflowElement,
  taskElement,
  transformElement,
  updateRecordsElement,
  waitElement,
] as const;
