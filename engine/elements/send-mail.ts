// Puts a mail into the outbox; it is sent after the segment is committed, at least once, under a stable id.
import type { Rule } from '../definition/flow.js';
import type { ElementType } from './element.js';
import { ruleSchema, rulesSchema } from './rule-schema.js';
import { compileRules, evaluateRules, type Rules } from './rules.js';
import { addressErrors, toAddresses } from './mail-addresses.js';

interface SendMailProperties {
  readonly template: string;
  readonly to: Rule;
  readonly cc?: Rule;
  readonly locale?: Rule;
  readonly variables?: Rules;
  readonly key?: Rule;
}

export const mailTopic = 'mail';

export const sendMailElement: ElementType<SendMailProperties> = {
  type: 'sendMail',
  title: 'Send Mail',
  description:
    'Sends a mail from a template, once this part of the run is committed; the run does not wait for it.',
  schema: {
    type: 'object',
    properties: {
      template: {
        type: 'string',
        minLength: 1,
        description: 'Name of the template.',
        examples: ['order-canceled'],
      },
      to: ruleSchema('An address, or a list of them.', { var: 'order.email' }),
      cc: ruleSchema('Address or addresses that get a copy.', 'returns@shop.example'),
      locale: ruleSchema('Language of the template; its default if left out.', { var: 'customer.locale' }),
      variables: rulesSchema('A rule for each variable of the template.', { name: { var: 'customer.name' } }),
      key: ruleSchema('Mails with one key are sent in order; that of the run if left out.', {
        var: 'order.id',
      }),
    },
    required: ['template', 'to'],
    additionalProperties: false,
  },
  writes: true,
  outlets: ({ next }) => [{ name: 'next', target: next, pointer: '/next' }],
  output: () => 'none',
  summary: ({ template }) => `Sends the mail ${template}`,
  compile({ template, to, cc, locale, variables, key }, at) {
    const rules = compileRules(variables, '/variables', at);
    at.template?.(template, '/template', { pointer: '/variables', values: Object.fromEntries(rules) });
    const receivers = at.expression(to, '/to');
    const copies = cc === undefined ? undefined : at.expression(cc, '/cc');
    const language = locale === undefined ? undefined : at.expression(locale, '/locale');
    const order = key === undefined ? undefined : at.expression(key, '/key');
    return {
      enter(visit) {
        const addresses = toAddresses(visit.evaluate(receivers));
        if (addresses.length === 0) throw addressErrors.error('missing', 'the mail has no receiver');
        const wanted = language === undefined ? null : visit.evaluate(language);
        visit.emit({
          topic: mailTopic,
          key: order === undefined ? '' : String(visit.evaluate(order)),
          payload: {
            template,
            to: addresses,
            ...(copies === undefined ? {} : { cc: toAddresses(visit.evaluate(copies)) }),
            ...(wanted === null ? {} : { locale: wanted }),
            variables: evaluateRules(rules, visit),
          },
        });
        return { kind: 'go', outlet: 'next' };
      },
    };
  },
};
