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

interface Message {
  readonly message: string;
  readonly field?: string;
}

/** One message, or several. */
interface RaiseErrorProperties extends Partial<Message> {
  readonly messages?: readonly Message[];
  readonly code?: string;
}

const message = {
  type: 'string',
  minLength: 1,
  maxLength: 2_000,
  description: 'Text with merge fields.',
  examples: ['Order {{order.number}} is already on its way.'],
};

const field = {
  type: 'string',
  minLength: 1,
  maxLength: 256,
  description: 'Field of the record that it is about; left out, it is about the record as a whole.',
  examples: ['status'],
};

export const raiseErrorElement: ElementType<RaiseErrorProperties> = {
  type: 'raiseError',
  title: 'Custom Error',
  description:
    'Raises an error with a message, or several: a fault here, with `onFault` as any other, else the segment is discarded and the run stops. Before a save it refuses the save, and is the fault of the element that saves.',
  schema: {
    type: 'object',
    properties: {
      message,
      field,
      messages: {
        type: 'array',
        minItems: 1,
        maxItems: 20,
        description:
          'Several messages, instead of the one: each about a field, or the record as a whole. The text of the error has them all, a line each.',
        examples: [
          [
            { message: 'Say in a sentence what was answered.', field: 'resolution' },
            { message: 'Case {{$record.id}} is still with the warehouse.' },
          ],
        ],
        items: {
          type: 'object',
          properties: { message, field },
          required: ['message'],
          additionalProperties: false,
        },
      },
      code: {
        type: 'string',
        pattern: '^[a-z][a-z0-9-]{0,63}$',
        description: 'For programs: which of the errors of this flow it is.',
        examples: ['already-shipped'],
      },
    },
    oneOf: [{ required: ['message'] }, { required: ['messages'] }],
    additionalProperties: false,
  },
  // Control never leaves it by itself.
  outlets: () => [],
  output: () => 'none',
  summary: (properties) =>
    `Raises: ${toMessages(properties)
      .map((one) => one.message)
      .join(' ')}`,
  compile(properties, at) {
    const { messages, code, field: about } = properties;
    if (messages !== undefined && about !== undefined) at.useless?.('/field', 'each message has its own');
    const texts = toMessages(properties).map((one, index) => ({
      ...one,
      text: at.text(one.message, messages === undefined ? '/message' : `/messages/${index}/message`),
    }));
    return {
      enter(visit) {
        const raised = texts.map(({ text, field: of }) => ({
          message: String(visit.evaluate(text)),
          ...(of === undefined ? {} : { field: of }),
        }));
        throw raisedErrors.error('error', raised.map((one) => one.message).join('\n'), {
          data: {
            ...(code === undefined ? {} : { code }),
            ...(messages !== undefined ? { messages: raised } : about === undefined ? {} : { field: about }),
          },
        });
      },
    };
  },
};

const toMessages = ({
  messages,
  message: only = '',
  field: about,
}: RaiseErrorProperties): readonly Message[] =>
  messages ?? [{ message: only, ...(about === undefined ? {} : { field: about }) }];
