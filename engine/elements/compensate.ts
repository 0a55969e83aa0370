// Undoes what the run has done outside: each action that declares its undoing, the last first.
import type { ElementType } from './element.js';

export const compensateElement: ElementType = {
  type: 'compensate',
  title: 'Undo What Was Done',
  description:
    'Undoes what this run has done outside until now, the last first: every action that declares how it is undone, in subflows and branches, too. Goes on once all is undone; what can not be undone stops the run at an incident. Record changes of earlier segments stay.',
  schema: { type: 'object', properties: {}, additionalProperties: false },
  parks: true,
  outlets: ({ next }) => [{ name: 'next', target: next, pointer: '/next' }],
  output: () => ({
    type: 'object',
    properties: {
      undone: { type: 'integer', description: 'Calls that were undone.' },
      failed: {
        type: 'integer',
        description: 'Calls that an operator has skipped, because they could not be undone.',
      },
    },
  }),
  summary: () => 'Undoes what the run has done outside',
  compile: () => ({
    enter: () => ({ kind: 'compensate' }),
    resume(visit, event) {
      if (event.kind !== 'compensated') return { kind: 'stay' };
      visit.output({ undone: event.undone, failed: event.failed });
      return { kind: 'go', outlet: 'next' };
    },
  }),
};
