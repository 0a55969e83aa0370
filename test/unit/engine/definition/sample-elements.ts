// A few small elements, actions, records and flows, made outside the engine: what the tests of the validation use, and
// the proof that its checks ask the element and never its name.
import type { Action } from '../../../../engine/actions/action.js';
import { createActionRegistry } from '../../../../engine/actions/registry.js';
import type { FlowDefinition, Schema } from '../../../../engine/definition/flow.js';
import type { FlowInterface } from '../../../../engine/definition/flow-interface.js';
import type { ValidationContext } from '../../../../engine/definition/validate.js';
import type { CompileSite, ElementType, Outlet } from '../../../../engine/elements/element.js';
import { createElementRegistry } from '../../../../engine/elements/registry.js';

const go = (outlet: string) => ({ enter: () => ({ kind: 'go', outlet }) as const });
const nextOf = (next: string | undefined): Outlet => ({ name: 'next', target: next, pointer: '/next' });
const text = (description: string, example: string): Schema => ({
  type: 'string',
  description,
  examples: [example],
});
const target = text('Where it goes on.', 'finish');
const rule = (description: string): Schema => ({ description, examples: [true] });
const rules: Schema = {
  type: 'object',
  additionalProperties: {},
  description: 'Rules by name.',
  examples: [{ id: 'A-1' }],
};
const own = (properties: Record<string, Schema>, required: readonly string[]): Schema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const compiled = (values: Readonly<Record<string, unknown>>, pointer: string, at: CompileSite) => ({
  pointer,
  values: Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, at.expression(value, `${pointer}/${name}`)]),
  ),
});

type Values = Readonly<Record<string, unknown>>;

const set: ElementType<{ target: string; value: unknown }> = {
  type: 'set',
  title: 'Set',
  description: 'Sets a variable.',
  schema: own({ target: text('What is set.', 'count'), value: rule('To what.') }, ['target', 'value']),
  outlets: ({ next }) => [nextOf(next)],
  output: () => 'none',
  summary: ({ target: name }) => `Set ${name}`,
  compile({ target: name, value }, at) {
    at.target(name, '/target', at.expression(value, '/value'));
    return go('next');
  },
};

const pick: ElementType<{ when: unknown; yes?: string }> = {
  type: 'pick',
  title: 'Pick',
  description: 'Goes one way or the other.',
  schema: own({ when: rule('The condition.'), yes: target }, ['when']),
  outlets: ({ yes, next }) => [{ name: 'yes', target: yes, pointer: '/yes' }, nextOf(next)],
  exhaustive: ({ when }) => when === true,
  summary: () => 'Pick',
  compile({ when }, at) {
    at.expression(when, '/when');
    return go('next');
  },
};

const each: ElementType<{ list: unknown; body?: string }> = {
  type: 'each',
  title: 'Each',
  description: 'Does something with each item.',
  schema: own({ list: rule('The items.'), body: target }, ['list']),
  outlets: ({ body, next }) => [{ name: 'body', target: body, pointer: '/body', body: true }, nextOf(next)],
  output: () => ({
    type: 'object',
    additionalProperties: false,
    properties: { item: {}, index: { type: 'integer' } },
  }),
  summary: () => 'Each',
  compile({ list }, at) {
    at.expression(list, '/list');
    return go('next');
  },
};

const call: ElementType<{ action: string; inputs: Values }> = {
  type: 'call',
  title: 'Call',
  description: 'Calls an action.',
  schema: own({ action: text('Its name.', 'orders.load'), inputs: rules }, ['action', 'inputs']),
  outlets: ({ next }) => [nextOf(next)],
  output: ({ action }, at) => at.action(action)?.output,
  summary: ({ action }) => `Call ${action}`,
  compile({ action: name, inputs }, at) {
    at.action(name, '/action', compiled(inputs, '/inputs', at));
    return go('next');
  },
};

const pause: ElementType<{ signal: string; late?: string }> = {
  type: 'pause',
  title: 'Pause',
  description: 'Waits for a signal.',
  schema: own({ signal: text('The signal.', 'scanned'), late: target }, ['signal']),
  parks: true,
  outlets: ({ late, next }) => [
    nextOf(next),
    { name: 'late', target: late, label: 'too late', pointer: '/late' },
  ],
  summary: () => 'Pause',
  compile({ signal }, at) {
    at.signal?.(signal, '/signal');
    return go('next');
  },
};

const fork: ElementType<{ left: string; right: string; any?: boolean }> = {
  type: 'fork',
  title: 'Fork',
  description: 'Does two things at once.',
  schema: own(
    {
      left: target,
      right: target,
      any: { type: 'boolean', description: 'Goes on with the first.', examples: [true] },
    },
    ['left', 'right'],
  ),
  outlets: ({ next }) => [nextOf(next)],
  branches: ({ left, right, any }) => [
    { name: 'left', start: left, pointer: '/left', awaited: any !== true },
    { name: 'right', start: right, pointer: '/right', awaited: any !== true },
  ],
  summary: () => 'Fork',
  compile: () => ({ enter: () => ({ kind: 'fork' }) }),
};

const sub: ElementType<{ flow: string; inputs: Values }> = {
  type: 'sub',
  title: 'Sub',
  description: 'Calls a flow.',
  schema: own({ flow: text('The flow.', 'notify'), inputs: rules }, ['flow', 'inputs']),
  outlets: ({ next }) => [nextOf(next)],
  output: ({ flow }, at) => at.outputsOf(flow),
  summary: ({ flow }) => `Call ${flow}`,
  compile({ flow, inputs }, at) {
    at.calls(flow, '/flow', compiled(inputs, '/inputs', at));
    return go('next');
  },
};

const letter: ElementType<{ template: string; variables: Values }> = {
  type: 'letter',
  title: 'Letter',
  description: 'Sends a letter.',
  schema: own({ template: text('The template.', 'canceled'), variables: rules }, ['template', 'variables']),
  outlets: ({ next }) => [nextOf(next)],
  summary: ({ template }) => `Letter ${template}`,
  compile({ template, variables }, at) {
    at.template?.(template, '/template', compiled(variables, '/variables', at));
    return go('next');
  },
};

const stop: ElementType = {
  type: 'stop',
  title: 'Stop',
  description: 'Ends the flow.',
  schema: own({}, []),
  outlets: () => [],
  summary: () => 'Stop',
  compile: () => ({ enter: () => ({ kind: 'end' }) }),
};

export const sampleElements = createElementRegistry([set, pick, each, call, pause, fork, sub, letter, stop]);

const action = (
  name: string,
  effect: Action['effect'],
  input: Schema,
  output: Schema,
  more: Partial<Action> = {},
): Action => ({
  name,
  title: name,
  description: name,
  effect,
  input,
  output,
  perform: async () => ({}),
  ...more,
});
const inputs = (properties: Record<string, Schema>, required: readonly string[]): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});

export const sampleActions = createActionRegistry([
  action(
    'orders.load',
    'query',
    inputs({ id: { type: 'string', description: 'number of the order' } }, ['id']),
    { type: 'object', additionalProperties: false, properties: { status: { type: 'string' } } },
  ),
  action('orders.total', 'pure', inputs({}, []), { type: 'number' }),
  action(
    'payment.refund',
    'external',
    inputs({ amount: { type: 'number', minimum: 0 }, reason: { enum: ['late', 'broken'] } }, ['amount']),
    { type: 'object', properties: { id: { type: 'string' } } },
    { repeat: 'keyed', keyLifetimeMs: 86_400_000 },
  ),
  action('parcel.send', 'external', inputs({}, []), {}, { repeat: 'never' }),
]);

const flow = (more: Partial<FlowInterface>): FlowInterface => ({
  active: true,
  inputs: inputs({}, []),
  outputs: inputs({}, []),
  calls: [],
  ...more,
});

export const sampleContext: ValidationContext = {
  elements: sampleElements,
  actions: sampleActions,
  records: new Map([
    [
      'order',
      {
        name: 'order',
        title: 'Order',
        schema: {
          type: 'object',
          additionalProperties: false,
          properties: { status: { type: 'string' }, total: { type: 'number' } },
        },
        permissions: { read: 'r', create: 'c', update: 'u', delete: 'd' },
      },
    ],
    [
      'ledger',
      {
        name: 'ledger',
        title: 'Ledger',
        schema: { type: 'object', properties: { status: { type: 'string' } } },
        permissions: { read: 'r', create: 'c', update: 'u', delete: 'd' },
        writtenBy: 'actions',
      },
    ],
  ]),
  flows: new Map([
    [
      'notify',
      flow({
        inputs: inputs({ text: { type: 'string' }, urgent: { type: 'boolean' } }, ['text']),
        outputs: inputs({ sent: { type: 'boolean' } }, []),
      }),
    ],
    ['old', flow({ active: false })],
    ['draft', flow({ active: false })],
    ['sleep', flow({ unfitBeforeSave: 'night may have to wait' })],
    ['doze', flow({ calls: [{ flow: 'sleep', always: false }] })],
    ['stamp', flow({ setsRecord: 'order' })],
    ['ping', flow({ calls: [{ flow: 'pong', always: true }] })],
    ['pong', flow({ calls: [{ flow: 'cancel-order', always: true }] })],
    ['maybe', flow({ calls: [{ flow: 'cancel-order', always: false }] })],
  ]),
  templates: new Map([
    ['canceled', inputs({ name: { type: 'string' }, days: { type: 'integer' } }, ['name'])],
    ['apology', inputs({}, [])],
  ]),
  permissions: new Set(['orders.cancel', 'orders.read']),
  calendars: new Set(['office']),
};

/** A sound flow that uses all of them; the mistakes are edits of it. */
export const soundFlow: FlowDefinition = {
  format: 1,
  name: 'cancel-order',
  label: 'Cancel order',
  start: {
    trigger: { type: 'action', record: 'order', permission: 'orders.cancel' },
    conditions: [{ when: { '==': [{ var: '$record.status' }, 'open'] }, otherwise: 'The order is closed.' }],
    next: 'check',
  },
  signals: { scanned: { schema: { type: 'object' } } },
  variables: {
    count: { schema: { type: 'number' }, default: 0 },
    note: { schema: { type: 'string' }, input: true },
    customer: {
      schema: {
        type: 'object',
        additionalProperties: false,
        properties: { name: { type: 'string' }, email: { type: 'string' } },
      },
    },
    lines: {
      schema: {
        type: 'array',
        items: { type: 'object', additionalProperties: false, properties: { sku: { type: 'string' } } },
      },
      default: [],
    },
  },
  constants: { limit: 3, shop: { country: 'DE' } },
  formulas: { twice: { expression: { '*': [{ var: 'count' }, 2] } } },
  texts: { greeting: 'Dear {{customer.name}}' },
  elements: {
    check: {
      type: 'pick',
      label: 'Check',
      when: { '>': [{ var: 'twice' }, 1] },
      yes: 'load',
      next: 'finish',
    },
    load: { type: 'call', label: 'Load', action: 'orders.load', inputs: { id: 'A-1' }, next: 'lines_' },
    lines_: { type: 'each', label: 'Each', list: { var: 'lines' }, body: 'treat', next: 'hold' },
    treat: {
      type: 'set',
      label: 'Treat',
      target: 'count',
      value: { '+': [{ var: 'lines_.index' }, 1] },
      next: 'lines_',
    },
    hold: { type: 'pause', label: 'Hold', signal: 'scanned', next: 'both', late: 'finish' },
    both: { type: 'fork', label: 'Both', left: 'left_', right: 'right_', next: 'refund' },
    left_: { type: 'set', label: 'Left', target: 'note', value: { var: 'load.status' } },
    right_: { type: 'set', label: 'Right', target: 'customer.name', value: 'Ada' },
    refund: {
      type: 'call',
      label: 'Refund',
      action: 'payment.refund',
      inputs: { amount: { var: 'limit' } },
      next: 'mail',
      onFault: { next: 'sorry' },
    },
    sorry: { type: 'set', label: 'Sorry', target: 'note', value: { var: '$error.code' }, next: 'finish' },
    mail: {
      type: 'letter',
      label: 'Mail',
      template: 'canceled',
      variables: { name: { var: 'customer.name' } },
      next: 'tell',
    },
    tell: {
      type: 'sub',
      label: 'Tell',
      flow: 'notify',
      inputs: { text: { var: 'greeting' } },
      next: 'finish',
    },
    finish: { type: 'stop', label: 'Finish' },
  },
};
