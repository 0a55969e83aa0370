// Elements of the simulation's own: one that tells, one that asks a person, one that undoes.
import type { ElementType, Schema } from '../../engine/index.js';

const nothing: Schema = { type: 'object', properties: {}, additionalProperties: false };

export const questionElement: ElementType = {
  type: 'question',
  title: 'Question',
  description: 'Waits for an answer.',
  schema: nothing,
  outlets: ({ next }) => [{ name: 'next', target: next, pointer: '/next' }],
  summary: () => 'Asks',
  compile: () => ({
    enter: () => ({ kind: 'park', waits: [{ kind: 'answer', name: 'answer', form: {} }] }),
    resume(visit, event) {
      if (event.kind === 'answer') visit.output(event.payload);
      return { kind: 'go', outlet: 'next' };
    },
  }),
};
