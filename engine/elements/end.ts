// Ends the flow, whatever else is under way in it.
import type { ElementType } from './element.js';

export const endElement: ElementType = {
  type: 'end',
  title: 'End',
  description: 'Ends the flow here; branches that are still under way are dropped.',
  schema: { type: 'object', properties: {}, additionalProperties: false },
  outlets: () => [],
  output: () => 'none',
  summary: () => 'End of the flow',
  compile: () => ({ enter: () => ({ kind: 'end' }) }),
};
