// Discards what was written to records since the last wait.
import type { ElementType } from './element.js';

export const rollBackElement: ElementType = {
  type: 'rollBack',
  title: 'Roll Back Records',
  description:
    'Discards the record changes that this run has made since its last wait, screen or outside call, and goes on.',
  schema: { type: 'object', properties: {}, additionalProperties: false },
  writes: true,
  outlets: ({ next }) => [{ name: 'next', target: next, pointer: '/next' }],
  output: () => 'none',
  summary: () => 'Discards pending record changes',
  compile: () => ({ enter: () => ({ kind: 'rollBack', outlet: 'next' }) }),
};
