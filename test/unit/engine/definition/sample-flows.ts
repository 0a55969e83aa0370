// Five flows as a shop would have them, made of the standard elements: sound, and ready to run.
import { createActionRegistry } from '../../../../engine/actions/registry.js';
import type { Action } from '../../../../engine/actions/action.js';
import type { FlowDefinition, Json } from '../../../../engine/definition/flow.js';
import { type FlowInterface, toFlowInterface } from '../../../../engine/definition/flow-interface.js';
import type { ValidationContext } from '../../../../engine/definition/validate.js';
import { createElementRegistry } from '../../../../engine/elements/registry.js';
import { standardElements } from '../../../../engine/elements/standard-elements.js';
import type { RecordType } from '../../../../engine/ports/records.js';

const money = {
  type: 'object',
  additionalProperties: false,
  properties: { amount: { type: 'string' }, currency: { type: 'string' } },
  required: ['amount', 'currency'],
};
const line = {
  type: ['object', 'null'],
  additionalProperties: false,
  properties: { sku: { type: 'string' }, quantity: { type: 'integer' }, price: money },
};
const permissions = {
  read: 'orders.read',
  create: 'orders.create',
  update: 'orders.update',
  delete: 'orders.delete',
};

export const sampleTypes: readonly RecordType[] = [
  {
    name: 'order',
    title: 'Order',
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        id: { type: 'string' },
        status: { type: 'string' },
        email: { type: 'string' },
        total: { type: 'number' },
        note: { type: ['string', 'null'] },
        lines: { type: 'array', items: line },
        paid: { ...money, type: ['object', 'null'] },
      },
      required: ['id', 'status'],
    },
    permissions,
  },
];

export const sampleOrder: { readonly id: string } & Record<string, Json> = {
  id: 'A-1',
  status: 'open',
  email: 'ada@shop.example',
  total: 120,
  note: null,
  lines: [
    { sku: 'mug', quantity: 2, price: { amount: '9.90', currency: 'EUR' } },
    { sku: 'pen', quantity: 0, price: { amount: '1.20', currency: 'EUR' } },
    { sku: 'bag', quantity: 1, price: { amount: '99.00', currency: 'EUR' } },
  ],
};

export const sampleExternals: readonly Action[] = [
  {
    name: 'refund',
    title: 'Refund',
    description: 'Pays money back.',
    input: {
      type: 'object',
      additionalProperties: false,
      properties: { amount: { type: 'number', minimum: 0 }, order: { type: 'string' } },
      required: ['amount', 'order'],
    },
    output: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
    effect: 'external',
    repeat: 'keyed',
    keyLifetimeMs: 86_400_000,
    perform: async ({ key }) => ({ id: key }),
  },
];

const refundOrder: FlowDefinition = {
  format: 1,
  name: 'refund-order',
  label: 'Refund an order',
  start: { trigger: { type: 'action' }, next: 'load' },
  variables: {
    order: { schema: { type: 'string' }, input: true, default: 'A-1' },
    share: { schema: { type: 'number', minimum: 0, maximum: 1 }, input: true, default: 0.5 },
    amount: { schema: { type: 'number' }, output: true, default: 0 },
    note: { schema: { type: ['string', 'null'] }, output: true },
  },
  constants: { limit: 500 },
  formulas: { due: { expression: { '*': [{ var: 'load.total' }, { var: 'share' }] } } },
  texts: { thanks: 'We pay back {{due}} for order {{order}}.' },
  elements: {
    load: {
      type: 'getRecords',
      label: 'Load the order',
      record: 'order',
      id: { var: 'order' },
      next: 'found',
    },
    found: {
      type: 'decision',
      label: 'Is there one?',
      outcomes: [{ name: 'missing', when: { '==': [{ var: 'load' }, null] }, next: 'refuse' }],
      next: 'judge',
    },
    judge: {
      type: 'decisionTable',
      label: 'How much?',
      hitPolicy: 'unique',
      inputs: [
        { name: 'due', value: { var: 'due' }, schema: { type: 'number', minimum: 0 } },
        { name: 'status', value: { var: 'load.status' }, schema: { type: 'string' } },
      ],
      rules: [
        { when: { status: 'open', due: { lessThan: 100 } }, output: 'small', next: 'set' },
        { when: { status: 'open', due: { greaterThanOrEqualTo: 100 } }, output: 'large', next: 'set' },
        { when: { status: { notEqualTo: 'open' } }, output: 'none', next: 'refuse' },
      ],
    },
    set: {
      type: 'assignment',
      label: 'Amount',
      assignments: [
        { target: 'amount', value: { min: [{ var: 'due' }, { var: 'limit' }] } },
        { target: 'note', value: { cat: ['A ', { var: 'judge.value' }, ' refund'] } },
      ],
      next: 'pay',
    },
    pay: {
      type: 'action',
      label: 'Pay',
      action: 'refund',
      input: { amount: { var: 'amount' }, order: { var: 'order' } },
      retry: { attempts: 3, delayMs: 1_000 },
      next: 'mail',
      onFault: { next: 'failed', rollBack: true },
    },
    failed: {
      type: 'assignment',
      label: 'Note the fault',
      assignments: [{ target: 'note', value: { var: '$error.code' } }],
      next: 'end_',
    },
    mail: {
      type: 'sendMail',
      label: 'Tell the customer',
      template: 'refunded',
      to: { var: 'load.email' },
      variables: { text: { var: 'thanks' } },
      key: { var: 'order' },
      next: 'end_',
    },
    refuse: {
      type: 'raiseError',
      label: 'Refuse',
      message: 'Order {{order}} cannot be paid back.',
      code: 'refused',
    },
    end_: { type: 'end', label: 'Done' },
  },
};

/** Acts outside, and nothing can undo it. */
const postLetter: FlowDefinition = {
  format: 1,
  name: 'post-letter',
  label: 'Post a letter',
  start: { trigger: { type: 'action' }, next: 'post' },
  elements: {
    post: { type: 'action', label: 'Post', action: 'refund', input: { amount: 1, order: 'o1' } },
  },
};

/** Calls what calls it: a check has to come to an end. */
const remind: FlowDefinition = {
  format: 1,
  name: 'remind',
  label: 'Remind',
  start: { trigger: { type: 'action' }, next: 'again' },
  elements: {
    again: { type: 'subflow', label: 'Again', flow: 'remind', next: 'post' },
    post: { type: 'subflow', label: 'Post', flow: 'post-letter' },
  },
};

const treatLine: FlowDefinition = {
  format: 1,
  name: 'treat-line',
  label: 'Treat a line',
  start: { trigger: { type: 'action' }, next: 'wait_' },
  variables: {
    sku: { schema: { type: 'string' }, input: true },
    days: { schema: { type: 'integer', minimum: 0 }, input: true, default: 1 },
    done: { schema: { type: 'boolean' }, output: true, default: false },
  },
  elements: {
    wait_: {
      type: 'wait',
      label: 'A day or more',
      events: [{ name: 'later', after: { cat: ['P', { var: 'days' }, 'D'] }, next: 'set' }],
      next: 'set',
    },
    set: { type: 'assignment', label: 'Done', assignments: [{ target: 'done', value: true }] },
  },
};

const returnParcel: FlowDefinition = {
  format: 1,
  name: 'return-parcel',
  label: 'Return a parcel',
  start: { trigger: { type: 'action' }, next: 'both' },
  signals: {
    scanned: {
      schema: { type: 'object', properties: { lines: { type: 'array', items: line } }, required: ['lines'] },
      buffered: true,
    },
  },
  variables: {
    one: { schema: line },
    treated: { schema: { type: 'integer' }, output: true, default: 0 },
    label: { schema: { type: ['string', 'null'] } },
    skus: { schema: { type: 'array', items: { type: 'string' } }, default: [] },
  },
  elements: {
    both: {
      type: 'parallel',
      label: 'Wait and print',
      branches: [
        { name: 'parcel', start: 'arrive' },
        { name: 'paper', start: 'print' },
      ],
      next: 'report',
    },
    arrive: {
      type: 'wait',
      label: 'Until it arrives',
      events: [
        { name: 'scanned', signal: 'scanned', next: 'each_' },
        { name: 'late', after: 'P14D', next: 'each_' },
      ],
      next: 'each_',
    },
    each_: {
      type: 'loop',
      label: 'Each line',
      collection: { '??': [{ var: 'arrive.payload.lines' }, []] },
      item: 'one',
      body: 'treat',
    },
    treat: {
      type: 'subflow',
      label: 'Treat it',
      flow: 'treat-line',
      input: { sku: { var: 'one.sku' }, days: 1 },
      next: 'count_',
    },
    count_: {
      type: 'assignment',
      label: 'Count',
      assignments: [
        { target: 'treated', operator: 'add', value: { if: [{ var: 'treat.done' }, 1, 0] } },
        { target: 'skus', operator: 'addItem', value: { var: 'one.sku' } },
      ],
      next: 'each_',
    },
    print: {
      type: 'assignment',
      label: 'Print',
      assignments: [{ target: 'label', value: { cat: ['Return of ', { var: '$flow.run' }] } }],
    },
    report: {
      type: 'emitEvent',
      label: 'Report',
      event: 'parcel.returned',
      payload: { lines: { var: 'treated' }, label: { var: 'label' } },
    },
  },
};

const tidyOrders: FlowDefinition = {
  format: 1,
  name: 'tidy-orders',
  label: 'Tidy orders',
  start: { trigger: { type: 'action' }, next: 'read' },
  variables: {
    one: { schema: line },
    total: { schema: { type: ['object', 'null'] }, output: true },
  },
  elements: {
    read: {
      type: 'getRecords',
      label: 'Read one',
      record: 'order',
      where: [{ field: 'status', operator: 'equalTo', value: 'open' }],
      sort: [{ field: 'total', descending: true }],
      first: true,
      next: 'keep',
    },
    keep: {
      type: 'filter',
      label: 'Lines with goods',
      collection: { '??': [{ var: 'read.lines' }, []] },
      item: 'one',
      when: { conditions: [{ left: { var: 'one.quantity' }, operator: 'greaterThan', right: 0 }] },
      next: 'order_',
    },
    order_: {
      type: 'sort',
      label: 'Dearest first',
      collection: { var: 'keep' },
      by: [{ field: 'price', descending: true }, { field: 'sku' }],
      limit: 10,
      next: 'sum_',
    },
    sum_: {
      type: 'transform',
      label: 'Sum',
      operation: 'sum',
      collection: { var: 'order_' },
      item: 'one',
      value: { var: 'one.price' },
      next: 'write',
    },
    write: {
      type: 'createRecords',
      label: 'A copy',
      record: 'order',
      fields: {
        status: 'copied',
        note: { cat: ['sum of ', { size: { var: 'order_' } }] },
        email: 'x@shop.example',
      },
      match: { by: ['status'] },
      next: 'touch',
    },
    touch: {
      type: 'updateRecords',
      label: 'Mark',
      record: 'order',
      id: { var: 'write.id' },
      fields: { note: 'checked' },
      next: 'forget',
    },
    forget: {
      type: 'deleteRecords',
      label: 'Forget old ones',
      record: 'order',
      where: [{ field: 'status', operator: 'equalTo', value: 'old' }],
      next: 'keepSum',
    },
    keepSum: {
      type: 'assignment',
      label: 'Keep the sum',
      assignments: [{ target: 'total', value: { object: ['sum', { var: 'sum_' }] } }],
    },
  },
};

const askPeople: FlowDefinition = {
  format: 1,
  name: 'ask-people',
  label: 'Ask people',
  start: { trigger: { type: 'action' }, next: 'ask' },
  choices: { reasons: { label: 'Too late', value: 'late' } },
  variables: { result: { schema: { type: ['string', 'null'] }, output: true } },
  constants: { most: 3 },
  elements: {
    ask: {
      type: 'screen',
      label: 'Why?',
      title: 'Return {{$flow.run}}',
      fields: [
        { name: 'reason', label: 'Why?', schema: { type: 'string' }, default: 'late', choices: 'reasons' },
        {
          name: 'count',
          label: 'How many?',
          schema: { type: 'integer' },
          visible: { '==': [{ var: 'ask.reason' }, 'late'] },
          validate: { when: { '<=': [{ var: 'ask.count' }, { var: 'most' }] }, message: 'At most {{most}}.' },
        },
      ],
      next: 'check',
    },
    check: {
      type: 'task',
      label: 'Check it',
      subject: 'Check {{ask.reason}}',
      assignee: { user: 'ada' },
      due: 'P2D',
      late: 'allow',
      escalation: { after: 'P1D', to: { group: 'supervisors' } },
      next: 'allow',
    },
    allow: {
      type: 'approval',
      label: 'Allow it',
      subject: 'Allow {{ask.count}}',
      assignee: { user: 'ada' },
      fourEyes: true,
      next: 'yes',
      rejected: 'no',
    },
    yes: {
      type: 'assignment',
      label: 'Yes',
      assignments: [{ target: 'result', value: { var: 'allow.comment' } }],
    },
    no: { type: 'assignment', label: 'No', assignments: [{ target: 'result', value: 'no' }] },
  },
};

export const sampleFlows: readonly FlowDefinition[] = [
  treatLine,
  refundOrder,
  returnParcel,
  tidyOrders,
  askPeople,
];

const elements = createElementRegistry(standardElements);
const actions = createActionRegistry(sampleExternals);

export const standardContext: ValidationContext = {
  elements,
  actions,
  records: new Map(sampleTypes.map((type) => [type.name, type])),
  flows: new Map<string, FlowInterface>([
    ['treat-line', toFlowInterface(treatLine, { elements, actions }, true)],
    ['post-letter', toFlowInterface(postLetter, { elements, actions }, true)],
    ['remind', toFlowInterface(remind, { elements, actions }, true)],
  ]),
  triggerPermissions: new Set(),
  assignees: {
    user: new Set(['ada', 'grace']),
    group: new Set(['supervisors', 'agents']),
    queue: new Set(['returns']),
  },
  templates: new Map([
    [
      'refunded',
      {
        type: 'object',
        additionalProperties: false,
        properties: { text: { type: 'string' } },
        required: ['text'],
      },
    ],
  ]),
};
