// What a scenario says: a story of one flow, from what is given over what happens to what is expected; one JSON file each.
import type { Json, Schema } from '../engine/index.js';
import { roles } from '../store/models/user.js';

export interface Scenario {
  readonly name: string;
  readonly description?: string;
  readonly given?: {
    /** Numbers of sample orders. */
    readonly orders?: readonly string[];
    /** The time at the start, ISO 8601 in UTC. */
    readonly now?: string;
    /** What other systems answer. */
    readonly systems?: readonly SystemAnswer[];
  };
  /** Role of whoever starts it, and name of the user. */
  readonly user?: string;
  /** What the payment provider does wrong, from the start on. */
  readonly faults?: readonly Fault[];
  readonly start: {
    readonly order?: string;
    readonly input?: Readonly<Record<string, Json>>;
    /** The flow, where it is another one than that of the directory. */
    readonly flow?: string;
  };
  readonly steps?: readonly Step[];
  readonly expect?: Expectation;
}

/** Answers of the same call come one after the other; the last one again and again. */
export interface SystemAnswer {
  /** Method, connection and path. */
  readonly call: string;
  /** 200 if left out. */
  readonly status?: number;
  readonly body?: Json;
}

export interface Fault {
  readonly call: string;
  readonly fault: string;
  readonly times?: number;
}

export type Step =
  | { readonly expect: Expectation }
  | { readonly advance: string }
  | { readonly faults: readonly Fault[] }
  | {
      /** Claims open work and answers it; `refused`: the code of the error that is expected. */
      readonly answer: {
        readonly as: string;
        readonly element: string;
        readonly payload: Readonly<Record<string, Json>>;
        readonly refused?: string;
      };
    }
  | { readonly signal: { readonly name: string; readonly payload?: Json; readonly refused?: string } }
  | {
      /** An event that is told from outside to all who wait for it. */
      readonly event: { readonly name: string; readonly payload?: Json; readonly key?: string };
    }
  | {
      /** Another flow that is started meanwhile and comes to its end. */
      readonly meanwhile: {
        readonly as: string;
        readonly flow: string;
        readonly order?: string;
        readonly input?: Readonly<Record<string, Json>>;
        /** What follows is about this run. */
        readonly follow?: boolean;
      };
    };

/** Each part is compared with what it names only: what an object leaves out may be anything. */
export interface Expectation {
  /** Code of the error that the start is refused with. */
  readonly refused?: string;
  /** Sentences that say why the flow does not apply. */
  readonly reasons?: readonly string[];
  readonly status?: string;
  readonly outputs?: Json;
  readonly order?: Json;
  /** Elements at which people are asked. */
  readonly waitsAt?: readonly string[];
  /** In the order in which they were sent. */
  readonly mails?: readonly Json[];
  readonly events?: readonly Json[];
  /** What the payment provider has done: `authorize`, `capture`, `release`, `refund`. */
  readonly effects?: readonly Json[];
  /** What other systems were asked and sent: `call`, `query`, `body`. */
  readonly calls?: readonly Json[];
}

const any = (description: string): Schema => ({ description });
const text = (description: string, example: string): Schema => ({
  type: 'string',
  description,
  examples: [example],
});
const object = (
  description: string,
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
): Schema => ({ type: 'object', description, properties, required, additionalProperties: false });
const list = (description: string, items: Schema): Schema => ({ type: 'array', description, items });

const faults = list(
  'What the payment provider does wrong; the calls and faults of docs/ports.md.',
  object(
    'A fault.',
    {
      call: text('authorize, capture, release, refund, status or *.', 'refund'),
      fault: text('decline, unavailable, timeout-after, …', 'decline'),
      times: { type: 'integer', minimum: 1, description: 'How often; once if left out.', examples: [1] },
    },
    ['call', 'fault'],
  ),
);

const expectation = object('What must be so; what is left out may be anything.', {
  refused: text('Code of the error that the start is refused with.', 'run.not-applicable'),
  reasons: list('Sentences that say why the flow does not apply.', text('A sentence.', 'It is on hold.')),
  status: text('Of the run: waiting, done, incident …', 'done'),
  outputs: any('Outputs of the run.'),
  order: any('The order as flows see it.'),
  waitsAt: list('Elements at which people are asked.', text('An element.', 'decideRefund')),
  mails: list('Mails in their order: template, to, variables, locale.', any('A mail.')),
  events: list('Events in their order: event, payload.', any('An event.')),
  effects: list(
    'What the payment provider has done, in its order: kind, amount, currency.',
    any('An effect.'),
  ),
  calls: list('What other systems were asked and sent, in its order: call, query, body.', any('A call.')),
});

const role = text(`Role and name of a user: ${roles.join(', ')}.`, 'agent');
const input: Schema = {
  type: 'object',
  description: 'Inputs of the flow by name.',
  examples: [{ reason: 'late' }],
};

/** JSON Schema of a scenario file. */
export const scenarioSchema: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://recourse.dev/schemas/scenario-1.json',
  title: 'Recourse scenario',
  ...object(
    'A story of one flow.',
    {
      $schema: text('Where this schema is, for editors.', '../../scenario.schema.json'),
      name: text('What happens, in a line.', 'An agent cancels one of two units'),
      description: text('More about it.', 'The customer ordered too many.'),
      given: object('What is there before.', {
        orders: list('Sample orders.', text('A number.', '10248')),
        now: { type: 'string', format: 'date-time', description: 'The time at the start.' },
        systems: list(
          'What other systems answer; the same call one after the other, the last again and again.',
          object(
            'An answer.',
            {
              call: text('Method, connection and path.', 'POST carrier /labels'),
              status: {
                type: 'integer',
                minimum: 200,
                maximum: 599,
                description: 'Of HTTP; 200 if left out.',
                examples: [201],
              },
              body: any('What it answers.'),
            },
            ['call'],
          ),
        ),
      }),
      user: role,
      faults,
      start: object('How it starts.', {
        order: text('Number of the order.', '10248'),
        input,
        flow: text('Another flow than that of the directory.', 'cancel-order'),
      }),
      steps: list('What happens then, one after the other.', {
        description: 'One step.',
        oneOf: [
          object('Looks.', { expect: expectation }, ['expect']),
          object('Time goes on.', { advance: text('By so much, ISO 8601.', 'PT1H') }, ['advance']),
          object('The payment provider goes wrong.', { faults }, ['faults']),
          object(
            'Somebody answers.',
            {
              answer: object(
                'Claims open work and answers it.',
                {
                  as: role,
                  element: text('The element that asks.', 'decideRefund'),
                  payload: { type: 'object', description: 'The answer.', examples: [{ values: {} }] },
                  refused: text('Code of the error that is expected.', 'run.answer-invalid'),
                },
                ['as', 'element', 'payload'],
              ),
            },
            ['answer'],
          ),
          object(
            'A signal comes.',
            {
              signal: object(
                'A signal.',
                {
                  name: text('Its name.', 'parcelScanned'),
                  payload: any('What it says.'),
                  refused: text('Code of the error that is expected.', 'run.event-not-accepted'),
                },
                ['name'],
              ),
            },
            ['signal'],
          ),
          object(
            'An event comes.',
            {
              event: object(
                'An event that is told to all who wait for it, from outside.',
                {
                  name: text('Its name.', 'parcel.received'),
                  payload: any('What it tells.'),
                  key: text('Its key.', '10248'),
                },
                ['name'],
              ),
            },
            ['event'],
          ),
          object(
            'Another flow runs.',
            {
              meanwhile: object(
                'It comes to its end, or to a person.',
                {
                  as: role,
                  flow: text('The flow.', 'cancel-items'),
                  order: text('The order.', '10248'),
                  input,
                  follow: {
                    type: 'boolean',
                    description: 'What follows is about this run.',
                    examples: [true],
                  },
                },
                ['as', 'flow'],
              ),
            },
            ['meanwhile'],
          ),
        ],
      }),
      expect: expectation,
    },
    ['name', 'start'],
  ),
};
