// Puts an event into the outbox; other flows and other systems get it after the segment is committed.
import type { Rule } from '../definition/flow.js';
import type { ElementType } from './element.js';
import { ruleSchema, rulesSchema } from './rule-schema.js';
import { compileRules, evaluateRules, type Rules } from './rules.js';

interface EmitEventProperties {
  readonly event: string;
  readonly payload?: Rules;
  readonly key?: Rule;
}

export const emitEventElement: ElementType<EmitEventProperties> = {
  type: 'emitEvent',
  title: 'Emit Event',
  description: 'Tells others that something has happened, once this part of the run is committed.',
  schema: {
    type: 'object',
    properties: {
      event: {
        type: 'string',
        pattern: '^[A-Za-z][A-Za-z0-9_-]*(\\.[A-Za-z][A-Za-z0-9_-]*)*$',
        maxLength: 120,
        description: 'Name of the event.',
        examples: ['order.cancelled'],
      },
      payload: rulesSchema('A rule for each part of what is told.', { order: { var: 'order.id' } }),
      key: ruleSchema('Events with one key arrive in order.', { var: 'order.id' }),
    },
    required: ['event'],
    additionalProperties: false,
  },
  writes: true,
  outlets: ({ next }) => [{ name: 'next', target: next, pointer: '/next' }],
  output: () => 'none',
  summary: ({ event }) => `Emits ${event}`,
  compile({ event, payload, key }, at) {
    const rules = compileRules(payload, '/payload', at);
    const order = key === undefined ? undefined : at.expression(key, '/key');
    return {
      enter(visit) {
        visit.emit({
          topic: 'event',
          key: order === undefined ? '' : String(visit.evaluate(order)),
          payload: { event, payload: evaluateRules(rules, visit) },
        });
        return { kind: 'go', outlet: 'next' };
      },
    };
  },
};
