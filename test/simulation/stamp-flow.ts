// The flow that runs before each save of a record in the simulation: it counts the saves, so that one more or less shows.
import type { FlowDefinition } from '../../engine/index.js';

export const stampFlow = {
  format: 1,
  name: 'stamp',
  label: 'Counts saves',
  start: { trigger: { type: 'recordChange', record: 'order', on: ['update'], before: true }, next: 'set' },
  elements: {
    set: {
      type: 'assignment',
      label: 'Set',
      assignments: [{ target: '$record.saves', operator: 'add', value: 1 }],
    },
  },
} as unknown as FlowDefinition;

/** The place at which the element of the flow is entered when `place` saves its one record. */
export const stampPlace = (frame: string, element: string, visit: number): string =>
  `${frame}/${element}.${visit}~stamp.1:set:1`;
