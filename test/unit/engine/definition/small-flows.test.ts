// What only seems to be wrong, and what only seems to be sound, each in the smallest flow that shows it.
import assert from 'node:assert/strict';
import { validateFlow } from '../../../../engine/definition/validate.js';
import type { RecordType } from '../../../../engine/ports/records.js';
import { sampleFlows, standardContext } from './sample-flows.js';
import { assign, E, type Parts, problemsOf, textOf } from './small-flows.js';

const found = (elements: unknown, start: string, more?: Parts): string[] =>
  problemsOf(elements, start, more).map(({ code, pointer }) => `${code} ${pointer}`);
const decision = (outcomes: readonly (readonly [unknown, string])[], more: Parts = {}) => ({
  type: 'decision',
  label: 'd',
  outcomes: outcomes.map(([when, next], index) => ({ name: `o${index}`, when, next })),
  ...more,
});

const moneySchema = {
  type: 'object',
  properties: { amount: { type: 'string' }, currency: { type: 'string' } },
  required: ['amount', 'currency'],
  additionalProperties: false,
};
const caseType: RecordType = {
  name: 'case',
  title: 'Case',
  schema: { type: 'object', properties: { status: { enum: ['open', 'closed'] } } },
  permissions: { read: 'orders.read', create: 'orders.read', update: 'orders.read', delete: 'orders.read' },
};

describe('the validation of small flows', () => {
  it('takes nothing for a constant that looks at what has happened', () => {
    for (const seen of [{ wasVisited: 'e' }, { hasError: 'a' }]) {
      const elements = { a: assign('n', { if: [seen, 5, 0] }, { next: 'e' }), ...E };
      const variables = { n: { schema: { type: 'integer', minimum: 1 } } };
      assert.deepEqual(found(elements, 'a', { variables }), []);
    }
    const variables = { n: { schema: { type: 'integer', minimum: 1 } } };
    const elements = { a: assign('n', { if: [false, 5, 0] }, { next: 'e' }), ...E };
    assert.deepEqual(found(elements, 'a', { variables }), [
      'flow.assignment-type /elements/a/assignments/0/target',
    ]);
  });

  it('lets choices read outputs of elements before the screen that offers them', () => {
    const elements = {
      load: decision([[true, 'ask']], { next: 'ask' }),
      ask: {
        type: 'screen',
        label: 'Ask',
        fields: [{ name: 'order', label: 'Which?', schema: { type: 'string' }, choices: 'orders' }],
        next: 'e',
      },
      ...E,
    };
    const where = [{ field: 'status', operator: 'equalTo', value: { var: 'load.outcome' } }];
    const orders = { record: 'order', value: 'id', label: 'status', where };
    assert.deepEqual(found(elements, 'load', { choices: { orders } }), []);
  });

  it('looks at what choices read where they are offered', () => {
    const ask = {
      type: 'screen',
      label: 'Ask',
      fields: [{ name: 'order', label: 'Which?', schema: { type: 'string' }, choices: ['orders'] }],
      next: 'e',
    };
    const path = decision([[{ wasVisited: 'e' }, 'ask']], { next: 'load' });
    const load = decision([[{ wasVisited: 'e' }, 'ask']], { next: 'ask' });
    const status = { field: 'status', operator: 'equalTo', value: { var: 'given' } };
    const more = {
      formulas: { given: { expression: { var: 'load.outcome' } } },
      choices: { orders: { record: 'order', value: 'id', label: 'status', where: [status] } },
    };
    const place = '/elements/ask/fields/0/choices/0';
    assert.deepEqual(found({ path, load, ask, ...E }, 'path', more), [`flow.output-maybe-unset ${place}`]);
    assert.deepEqual(found({ load, ask, ...E }, 'load', more), []);
    const [unset, ...rest] = problemsOf(
      {
        ask: { ...ask, next: 'load' },
        load: { ...load, outcomes: [{ name: 'o', when: { wasVisited: 'e' }, next: 'e' }], next: 'e' },
        ...E,
      },
      'ask',
      more,
    );
    assert.deepEqual([unset?.code, unset?.pointer, rest], ['flow.output-unset', place, []]);
    assert.match(unset!.detail, /read by given, read by orders/);
    const unknown = {
      ...more,
      formulas: {},
      choices: { orders: { ...more.choices.orders, label: 'stauts' } },
    };
    assert.deepEqual(found({ load, ask, ...E }, 'load', unknown), [
      'flow.record-field-unknown /choices/orders/label',
      'flow.variable-unknown /choices/orders/where/0/value/var',
    ]);
  });

  it('says nothing of who offers choices whose shape is wrong', () => {
    const ask = {
      type: 'screen',
      label: 'Ask',
      fields: [{ name: 'order', label: 'Which?', schema: { type: 'string' }, choices: 'reasons' }],
      next: 'e',
    };
    assert.deepEqual(
      found({ ask, ...E }, 'ask', { choices: { reasons: { label: 'x' } } }).filter((one) =>
        one.includes('/elements/'),
      ),
      [],
    );
  });

  it('looks at the choices of a list, what is entered beside them, and what they assign', () => {
    const line = { type: 'object', properties: { sku: { type: 'string' }, left: { type: 'integer' } } };
    const variables = {
      lines: { schema: { type: 'array', items: { ...line, additionalProperties: false } } },
      left: { schema: { type: ['integer', 'null'] } },
      count: { schema: { type: 'integer' } },
      note: { schema: { type: ['string', 'null'] } },
    };
    const other = { label: 'Other', value: 'o', userInput: { label: 'What?', schema: { type: 'string' } } };
    const set = { collection: { var: 'lines' }, label: 'sku', value: 'sku' };
    const why = { name: 'why', label: 'Which?', schema: { type: 'string' } };
    const asking = (choices: Parts, field: Parts = {}, fields: readonly Parts[] = []) =>
      found(
        {
          ask: {
            type: 'screen',
            label: 'Ask',
            fields: [{ ...why, choices: Object.keys(choices), ...field }, ...fields],
            next: 'e',
          },
          ...E,
        },
        'ask',
        { variables, constants: { fixed: 1 }, choices },
      );
    const assigning = (target: string, field: string) => ({
      set: { ...set, assignments: [{ target, field }] },
    });
    assert.deepEqual(asking({ set, other }), []);
    assert.deepEqual(asking(assigning('left', 'left')), []);
    assert.deepEqual(asking({ set: { ...set, label: 'skv', value: 'let' } }), [
      'flow.path-unknown /choices/set/label',
      'flow.path-unknown /choices/set/value',
    ]);
    assert.deepEqual(asking({ set: { ...set, collection: { var: 'lins' } } }), [
      'flow.variable-unknown /choices/set/collection/var',
    ]);
    const at = '/choices/set/assignments/0';
    assert.deepEqual(asking(assigning('lft', 'left')), [`flow.variable-unknown ${at}/target`]);
    assert.deepEqual(asking(assigning('fixed', 'left')), [`flow.assignment-to-constant ${at}/target`]);
    assert.deepEqual(asking(assigning('left', 'lft')), [`flow.path-unknown ${at}/field`]);
    assert.deepEqual(asking(assigning('count', 'left')), [`flow.assignment-type ${at}/target`]);
    assert.deepEqual(asking(assigning('note', 'left')), [`flow.assignment-type ${at}/field`]);
    const { userInput } = other;
    assert.deepEqual(asking({ set: { ...set, userInput, where: [] } }), [
      'flow.property-useless /choices/set/userInput',
      'flow.property-useless /choices/set/where',
    ]);
    assert.deepEqual(asking({ other: { ...other, userInput: { ...userInput, schema: { type: 'txt' } } } }), [
      'flow.schema-invalid /choices/other/userInput/schema',
    ]);
    const taken = 'flow.name-taken /elements/ask/fields/0/choices';
    assert.deepEqual(asking({ other }, {}, [{ ...why, name: 'why_other' }]), [taken]);
    assert.deepEqual(asking({ other }, {}, [{ ...why, name: 'why_others' }]), []);
    assert.deepEqual(asking({ other }, { validate: { when: { var: 'ask.why_othr' }, message: 'x' } }), [
      'flow.path-unknown /elements/ask/fields/0/validate/when/var',
    ]);
  });

  it('counts what choices assign as assigned by who offers them', () => {
    const ask = {
      type: 'screen',
      label: 'Ask',
      fields: [{ name: 'why', label: 'Which?', schema: {}, choices: 'set' }],
    };
    const more = {
      variables: { left: { schema: { type: ['integer', 'null'] } }, lines: { schema: { type: 'array' } } },
      choices: {
        set: {
          collection: { var: 'lines' },
          label: 'sku',
          value: 'sku',
          assignments: [{ target: 'left', field: 'left' }],
        },
      },
    };
    const both = {
      type: 'parallel',
      label: 'Both',
      branches: [
        { name: 'one', start: 'set' },
        { name: 'two', start: 'ask' },
      ],
      next: 'e',
    };
    assert.deepEqual(found({ both, ask, set: assign('left', 1), ...E }, 'both', more), [
      'flow.branches-assign /elements/ask/fields/0/choices',
    ]);
  });

  it('finds visits in start conditions, also through formulas', () => {
    const more = (rule: unknown, when: unknown = { var: 'often' }) => ({
      start: { trigger: { type: 'action' }, conditions: [{ when, otherwise: 'x' }], next: 'e' },
      formulas: { visits: { expression: rule }, often: { expression: { '>': [{ var: 'visits' }, 1] } } },
    });
    const visits = { var: '$visits.e' };
    const [unset, ...rest] = problemsOf(E, 'e', more(visits));
    assert.deepEqual(
      [unset?.code, unset?.pointer, rest],
      ['flow.output-unset', '/start/conditions/0/when/var', []],
    );
    assert.match(unset!.detail, /^e \(read by visits, read by often\) has never been visited here$/);
    assert.deepEqual(found(E, 'e', more(1, { '>': [visits, 1] })), [
      'flow.output-unset /start/conditions/0/when/>/0/var',
    ]);
    assert.deepEqual(found(E, 'e', more({ var: ['$visits.e', 0] })), []);
    assert.deepEqual(found(E, 'e', more(visits, true)), []);
  });

  it('knows the types of variables and of fields of the record where a time or a change is wanted', () => {
    const trigger = (type: string) => ({
      start: {
        trigger: { type, record: 'order', ...(type === 'action' ? {} : { on: ['update'] }) },
        next: 'w',
      },
      variables: {
        days: { schema: { type: 'integer' }, default: 2 },
        day: { schema: { type: 'string', format: 'date' }, default: '2026-11-22' },
      },
    });
    const w = (event: Parts) => ({
      w: { type: 'wait', label: 'w', events: [{ name: 'o', next: 'e', ...event }], next: 'e' },
      ...E,
    });
    const place = '/elements/w/events/0';
    const wrong: readonly (readonly [Parts, string])[] = [
      [{ after: { var: 'days' } }, `flow.value-invalid ${place}/after`],
      [{ until: { var: 'day' } }, `flow.value-invalid ${place}/until`],
      [{ until: { var: '$record.total' } }, `flow.value-invalid ${place}/until`],
      [
        { after: 'P1D', when: { isChanged: { var: '$record.stauts' } } },
        `flow.path-unknown ${place}/when/isChanged/var`,
      ],
      [
        { after: 'P1D', when: { isChanged: { var: 'days' } } },
        `expression.operand-invalid ${place}/when/isChanged`,
      ],
      [
        { after: 'P1D', when: { '>': [{ size: { var: '$record.total' } }, 1] } },
        `expression.operand-invalid ${place}/when/>/0/size`,
      ],
    ];
    for (const [event, problem] of wrong)
      assert.deepEqual(found(w(event), 'w', trigger('recordChange')), [problem]);
    const right = {
      until: { 'date.add': [{ var: '$now' }, { cat: ['PT', { var: 'days' }, 'H'] }] },
      when: { isChanged: { var: '$record.status' } },
    };
    assert.deepEqual(found(w(right), 'w', trigger('recordChange')), []);
    assert.deepEqual(found(w(right), 'w', trigger('action')), [
      `flow.record-missing ${place}/when/isChanged`,
    ]);
  });

  it('says of a slip what was meant, and nothing that follows from it', () => {
    const d = (when: unknown) => decision([[when, 'e']], { next: 'e' });
    const variables = {
      total: { schema: { type: 'number' }, default: 0 },
      day: { schema: { type: 'string', format: 'date' }, default: '2026-11-22' },
    };
    const start = { trigger: { type: 'action', record: 'order' }, next: 'a' };
    const pay = (more: Parts) => ({
      type: 'action',
      label: 'a',
      action: 'refund',
      onFault: { next: 'e' },
      next: 'e',
      ...more,
    });
    const wait = { type: 'wait', label: 'w', events: [{ name: 'o', signal: 'caled', next: 'e' }], next: 'e' };
    const table = {
      type: 'decisionTable',
      label: 't',
      inputs: [{ name: 'x', value: 'total', schema: { type: 'number' } }],
      rules: [{ when: {}, next: 'e' }],
    };
    const list = (operator: string) => ({ conditions: [{ left: { var: 'total' }, operator, right: 5 }] });
    const slips: readonly (readonly [unknown, string, string | undefined])[] = [
      [d('total > 48'), 'flow.value-invalid /outcomes/0/when', undefined],
      [d([{ '>': [{ var: 'total' }, 1] }, true]), 'flow.value-invalid /outcomes/0/when', undefined],
      [d({ '=': [{ var: 'total' }, 5] }), 'expression.operator-unknown /outcomes/0/when/=', '=='],
      [
        d(list('>=')),
        'expression.condition-invalid /outcomes/0/when/conditions/0/operator',
        'greaterThanOrEqualTo',
      ],
      [d({ var: 'record.status' }), 'flow.variable-unknown /outcomes/0/when/var', '$record.status'],
      [d({ var: '$total' }), 'flow.global-unknown /outcomes/0/when/var', 'total'],
      [
        d({ 'date.before': [{ var: 'day' }, { var: '$now' }] }),
        'expression.operand-invalid /outcomes/0/when/date.before',
        undefined,
      ],
      [pay({ input: { amuont: 1, order: 'o' } }), 'flow.input-unknown /input/amuont', 'amount'],
      [pay({ inputs: { amount: 1, order: 'o' } }), 'flow.property-unknown /inputs', 'input'],
      [wait, 'flow.signal-unknown /events/0/signal', 'called'],
      [table, 'flow.value-invalid /inputs/0/value', undefined],
    ];
    for (const [element, problem, meant] of slips) {
      const signals = element === wait ? { called: { schema: {} } } : {};
      const problems = problemsOf({ a: element, ...E }, 'a', { start, variables, signals });
      assert.deepEqual(
        problems.map(({ code, pointer, didYouMean }) => [
          code + pointer.replace('/elements/a', ' '),
          didYouMean,
        ]),
        [[problem, meant]],
      );
    }
    const [dates] = problemsOf({ a: slips[6]![0], ...E }, 'a', { start, variables });
    assert.equal(
      dates!.detail,
      'date.before needs two dates or two points in time, and is given a date, a point in time',
    );
  });

  it('finds circles of decisions whose default is never taken', () => {
    const variables = { b: { schema: { type: 'boolean' }, default: true } };
    const outcomes = [
      [{ var: 'b' }, 's'],
      [{ '!': [{ var: 'b' }] }, 's'],
    ] as const;
    const s = assign('b', false, { next: 'd' });
    assert.deepEqual(found({ d: decision(outcomes), s }, 'd', { variables }), [
      'flow.endless-cycle /elements/d',
    ]);
    assert.deepEqual(
      found({ d: decision(outcomes.slice(0, 1), { next: 'e' }), s, ...E }, 'd', { variables }),
      [],
    );
  });

  it('says nothing more of a value whose rule is wrong', () => {
    const variables = { n: { schema: { type: 'integer' }, default: 1 } };
    const wrong = { foo: 1 };
    assert.deepEqual(found({ a: assign('n', wrong, { next: 'e' }), ...E }, 'a', { variables }), [
      'expression.operator-unknown /elements/a/assignments/0/value/foo',
    ]);
    const w = { type: 'wait', label: 'w', events: [{ name: 'o', after: wrong, next: 'e' }], next: 'e' };
    assert.deepEqual(found({ w, ...E }, 'w'), ['expression.operator-unknown /elements/w/events/0/after/foo']);
  });

  it('knows that a flow may end at an end, and at an error, before it calls itself', () => {
    const again = { type: 'subflow', label: 'Again', flow: 'f', input: {}, next: 'e' };
    const stop = { type: 'raiseError', label: 'Stop', message: 'Enough.' };
    const d = decision([[{ '>': [{ '+': [1, { size: { var: '$flow.visited' } }] }, 9] }, 'stop']], {
      next: 'again',
    });
    for (const end of [E.e, stop]) assert.deepEqual(found({ d, stop: end, again, ...E }, 'd'), []);
    assert.deepEqual(found({ d: decision([[true, 'again']], { next: 'again' }), again, ...E }, 'd'), [
      'flow.subflow-endless /elements/again',
    ]);
  });

  it('knows when a wait never takes its default path', () => {
    const wait = (event: Parts) => ({
      w: { type: 'wait', label: 'w', events: [{ name: 'o', next: 'e', ...event }] },
      ...E,
    });
    const signals = { s: { schema: { type: 'object' } } };
    const when = { '>': [{ size: { var: '$flow.visited' } }, 1] };
    assert.deepEqual(found(wait({ after: 'P1D' }), 'w'), []);
    assert.deepEqual(found(wait({ signal: 's', when }), 'w', { signals }), []);
    assert.deepEqual(found(wait({ event: 'x', when }), 'w'), []);
    assert.deepEqual(found(wait({ after: 'P1D', when }), 'w'), ['flow.outcome-unhandled /elements/w/next']);
  });

  it('knows what is never equal: of outputs, fields of records, choices and stages', () => {
    const order = {
      record: 'case',
      where: [{ field: 'status', operator: 'in', value: ['open', 'clsed', null] }],
    };
    const field = { name: 'c', label: 'c', schema: { type: 'string' }, choices: ['x', 'y'] };
    const elements = (tests: readonly unknown[]) => ({
      get: { type: 'getRecords', label: 'g', ...order, first: true, next: 'ask' },
      ask: { type: 'screen', label: 'a', fields: [field], next: 'd' },
      d: decision(
        tests.map((when) => [when, 'e'] as const),
        { next: 'e' },
      ),
      ...E,
    });
    const choices = { x: { label: 'X', value: 'x' }, y: { label: 'Y', value: 'y' } };
    const more = { choices, stages: [{ name: 'one', label: 'One' }] };
    const equals = (path: string, value: unknown) => ({ '==': [{ var: path }, value] });
    const wrong = [
      equals('get.status', 'Open'),
      { wasSelected: [{ var: 'ask.c' }, 'z'] },
      equals('$flow.stage', 'two'),
      equals('$now', true),
    ];
    const context = {
      ...standardContext,
      records: new Map([...standardContext.records, ['case', caseType]]),
    };
    const problems = (tests: readonly unknown[]) =>
      validateFlow(textOf(elements(tests), 'get', more), context).problems.map(
        ({ code, pointer, didYouMean }) => `${code} ${pointer} ${didYouMean ?? ''}`,
      );
    const filter = 'flow.value-never /elements/get/where/0/value/1 closed';
    const at = '/elements/d/outcomes';
    assert.deepEqual(problems(wrong), [
      filter,
      `flow.value-never ${at}/0/when/==/1 open`,
      `flow.value-never ${at}/1/when/wasSelected/1 `,
      `flow.value-never ${at}/2/when/==/1 `,
      `flow.value-never ${at}/3/when/==/1 `,
    ]);
    const right = [
      equals('get.status', 'open'),
      { wasSelected: [{ var: 'ask.c' }, 'x'] },
      equals('ask.c', null),
    ];
    assert.deepEqual(problems([...right, equals('$flow.stage', 'one')]), [filter]);
  });

  it('finds lists that are none, and amounts beside numbers', () => {
    const variables = {
      n: { schema: { type: 'number' }, default: 1 },
      m: { schema: moneySchema, default: { amount: '1.00', currency: 'CHF' } },
    };
    const each = (collection: unknown) => ({
      l: { type: 'loop', label: 'l', collection, item: 'n', body: 's', next: 'e' },
      s: assign('n', 1, { next: 'l' }),
      ...E,
    });
    for (const none of [{ var: 'n' }, 3, { '+': [{ var: 'n' }, 1] }])
      assert.deepEqual(found(each(none), 'l', { variables }), ['flow.value-invalid /elements/l/collection']);
    for (const list of [{ var: '$flow.visited' }, null, [1]])
      assert.deepEqual(found(each(list), 'l', { variables }), []);
    const when = (rule: unknown) =>
      found({ d: decision([[rule, 'e']], { next: 'e' }), ...E }, 'd', { variables });
    assert.deepEqual(when({ '>': [{ var: 'm' }, { var: 'n' }] }), [
      'expression.operand-invalid /elements/d/outcomes/0/when/>',
    ]);
    assert.deepEqual(when({ '>': [{ var: 'm' }, { amount: '1.00', currency: 'CHF' }] }), []);
  });

  it('points at names with a slash in them', () => {
    const odd = found({ 'a/b': { type: 'end', label: 'x' }, ...E }, 'e');
    assert.ok(odd.includes('flow.element-unreachable /elements/a~1b'), odd.join());
    for (const type of ['createRecords', 'updateRecords']) {
      const one = { type, label: 'x', record: 'order', fields: { 'status/x': 1 }, next: 'e' };
      const element = type === 'createRecords' ? one : { ...one, id: 'A-1' };
      const problems = found({ a: element, ...E }, 'a');
      assert.ok(problems.includes('flow.record-field-unknown /elements/a/fields/status~1x'), problems.join());
    }
  });

  it('takes a file with a byte order mark, and counts from behind it', () => {
    const [flow] = sampleFlows;
    const text = JSON.stringify(flow);
    assert.deepEqual(validateFlow(`\uFEFF${text}`, standardContext), validateFlow(text, standardContext));
    const wrong = textOf(E, 'f');
    assert.deepEqual(validateFlow(`\uFEFF${wrong}`, standardContext), validateFlow(wrong, standardContext));
    assert.equal(validateFlow(`\uFEFF\uFEFF${text}`, standardContext).problems[0]!.code, 'flow.json-syntax');
  });
});
