// The flows that are measured: the peers' workload (five steps, a wait, an event, two more steps) with external steps,
// the same with steps that write records, and with steps that write records a flow may start on; one that only waits.
import type { Action, ElementDefinition, FlowDefinition, RecordType } from '../../engine/index.js';

const amount = { type: 'integer', minimum: 0 } as const;
const stepInput = {
  type: 'object',
  properties: { order: { type: 'string' }, amount },
  required: ['order', 'amount'],
  additionalProperties: false,
};
const stepOutput = {
  type: 'object',
  properties: { reference: { type: 'string' }, amount },
  required: ['reference', 'amount'],
  additionalProperties: false,
};

interface StepInput {
  readonly order: string;
  readonly amount: number;
}

/** Answers at once: what is measured is the engine, not the other side. */
export const externalStep: Action = {
  name: 'bench.external',
  title: 'Step',
  description: 'An external step under a key.',
  input: stepInput,
  output: stepOutput,
  effect: 'external',
  repeat: 'keyed',
  keyLifetimeMs: 86_400_000,
  async perform({ input, key }) {
    return { reference: key, amount: (input as unknown as StepInput).amount };
  },
};

/** A step that writes a record of a type. */
const recordStepOf = (name: string, type: string): Action => ({
  name,
  title: 'Step',
  description: 'Writes a record.',
  input: stepInput,
  output: stepOutput,
  effect: 'records',
  async perform({ input, key, records }) {
    const { order, amount } = input as unknown as StepInput;
    const { id } = await records!.create(type, { order, amount, key });
    return { reference: id, amount };
  },
});

const recordType = (name: string): RecordType => ({
  name,
  title: name,
  schema: {
    type: 'object',
    properties: { id: { type: 'string' }, order: { type: 'string' }, amount, key: { type: 'string' } },
    required: ['id', 'order', 'amount', 'key'],
    additionalProperties: false,
  },
  permissions: { read: 'entries', create: 'entries', update: 'entries', delete: 'entries' },
});

/** Nobody waits for these, and no flow starts on them. */
export const entryType = recordType('entry');
export const recordStep = recordStepOf('bench.record', entryType.name);

/** Each change of these is told: a flow may start on it. */
export const watchedType = recordType('watched');
export const watchedStep = recordStepOf('bench.watched', watchedType.name);

const wait = (next?: string): ElementDefinition => ({
  type: 'wait',
  label: 'Wait for the parcel',
  events: [{ name: 'received', signal: 'received', ...(next === undefined ? {} : { next }) }],
});

function toFlow(name: string, start: string, elements: Record<string, ElementDefinition>): FlowDefinition {
  return {
    format: 1,
    name,
    label: name,
    start: { trigger: { type: 'action' }, next: start },
    variables: {
      order: { schema: { type: 'string' }, input: true },
      amount: { schema: amount, input: true },
    },
    signals: {
      received: {
        schema: {
          type: 'object',
          properties: { parcel: { type: 'string' } },
          required: ['parcel'],
          additionalProperties: false,
        },
      },
    },
    elements,
  };
}

/** Five steps, a wait for `received`, two steps. */
export function peersWorkload(name: string, { name: action }: Action): FlowDefinition {
  const elements: Record<string, ElementDefinition> = { wait: wait('step6') };
  const next = ['step2', 'step3', 'step4', 'step5', 'wait', 'step7', undefined];
  for (const [index, target] of next.entries()) {
    elements[`step${index + 1}`] = {
      type: 'action',
      label: `Step ${index + 1}`,
      action,
      input: { order: { var: 'order' }, amount: { var: 'amount' } },
      ...(target === undefined ? {} : { next: target }),
    };
  }
  return toFlow(name, 'step1', elements);
}

/** Looks at each new watched record, and never starts. */
export const watching: FlowDefinition = {
  ...toFlow('watching', 'wait', { wait: wait() }),
  start: {
    trigger: {
      type: 'recordChange',
      record: watchedType.name,
      on: ['create'],
      when: { '<': [{ var: '$record.amount' }, 0] },
    },
    next: 'wait',
  },
};

/** Waits for `received`, and ends. */
export const parking: FlowDefinition = toFlow('parking', 'wait', { wait: wait() });
