// Ends the flow with an error of its own; what was written in this segment is discarded.
import { defineErrors } from '../errors/catalogue.js';
import type { ElementType } from './element.js';

export const raisedErrors = defineErrors('raised', {
  error: {
    status: 422,
    title: 'The flow refuses to go on',
    who: 'caller',
    retryable: false,
    remedy: 'Do what the message says.',
  },
});

interface RaiseErrorProperties {
  readonly message: string;
  readonly field?: string;
  readonly code?: string;
}

export const raiseErrorElement: ElementType<RaiseErrorProperties> = {
  type: 'raiseError',
  title: 'Custom Error',
  description:
    'Raises an error with a message: a fault here, with `onFault` as any other, else the segment is discarded and the run stops. Before a save it refuses the save, and is the fault of the element that saves.',
  schema: {
    type: 'object',
    properties: {
      message: {
        type: 'string',
        minLength: 1,
        maxLength: 2_000,
        description: 'Text with merge fields.',
        examples: ['Order {{order.number}} is already on its way.'],
      },
      field: {
        type: 'string',
        minLength: 1,
        maxLength: 256,
        description: 'Field of the record that it is about.',
        examples: ['status'],
      },
      code: {
        type: 'string',
        pattern: '^[a-z][a-z0-9-]{0,63}$',
        description: 'For programs: which of the errors of this flow it is.',
        examples: ['already-shipped'],
      },
    },
    required: ['message'],
    additionalProperties: false,
  },
  // Control never leaves it by itself.
  outlets: () => [],
  output: () => 'none',
  summary: ({ message }) => `Raises: ${message}`,
  compile({ message, field, code }, at) {
    const text = at.text(message, '/message');
    return {
      enter(visit) {
        throw raisedErrors.error('error', String(visit.evaluate(text)), {
          data: { ...(code === undefined ? {} : { code }), ...(field === undefined ? {} : { field }) },
        });
      },
    };
  },
};
