// The errors of runs, and of the records and actions that flows use.
import { defineErrors } from '../errors/catalogue.js';
import type { SchemaProblem } from '../elements/element.js';

const caller = { status: 422, who: 'caller', retryable: false } as const;
const bug = { status: 500, who: 'bug', retryable: false } as const;

export const runErrors = defineErrors('run', {
  unknown: { ...caller, status: 404, title: 'No such run', remedy: 'Check the id of the run.' },
  'effect-unknown': {
    ...caller,
    status: 404,
    title: 'No such effect',
    remedy: 'Take the id of the effect from the incident of the run.',
  },
  'flow-unknown': {
    ...caller,
    status: 404,
    title: 'No such flow',
    remedy: 'Check the name; only active flows can be started.',
  },
  'not-applicable': {
    ...caller,
    status: 409,
    title: 'The flow does not apply',
    remedy: 'Read the reasons; each names a condition that does not hold.',
  },
  forbidden: {
    ...caller,
    status: 403,
    title: 'Not allowed',
    remedy: 'Ask for the permission that is named.',
  },
  exists: {
    ...caller,
    status: 409,
    title: 'Run exists',
    remedy: 'Use the run that was started with this id.',
  },
  'idempotency-mismatch': {
    ...caller,
    title: 'Idempotency key used for something else',
    remedy: 'Send the same request again, or another key.',
  },
  held: {
    ...caller,
    status: 409,
    title: 'The record is on hold',
    remedy: 'Have the hold lifted, then try again.',
  },
  'preview-failed': {
    ...caller,
    status: 409,
    title: 'What it would come to can not be told now',
    remedy: 'Look at the detail; try again if it is about something that was not to be had.',
  },
  'preview-outdated': {
    ...caller,
    status: 409,
    title: 'The figures have changed since the preview',
    remedy: 'Look at the new figures in `data`, then send their hash.',
  },
  ended: { ...caller, status: 409, title: 'Run has ended', remedy: 'Start a new run.' },
  'event-not-accepted': {
    ...caller,
    status: 409,
    title: 'Event not accepted',
    remedy: 'Send one of the events that the run accepts now.',
  },
  'signals-full': {
    ...caller,
    status: 409,
    title: 'The run keeps too many signals',
    remedy: 'Send it again when the run has taken some of them, or stop sending what it does not wait for.',
  },
  'event-unknown': {
    ...caller,
    status: 404,
    title: 'No such event',
    remedy: 'Check the id; events are kept for 30 days.',
  },
  'event-too-large': {
    ...caller,
    title: 'Event too large',
    remedy: 'Tell where the rest can be read, and let flows read it there.',
  },
  'operation-refused': {
    ...caller,
    status: 409,
    title: 'Operation does not fit the run',
    remedy: 'Look at the state of the run; it names what can be done.',
  },
  'input-invalid': { ...caller, title: 'Input not valid', remedy: 'Correct each of the problems listed.' },
  'answer-invalid': { ...caller, title: 'Answer not valid', remedy: 'Correct each of the problems listed.' },
  'variable-invalid': {
    ...caller,
    title: 'Value does not fit its variable',
    remedy: "Assign what the variable's schema describes.",
  },
  'output-invalid': {
    ...caller,
    title: 'Output not valid',
    remedy: 'Assign what the schema of the output describes.',
  },
  'element-failed': {
    ...bug,
    title: 'An element failed',
    remedy: 'Report it; the cause is in the incident.',
  },
  stuck: {
    ...caller,
    title: 'Nothing can happen any more',
    remedy: 'Correct the join of the parallel element.',
  },
  overloaded: {
    ...caller,
    status: 503,
    retryable: true,
    title: 'Too many runs in flight',
    remedy: 'Try again later.',
  },
  stopping: {
    ...caller,
    status: 503,
    retryable: true,
    title: 'The engine is stopping',
    remedy: 'Try again in a moment.',
  },
  contended: {
    ...caller,
    status: 503,
    retryable: true,
    title: 'Too many conflicts',
    remedy: 'Try again in a moment.',
  },
  'limit-elements': {
    ...caller,
    title: 'Too many elements in one segment',
    remedy: 'Let the loop wait now and then, or treat fewer items.',
  },
  'limit-segments': {
    ...caller,
    title: 'Too many segments in one run',
    remedy: 'End the run and start another one.',
  },
  'limit-state': {
    ...caller,
    title: 'State of the run too large',
    remedy: 'Keep less in variables; read records again instead.',
  },
  'limit-depth': {
    ...caller,
    title: 'Subflows nested too deeply',
    remedy: 'Look for a flow that calls itself.',
  },
  'before-save': {
    ...caller,
    title: 'Not possible before a save',
    remedy: 'Take it out of the flow, or let the flow start after the save.',
  },
  'limit-outbox': {
    ...caller,
    title: 'Too many messages in one segment',
    remedy: 'Send fewer, or wait in between.',
  },
  poisoned: {
    ...bug,
    who: 'operator',
    title: 'The run ended its worker again and again',
    remedy: 'Look at the journal and the log, then retry, move or cancel.',
  },
});

export const recordErrors = defineErrors('records', {
  'type-unknown': { ...caller, title: 'No such record type', remedy: 'Use a record type that is declared.' },
  unknown: { ...caller, status: 404, title: 'No such record', remedy: 'Check the id.' },
  exists: { ...caller, status: 409, title: 'Record exists', remedy: 'Use another id, or update the record.' },
  forbidden: {
    ...caller,
    status: 403,
    title: 'Not allowed to use these records',
    remedy: 'Ask for the permission that is named.',
  },
  'by-actions-only': {
    ...caller,
    title: 'Records of this type are changed by actions only',
    remedy: 'Use an action that makes the change.',
  },
  invalid: { ...caller, title: 'Record not valid', remedy: 'Correct each of the problems listed.' },
  'too-many-writes': {
    ...caller,
    title: 'Too many records written in one segment',
    remedy: 'Treat fewer records at a time.',
  },
});

export const actionErrors = defineErrors('action', {
  unknown: { ...bug, title: 'No such action', remedy: 'Register the action that the flow names.' },
  forbidden: {
    ...caller,
    status: 403,
    title: 'Not allowed to perform the action',
    remedy: 'Ask for the permission that is named, or have somebody do it who has it.',
  },
  'input-invalid': {
    ...caller,
    title: 'Input of the action not valid',
    remedy: 'Correct each of the problems listed.',
  },
  'output-invalid': {
    ...bug,
    title: 'Output of the action not valid',
    remedy: 'Correct the action; what it answered is in the incident.',
  },
  failed: { ...bug, title: 'The action failed', remedy: 'Look at the cause in the incident.' },
  'undo-failed': {
    status: 502,
    who: 'operator',
    retryable: false,
    title: 'Something could not be undone',
    remedy: 'Undo it on the other side and skip, or try again.',
  },
  'timed-out': {
    status: 504,
    who: 'operator',
    retryable: true,
    title: 'The action took too long',
    remedy: 'Try again, or look at the service.',
  },
  ended: {
    ...bug,
    title: 'The action has ended',
    remedy: 'Have the action await all that it does with records, within its time.',
  },
  'outcome-unknown': {
    status: 502,
    who: 'operator',
    retryable: true,
    title: 'Not known whether it happened',
    remedy: 'Ask the other side, then resolve the doubt.',
  },
  'key-expired': {
    status: 409,
    who: 'operator',
    retryable: false,
    title: 'The idempotency key has expired',
    remedy: 'Ask the other side, then resolve the doubt.',
  },
});

/** Problems of a schema check as those of an error. */
export const toErrorProblems = (problems: readonly SchemaProblem[], code: string) =>
  problems.map(({ pointer, detail }) => ({ pointer, code, detail }));
