// Waits for the first of several events: a time, a duration, a signal, an event told to all, a record. The first decides
// the path.
import type { Json, Rule, Schema } from '../definition/flow.js';
import { toInstant, toSortedText } from '../calendar/instant.js';
import type { Expression } from '../expressions/index.js';
import { compileDuration, compileInstant, instantAfter } from './durations.js';
import type { ActivityEvent, CompileSite, ElementType, Outcome, OutputSite, Visit, Wait } from './element.js';
import { nameSchema, ruleSchema, targetSchema } from './rule-schema.js';
import { checkUniqueNames } from './unique-names.js';

interface WaitEvent {
  readonly name: string;
  readonly label?: string;
  /** It counts only if this holds when the wait begins; a signal, or an event told to all, if it holds when that has come. */
  readonly when?: Rule;
  /** An instant. */
  readonly until?: Rule;
  /** A duration, ISO 8601. */
  readonly after?: Rule;
  readonly signal?: string;
  /** Name of an event that is told to all who wait for it, and the key that it must have. */
  readonly event?: string;
  readonly key?: Rule;
  readonly record?: { readonly type: string; readonly id: Rule; readonly when: Rule };
  readonly next?: string;
}

interface WaitProperties {
  readonly events: readonly WaitEvent[];
}

const kinds = ['until', 'after', 'signal', 'event', 'record'] as const;

export const waitElement: ElementType<WaitProperties> = {
  type: 'wait',
  title: 'Wait',
  description:
    'Waits for the first of its events, and takes its path. If no event counts, the default path is taken at once.',
  schema: {
    type: 'object',
    properties: {
      events: {
        type: 'array',
        minItems: 1,
        maxItems: 20,
        description: 'The events; the first to come decides.',
        examples: [
          [
            { name: 'received', signal: 'parcelReceived', next: 'refund' },
            { name: 'late', after: 'P14D', next: 'remind' },
          ],
        ],
        items: {
          type: 'object',
          properties: {
            name: nameSchema('Name of the event, unique in the element.', 'received', {
              not: { const: 'next' },
            }),
            label: {
              type: 'string',
              description: 'What the line on the canvas says.',
              examples: ['Parcel received'],
            },
            when: ruleSchema(
              'It counts only if this holds when the wait begins; with "signal" or "event": if it holds when that has come, whose content is $event. A signal that does not count is kept for a later wait, if it is declared as buffered, else refused.',
              { var: 'isExpress' },
            ),
            until: ruleSchema('An instant.', { var: 'order.remorseUntil' }),
            after: ruleSchema(
              'A duration in ISO 8601; days and longer in the time zone of the flow.',
              'P14D',
            ),
            signal: {
              type: 'string',
              minLength: 1,
              description: 'A signal of the flow.',
              examples: ['parcelReceived'],
            },
            event: {
              type: 'string',
              minLength: 1,
              maxLength: 120,
              description:
                'An event that is told to all who wait for it, from another flow or from outside; its payload is found under <name of this element>.payload.',
              examples: ['parcel.received'],
            },
            key: ruleSchema('The event counts only with this key; evaluated when the wait begins.', {
              var: 'order.id',
            }),
            record: {
              type: 'object',
              description:
                'A record, until a condition holds for it; the condition finds it under <name of this element>.record, and so does what follows.',
              examples: [
                {
                  type: 'order',
                  id: { var: 'order.id' },
                  when: { '==': [{ var: 'waitForPayment.record.status' }, 'paid'] },
                },
              ],
              properties: {
                type: { type: 'string', minLength: 1, description: 'Record type.', examples: ['order'] },
                id: ruleSchema('Id of the record.', { var: 'order.id' }),
                when: ruleSchema('What must hold.', {
                  '==': [{ var: 'waitForPayment.record.status' }, 'paid'],
                }),
              },
              required: ['type', 'id', 'when'],
              additionalProperties: false,
            },
            next: targetSchema('The element after this event; absent: the flow or the branch ends.'),
          },
          required: ['name'],
          additionalProperties: false,
        },
      },
    },
    required: ['events'],
    additionalProperties: false,
  },
  parks: true,
  output: ({ events }, at) => ({
    type: 'object',
    properties: {
      event: { enum: [...events.map(({ name }) => name), null] },
      at: { type: 'string' },
      payload: {},
      record: recordSchema(events, at),
    },
    additionalProperties: false,
  }),
  outlets: ({ events, next }) => [
    ...events.map((event, index) => ({
      name: event.name,
      target: event.next,
      label: event.label ?? event.name,
      pointer: `/events/${index}/next`,
    })),
    { name: 'next', target: next, label: 'Default', pointer: '/next' },
  ],
  // The others may not count when the wait begins; of these it is seen when they come.
  exhaustive: ({ events }) =>
    events.some(
      ({ when, signal, event }) => when === undefined || signal !== undefined || event !== undefined,
    ),
  summary: ({ events }) => `Waits for ${events.map(({ label, name }) => label ?? name).join(' or ')}`,
  compile({ events }, at) {
    const compiled = events.map((event, index) => compileEvent(event, `/events/${index}`, at));
    checkUniqueNames('events', events, '/events', at);
    return {
      async enter(visit) {
        const waits: Wait[] = [];
        for (const event of compiled) {
          if (event.when !== undefined && !visit.decide(event.when)) continue;
          const wait = event.begin(visit);
          const held = wait.kind === 'record' ? await event.held!(visit, wait) : undefined;
          if (held !== undefined) return leave(visit, event.name, held);
          waits.push(wait);
        }
        return waits.length === 0 ? leave(visit, 'next', {}) : { kind: 'park', waits };
      },
      async resume(visit, event) {
        if (!('name' in event)) return leave(visit, 'next', {});
        const source = compiled.find(({ name }) => name === event.name);
        if ((event.kind === 'event' || event.kind === 'signal') && source?.takes !== undefined) {
          try {
            if (!source.takes(visit, event.payload)) return { kind: 'stay' };
          } catch (error) {
            // What is not as it should be must not stop the runs that wait for its kind.
            return { kind: 'stay', because: error instanceof Error ? error.message : String(error) };
          }
        }
        if (event.kind === 'record' && source?.held !== undefined) {
          const held = await source.held(visit, event);
          return held === undefined ? { kind: 'stay' } : leave(visit, event.name, held);
        }
        return leave(visit, event.name, payloadOf(event));
      },
    };
  },
};

/** What is known of the record that is waited for; nothing where they are of several types. */
function recordSchema(events: readonly WaitEvent[], at: OutputSite): Schema {
  const types = new Set(events.flatMap(({ record }) => (record === undefined ? [] : [record.type])));
  const [type] = types;
  const schema = types.size === 1 && type !== undefined ? at.record(type)?.schema : undefined;
  if (schema === undefined) return {};
  const properties = { id: { type: 'string' }, ...(schema['properties'] as object | undefined) };
  return { ...schema, type: ['object', 'null'], properties };
}

interface CompiledEvent {
  readonly name: string;
  readonly when?: Expression;
  begin(visit: Visit): Wait;
  /** Whether a signal or an event that has come is one that is waited for. @throws what evaluating its condition throws */
  takes?(visit: Visit, payload: Json): boolean;
  /** The record that is waited for, once the condition holds for it. */
  held?(
    visit: Visit,
    wait: Pick<Extract<Wait, { kind: 'record' }>, 'record' | 'id'>,
  ): Promise<{ readonly record: Json } | undefined>;
}

function compileEvent(event: WaitEvent, pointer: string, at: CompileSite): CompiledEvent {
  const { name, when, until, after, signal, event: told, key, record } = event;
  const given = kinds.filter((kind) => event[kind] !== undefined);
  if (given.length !== 1) {
    at.report({
      code: 'flow.wait-event-invalid',
      pointer,
      detail: `the event ${name} has ${given.length === 0 ? 'nothing to wait for' : given.join(' and ')}`,
      expected: `one of ${kinds.join(', ')}`,
    });
  }
  if (key !== undefined && told === undefined) {
    at.report({
      code: 'flow.wait-event-invalid',
      pointer: `${pointer}/key`,
      detail: `the event ${name} has a key, and nothing of that key to wait for`,
      expected: 'a key beside "event" only',
    });
  }
  if (told !== undefined) {
    const wanted = key === undefined ? undefined : at.expression(key, `${pointer}/key`);
    return {
      name,
      begin: (visit) => ({
        kind: 'event',
        name,
        event: told,
        ...(wanted === undefined ? {} : { key: toText(visit.evaluate(wanted)) }),
      }),
      ...compileContent(event, pointer, at, {}),
    };
  }
  if (signal !== undefined) {
    const declared = at.flow.signals?.[signal];
    if (at.signal !== undefined) {
      at.signal(signal, `${pointer}/signal`);
    } else if (declared === undefined) {
      at.report({
        code: 'flow.signal-unknown',
        pointer: `${pointer}/signal`,
        detail: `the flow has no signal ${signal}`,
        expected: 'a signal that the flow declares',
      });
    }
    const content = compileContent(event, pointer, at, declared?.schema ?? {});
    return { name, begin: () => ({ kind: 'signal', name, signal }), ...content };
  }
  const base = { name, ...(when === undefined ? {} : { when: at.condition(when, `${pointer}/when`) }) };
  if (until !== undefined) {
    const instant = compileInstant(until, `${pointer}/until`, at);
    return { ...base, begin: (visit) => timer(name, toText(visit.evaluate(instant))) };
  }
  if (after !== undefined) {
    const duration = compileDuration(after, `${pointer}/after`, at);
    const zone = at.flow.timeZone ?? 'UTC';
    return {
      ...base,
      begin: (visit) => timer(name, instantAfter(visit.now, visit.evaluate(duration), zone)),
    };
  }
  if (record !== undefined) {
    at.record?.(record.type, `${pointer}/record/type`);
    const id = at.expression(record.id, `${pointer}/record/id`);
    const condition = at.condition(record.when, `${pointer}/record/when`);
    return {
      ...base,
      begin: (visit) => ({ kind: 'record', name, record: record.type, id: toText(visit.evaluate(id)) }),
      async held(visit, wait) {
        const record = (await visit.records.get(wait.record, wait.id)) ?? null;
        visit.output({ record });
        return visit.decide(condition) ? { record } : undefined;
      },
    };
  }
  // Nothing to wait for, which is reported above.
  return { ...base, begin: () => ({ kind: 'signal', name, signal: '' }) };
}

/** Whether what has come counts, by its content. */
function compileContent(
  { when }: WaitEvent,
  pointer: string,
  at: CompileSite,
  schema: Schema,
): Pick<CompiledEvent, 'takes'> {
  if (when === undefined) return {};
  const condition = at.condition(when, `${pointer}/when`, schema);
  return { takes: (visit, payload) => visit.decide(condition, payload) };
}

/** Sorts as text only in one form: milliseconds, UTC. */
const timer = (name: string, instant: string): Wait => ({
  kind: 'timer',
  name,
  at: toSortedText(toInstant(instant)),
});

const toText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

function payloadOf(event: ActivityEvent): Record<string, Json> {
  if (event.kind === 'signal' || event.kind === 'event') return { payload: event.payload };
  return {};
}

function leave(visit: Visit, outlet: string, more: Record<string, Json>): Outcome {
  visit.output({ event: outlet === 'next' ? null : outlet, at: visit.now, ...more });
  return { kind: 'go', outlet };
}
