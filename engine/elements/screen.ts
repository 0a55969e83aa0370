// Shows fields to a person and waits for the answer.
import type { Json } from '../definition/flow.js';
import type { ElementType, Outcome, Visit } from './element.js';
import {
  type FormField,
  fieldsSchema,
  checkParts,
  Form,
  ownOf,
  refuse,
  toObject,
  type Values,
  valuesSchema,
} from './form-fields.js';
import { targetSchema } from './rule-schema.js';

interface ScreenProperties {
  readonly title?: string;
  readonly text?: string;
  readonly fields?: readonly FormField[];
  readonly back?: string;
  readonly inputsOnNext?: 'keep' | 'reset';
  readonly pause?: boolean;
}

export const screenElement: ElementType<ScreenProperties> = {
  type: 'screen',
  title: 'Screen',
  description:
    'Shows text and fields to whoever runs the flow, and waits for the answer; what was entered is found under the name of this element. Seen again, it holds what was entered before, unless inputsOnNext says otherwise.',
  schema: {
    type: 'object',
    properties: {
      title: {
        type: 'string',
        maxLength: 200,
        description: 'Heading; text with merge fields.',
        examples: ['Cancel {{order}}'],
      },
      text: {
        type: 'string',
        maxLength: 20_000,
        description: 'What stands above the fields; text with merge fields.',
        examples: ['The customer gets {{amount}} back.'],
      },
      fields: fieldsSchema,
      back: targetSchema('The element that Back leads to; without it there is no Back.'),
      inputsOnNext: {
        enum: ['keep', 'reset'],
        description:
          'What its fields hold when it was left by Back and is reached again: what was entered (keep, if left out), or their defaults (reset).',
        examples: ['reset'],
      },
      pause: {
        type: 'boolean',
        description: 'Whether what was entered can be kept for later.',
        examples: [true],
      },
    },
    required: [],
    additionalProperties: false,
  },
  parks: true,
  asks: true,
  outlets: ({ back, next }) => [
    ...(back === undefined ? [] : [{ name: 'back', target: back, label: 'Back', pointer: '/back' }]),
    { name: 'next', target: next, label: 'Next', pointer: '/next' },
  ],
  output: ({ fields }, { flow }) => ({
    type: 'object',
    properties: valuesSchema(fields, flow),
    additionalProperties: false,
  }),
  summary: ({ title, fields }) => `Asks ${title ?? fields?.map(({ label }) => label).join(', ') ?? ''}`,
  compile({ title, text, fields, back, inputsOnNext, pause }, at) {
    const heading = title === undefined ? undefined : at.text(title, '/title');
    const body = text === undefined ? undefined : at.text(text, '/text');
    const form = new Form(fields, at);
    if (back === undefined && inputsOnNext !== undefined) {
      at.useless?.('/inputsOnNext', 'without back it is never left by Back');
    }
    const show = async (visit: Visit, values: Values): Promise<Outcome> => {
      visit.output(values);
      const shown: Json = {
        kind: 'screen',
        ...(heading === undefined ? {} : { title: visit.evaluate(heading) }),
        ...(body === undefined ? {} : { text: visit.evaluate(body) }),
        fields: await form.show(visit, values),
        back: back !== undefined,
        pause: pause === true,
      };
      return { kind: 'park', waits: [{ kind: 'answer', name: 'answer', form: shown }] };
    };
    return {
      enter: (visit) => show(visit, form.initial(visit, toObject(visit.memory.get()))),
      async resume(visit, event) {
        if (event.kind !== 'answer') return { kind: 'stay' };
        const { payload } = event;
        checkParts(payload, ['values', 'go']);
        const go = ownOf(toObject(payload), 'go') ?? 'next';
        const values = ownOf(toObject(payload), 'values');
        if (go === 'next') {
          const accepted = await form.accept(visit, values);
          visit.output(accepted);
          visit.memory.set(form.keep(values));
          return { kind: 'go', outlet: 'next' };
        }
        if (go === 'back' && back !== undefined) {
          const kept = form.keep(values);
          visit.memory.set(inputsOnNext === 'reset' ? undefined : kept);
          return { kind: 'go', outlet: 'back' };
        }
        if (go === 'pause' && pause === true) {
          const kept = form.keep(values);
          visit.memory.set(kept);
          return show(visit, form.initial(visit, kept));
        }
        return refuse(`this screen can't be left by ${JSON.stringify(go)}`);
      },
    };
  },
};
