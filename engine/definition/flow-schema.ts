// The JSON Schema of flow files: assembled from the elements, used by editors and by the validation alike.
import { choicesOfSetMax } from '../elements/choices.js';
import type { ElementType } from '../elements/element.js';
import type { ElementRegistry } from '../elements/registry.js';
import { filterLogicSchema } from '../elements/filter-logic.js';
import { filterSchema, sortSchema } from '../elements/record-filters.js';
import { engineLimits } from '../limits.js';
import type { Schema } from './flow.js';
import { namePattern } from './names.js';

export const flowSchemaId = 'https://recourse.dev/schemas/flow-1.json';

const flowNamePattern = '^[a-z][a-z0-9]*(-[a-z0-9]+)*$';

type Properties = Readonly<Record<string, Schema>>;

const text = (description: string, example: string, more: Schema = {}): Schema => ({
  type: 'string',
  description,
  ...more,
  examples: [example],
});
const object = (
  description: string,
  example: unknown,
  properties: Properties,
  more: Schema = {},
): Schema => ({
  type: 'object',
  description,
  additionalProperties: false,
  properties,
  ...more,
  examples: [example],
});
const named = (description: string, example: unknown, values: Schema): Schema => ({
  type: 'object',
  description,
  propertyNames: { pattern: namePattern, description: 'a letter, then at most 63 letters, digits and _' },
  additionalProperties: values,
  examples: [example],
});
const flag = (description: string): Schema => ({ type: 'boolean', description, examples: [true] });
const rule = (description: string, example: unknown): Schema => ({ description, examples: [example] });

const next = text('The element after this one; left out, the flow or the branch ends here.', 'sendMail', {
  pattern: namePattern,
});
const isOpen = { conditions: [{ left: { var: '$record.status' }, operator: 'equalTo', right: 'open' }] };
const jsonSchema = (what: string, example: Schema): Schema => ({
  type: 'object',
  description: `JSON Schema (2020-12) of ${what}.`,
  examples: [example],
});

/** Properties that every element has. */
export const commonProperties: Properties = {
  type: text('What kind of element it is.', 'assignment'),
  label: text('What people call it, on the canvas and in the journal.', 'Ask the customer', {
    minLength: 1,
    maxLength: 120,
  }),
  description: text('What it is for.', 'Customers get two days to answer.', { maxLength: 4_000 }),
  stage: text('The stage that the flow is in from here on.', 'check', { pattern: namePattern }),
  next,
  onFault: object(
    'Where a fault leads. The error is $error there; without this the run stops at an incident.',
    { next: 'apologise', rollBack: true },
    {
      next: text('The element that a fault leads to.', 'apologise', { pattern: namePattern }),
      rollBack: flag(
        'Discards the record changes of the segment before the fault, in a branch those of the branches beside it, too, and what the elements of this branch have kept and assigned in it; else it stays.',
      ),
    },
    { required: ['next'] },
  ),
  retry: object(
    'Tries again on faults that may pass, before the fault counts.',
    { attempts: 3, delayMs: 1_000 },
    {
      attempts: integer('Attempts in all.', 3, 1, 100),
      delayMs: integer('Wait before the second attempt, in milliseconds.', 1_000, 0, 86_400_000),
      factor: number('Factor from one wait to the next; 2 if left out.', 2, 1, 100),
      delayMsMax: integer('Longest wait, in milliseconds.', 60_000, 0, 604_800_000),
      jitter: number('Share of a wait that is random; 0.2 if left out.', 0.2, 0, 1),
      codes: {
        type: 'array',
        description: 'Codes of the errors to try again on; all retryable ones if left out.',
        items: text('An error code.', 'action.timed-out'),
        maxItems: 50,
        examples: [['action.timed-out']],
      },
    },
    { required: ['attempts', 'delayMs'] },
  ),
};

function integer(description: string, example: number, minimum: number, maximum: number): Schema {
  return { type: 'integer', description, minimum, maximum, examples: [example] };
}

function number(description: string, example: number, minimum: number, maximum: number): Schema {
  return { type: 'number', description, minimum, maximum, examples: [example] };
}

/** What starts flows, by the type of the trigger. */
export const triggers: Readonly<Record<string, Schema>> = {
  action: object(
    'Started by a person or a program.',
    { type: 'action', record: 'order' },
    {
      type: { const: 'action', description: 'Started by a person or a program.', examples: ['action'] },
      record: text('Record type that the flow acts on; its record is $record.', 'order'),
      permission: text('Permission that starting it needs.', 'orders.cancel'),
      whileHeld: flag('Also while the record is on hold: for flows that look after holds.'),
    },
  ),
  recordChange: object(
    'Started by the change of a record.',
    { type: 'recordChange', record: 'order', on: ['update'] },
    {
      type: {
        const: 'recordChange',
        description: 'Started by the change of a record.',
        examples: ['recordChange'],
      },
      record: text('Type of the record.', 'order'),
      on: {
        type: 'array',
        description: 'Which changes start it.',
        items: {
          enum: ['create', 'update', 'delete'],
          description: 'A kind of change.',
          examples: ['update'],
        },
        minItems: 1,
        uniqueItems: true,
        examples: [['create', 'update']],
      },
      when: rule('Only when this holds after the change.', isOpen),
      newlyTrue: flag('Only when `when` did not hold before the change.'),
      before: flag(
        'Before the save: may set fields of `$record` and refuse the save; may not wait, act outside or write anything else.',
      ),
      order: integer(
        'When it runs among the flows before the same save, the lowest first; one without runs between 1000 and 1001, and equals by name.',
        10,
        1,
        2_000,
      ),
    },
    { required: ['record', 'on'] },
  ),
  schedule: object(
    'Started by the clock.',
    { type: 'schedule', cron: '0 6 * * 1-5' },
    {
      type: { const: 'schedule', description: 'Started by the clock.', examples: ['schedule'] },
      cron: text('Minute, hour, day of the month, month, day of the week.', '0 6 * * 1-5', {
        maxLength: 100,
      }),
      timeZone: text('Time zone of the schedule; that of the flow if left out.', 'Europe/Berlin'),
    },
    { required: ['cron'] },
  ),
  event: object(
    'Started by an event.',
    { type: 'event', event: 'order.shipped' },
    {
      type: { const: 'event', description: 'Started by an event.', examples: ['event'] },
      event: text('Name of the event.', 'order.shipped', { minLength: 1, maxLength: 120 }),
      when: rule('Only when this holds; the event is $event.', { '==': [{ var: '$event.country' }, 'DE'] }),
    },
    { required: ['event'] },
  ),
};

/** One of several shapes, told by `type`: only the one that is named is looked at, so that messages stay exact. */
function byType(
  description: string,
  shapes: Readonly<Record<string, Schema>>,
  required: readonly string[],
): Schema {
  const types = Object.keys(shapes);
  return {
    type: 'object',
    description,
    required,
    properties: { type: { enum: types, description: 'Which of the kinds it is.', examples: [types[0]] } },
    allOf: types.map((type) => ({
      if: { properties: { type: { const: type } }, required: ['type'] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: shapes[type],
    })),
    examples: [
      shapes[types[0] ?? '']?.['examples'] === undefined
        ? {}
        : (shapes[types[0]!]!['examples'] as unknown[])[0],
    ],
  };
}

/** The shape of one element type: what every element has, and its own properties. */
function elementShape({ type, description, schema }: ElementType): Schema {
  const {
    properties,
    required,
    additionalProperties: _,
    ...rest
  } = withExamples(schema) as {
    properties?: Properties;
    required?: readonly string[];
    additionalProperties?: unknown;
  };
  return {
    ...rest,
    type: 'object',
    description,
    additionalProperties: false,
    required: ['label', ...(required ?? [])],
    properties: {
      ...commonProperties,
      type: { const: type, description: 'What kind of element it is.', examples: [type] },
      ...properties,
    },
  };
}

/** `example` as `examples`, which editors know. */
function withExamples(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withExamples);
  if (typeof value !== 'object' || value === null) return value;
  const { example, ...rest } = value as Record<string, unknown>;
  const isSchema = example !== undefined && rest['examples'] === undefined && 'description' in rest;
  const copy = Object.fromEntries(
    Object.entries(isSchema ? rest : (value as object)).map(([key, part]) => [
      key,
      key === 'examples' || key === 'const' || key === 'enum' || key === 'default'
        ? part
        : withExamples(part),
    ]),
  );
  return isSchema ? { ...copy, examples: [example] } : copy;
}

/** The schema of flow files whose elements are of the types given. */
export function toFlowSchema(elements: ElementRegistry): Schema {
  const shapes = Object.fromEntries(elements.all().map((type) => [type.type, elementShape(type)]));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: flowSchemaId,
    title: 'Recourse flow',
    ...object(
      'A flow: what starts it, what it remembers, and its elements.',
      {
        format: 1,
        name: 'hello',
        label: 'Hello',
        start: { trigger: { type: 'action' } },
        elements: {},
      },
      {
        $schema: text('The schema that editors check the file with.', '../flow.schema.json'),
        format: { const: 1, description: 'Version of this format.', examples: [1] },
        name: text('Unique among the flows, in kebab-case.', 'cancel-order', {
          pattern: flowNamePattern,
          maxLength: 64,
        }),
        label: text('What people call it.', 'Cancel order', { minLength: 1, maxLength: 120 }),
        description: text('What it is for.', 'Cancels what is not yet sent.', { maxLength: 4_000 }),
        runLabel: text(
          `What lists call a run of it: text with merge fields over its inputs and $record, made when it starts; cut at ${engineLimits.runLabelCharsMax} characters.`,
          'Cancel order {{$record.number}}',
          { minLength: 1, maxLength: 1_000 },
        ),
        start: object(
          'When the flow starts, whether it applies, and its first element.',
          { trigger: { type: 'action', record: 'order' }, next: 'askReason' },
          {
            trigger: byType('What starts the flow.', triggers, ['type']),
            conditions: {
              type: 'array',
              description: 'All must hold; each says why the flow does not apply when it does not.',
              maxItems: 50,
              items: object(
                'One condition and its sentence.',
                { when: isOpen, otherwise: 'The order is closed.' },
                {
                  when: rule('What must hold.', isOpen),
                  otherwise: text('Said to whoever would start the flow.', 'The order is closed.', {
                    minLength: 1,
                    maxLength: 500,
                  }),
                },
                { required: ['when', 'otherwise'] },
              ),
              examples: [[{ when: isOpen, otherwise: 'The order is closed.' }]],
            },
            next,
          },
          { required: ['trigger'] },
        ),
        mode: {
          description: 'Whose rights the flow acts with; those of its user if left out.',
          examples: ['user', { system: { reason: 'Agents may not see payments.' } }],
          if: { type: 'object' },
          // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
          then: object(
            'All rights; needs a permission.',
            { system: { reason: 'Agents may not see payments.' } },
            {
              system: object(
                'Why it needs them.',
                { reason: 'Agents may not see payments.' },
                {
                  reason: text('Shown to whoever reviews the flow.', 'Agents may not see payments.', {
                    minLength: 1,
                    maxLength: 500,
                  }),
                },
                { required: ['reason'] },
              ),
            },
            { required: ['system'] },
          ),
          else: { const: 'user' },
        },
        timeZone: text('Time zone of the flow.', 'Europe/Berlin', { maxLength: 64 }),
        variables: named(
          'What the flow remembers, by name.',
          { reason: { schema: { type: 'string' }, input: true } },
          object(
            'A variable.',
            { schema: { type: 'string' }, input: true },
            {
              schema: jsonSchema('its values', { type: 'string' }),
              description: text('What it holds.', 'Why the customer cancels.', { maxLength: 4_000 }),
              input: flag('Given at the start; required there unless it has a default.'),
              output: flag('Part of what the run answers at its end.'),
              default: rule('Its value at the start; null if left out.', 'not said'),
            },
            { required: ['schema'] },
          ),
        ),
        constants: named('Fixed values, by name.', { daysToReturn: 14 }, rule('A value.', 14)),
        formulas: named(
          'Computed at each reference, by name.',
          { total: { expression: { '+': [1, 2] } } },
          object(
            'A formula.',
            { expression: { '+': [1, 2] } },
            {
              expression: rule('JsonLogic, or a list of conditions.', { '+': [1, 2] }),
              description: text('What it computes.', 'The sum of all lines.', { maxLength: 4_000 }),
            },
            { required: ['expression'] },
          ),
        ),
        texts: named(
          'Text with merge fields, by name.',
          { greeting: 'Dear {{customer.name}}' },
          text('Text with merge fields.', 'Dear {{customer.name}}', { maxLength: 65_536 }),
        ),
        choices: named(
          'What people can choose from, by name.',
          { late: { label: 'Too late', value: 'late' } },
          object(
            'One choice with its value; or one for each record (`record`) or item of a list (`collection`), label and value being fields.',
            { label: 'Too late', value: 'late' },
            {
              label: text('What is shown; with `record` or `collection` the field that has it.', 'Too late', {
                minLength: 1,
              }),
              value: rule('What is chosen; with `record` or `collection` the field that has it.', 'late'),
              userInput: object(
                'What is asked for beside a single choice while it is selected; it is in the answer under the names of field and choice, `why_other`.',
                { label: 'What is it?', schema: { type: 'string', maxLength: 200 }, required: true },
                {
                  label: text('What is asked.', 'What is it?', { minLength: 1, maxLength: 200 }),
                  schema: jsonSchema('what is entered', { type: 'string', maxLength: 200 }),
                  required: flag('Whether it has to be filled in when the choice is selected.'),
                },
                { required: ['label', 'schema'] },
              ),
              record: text('Record type whose records are the choices.', 'order'),
              collection: rule('List whose items are the choices.', { var: 'lines' }),
              where: filterSchema,
              logic: filterLogicSchema,
              sort: sortSchema,
              limit: integer('Most choices; 200 if left out.', 50, 1, choicesOfSetMax),
              assignments: {
                type: 'array',
                minItems: 1,
                maxItems: 50,
                description:
                  'Variables that take fields of the chosen record or item when a field that offers it is answered: of several the last, null if none of them is chosen.',
                examples: [[{ target: 'email', field: 'customer.email' }]],
                items: object(
                  'A variable and a field.',
                  { target: 'email', field: 'customer.email' },
                  {
                    target: text('Variable; null has to fit it.', 'email', { pattern: namePattern }),
                    field: text('Field of the record or item.', 'customer.email', { minLength: 1 }),
                  },
                  { required: ['target', 'field'] },
                ),
              },
            },
            {
              required: ['label', 'value'],
              if: { anyOf: [{ required: ['record'] }, { required: ['collection'] }] },
              // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
              then: { properties: { value: text('The field that has it.', 'id', { minLength: 1 }) } },
            },
          ),
        ),
        stages: {
          type: 'array',
          description: 'Stages of the flow in order, for the progress bar.',
          maxItems: 50,
          items: object(
            'A stage.',
            { name: 'check', label: 'Check' },
            {
              name: text('Name of the stage.', 'check', { pattern: namePattern }),
              label: text('What is shown.', 'Check', { minLength: 1, maxLength: 120 }),
            },
            { required: ['name', 'label'] },
          ),
          examples: [[{ name: 'check', label: 'Check' }]],
        },
        signals: named(
          'Events from outside that a wait can take, by name.',
          { parcelScanned: { schema: { type: 'object' }, buffered: true } },
          object(
            'A signal.',
            { schema: { type: 'object' } },
            {
              schema: jsonSchema('what comes with it', { type: 'object' }),
              description: text('When it is sent.', 'The warehouse has scanned the parcel.', {
                maxLength: 4_000,
              }),
              buffered: flag('Kept until a wait takes it; else it is refused while nothing waits for it.'),
            },
            { required: ['schema'] },
          ),
        ),
        elements: {
          ...named(
            'The elements by name.',
            { done: { type: 'end', label: 'Done' } },
            {
              type: 'object',
              description: 'An element.',
              required: ['type'],
              properties: {
                type: {
                  enum: Object.keys(shapes),
                  description: 'What kind of element it is.',
                  examples: Object.keys(shapes).slice(0, 1),
                },
              },
              allOf: Object.keys(shapes).map((type) => ({
                if: { properties: { type: { const: type } }, required: ['type'] },
                // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
                then: { $ref: `#/$defs/${type}` },
              })),
            },
          ),
          maxProperties: engineLimits.elementsPerFlowMax,
        },
      },
      { required: ['format', 'name', 'label', 'start', 'elements'] },
    ),
    $defs: shapes,
  };
}
