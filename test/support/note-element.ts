// An element from outside the engine, for flows of tests.
import type { ElementType } from '../../engine/index.js';

/** Writes a row of the outbox. */
export const noteElement: ElementType<{ readonly text: string }> = {
  type: 'note',
  title: 'Note',
  description: 'Tells somebody.',
  schema: {
    type: 'object',
    properties: { text: { type: 'string', description: 'What is told.', examples: ['Hello'] } },
    required: ['text'],
    additionalProperties: false,
  },
  outlets: ({ next }) => [{ name: 'next', target: next, pointer: '/next' }],
  summary: ({ text }) => `Notes ${text}`,
  compile: ({ text }) => ({
    enter(visit) {
      visit.emit({ topic: 'note', key: 'notes', payload: { text } });
      return { kind: 'go', outlet: 'next' };
    },
  }),
};
