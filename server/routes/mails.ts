// Mails: which were sent, which failed and why, each exactly as it was sent, and sending one again.
import type { Models } from '../../store/connect.js';
import type { MailRecord } from '../../store/models/template.js';
import { afterPosition } from '../../store/newest-first.js';
import { json, ofType, page } from '../answers/answer.js';
import { listedMail, wholeMail } from '../answers/flow-answers.js';
import type { Cursors } from '../cursor.js';
import { InputCheck } from '../input.js';
import type { Mails } from '../mails/mail-handler.js';
import { idempotencyKey, signedIn } from '../request/conditions.js';
import { newestFirst, pageParameters } from '../request/page.js';
import { serverErrors } from '../server-errors.js';
import type { Route } from './route.js';

const states = ['queued', 'sent', 'failed'] as const;
const listQuery = new InputCheck({
  type: 'object',
  properties: {
    state: { type: 'string', enum: states, description: `one of ${states.join(', ')}` },
    order: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,40}$', description: 'the number of an order' },
    ...pageParameters,
  },
  additionalProperties: false,
});

const listedJson = (mail: MailRecord): Record<string, unknown> => ({
  id: mail._id,
  state: mail.state,
  template: mail.template,
  templateVersion: mail.templateVersion ?? null,
  locale: mail.locale ?? null,
  to: mail.to,
  subject: mail.subject ?? null,
  regarding: mail.regarding ?? null,
  run: mail.run,
  attempts: mail.attempts,
  detail: mail.detail ?? null,
  messageId: mail.messageId ?? null,
  at: mail.at,
  sentAt: mail.sentAt ?? null,
});

/** What a mail may do in the reader that shows it: nothing but be looked at. */
const mailPolicy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox";

export function mailRoutes(models: Models, mails: Mails, cursors: Cursors): Route[] {
  const find = async (id: string): Promise<MailRecord> => {
    const found = id.length <= 300 ? await models.mails.findById(id).lean<MailRecord | null>() : null;
    if (found === null) throw serverErrors.error('mail-unknown', 'there is no such mail');
    return found;
  };
  return [
    {
      method: 'get',
      path: '/api/v1/mails',
      access: { permission: 'mails.read' },
      summary: 'Mails, the newest first.',
      query: listQuery,
      answers: { 200: page(listedMail) },
      async handle(_request, response, { query }) {
        const { state, order } = query;
        const filters = {
          ...(state === undefined ? {} : { state: String(state) as MailRecord['state'] }),
          ...(order === undefined ? {} : { regarding: `order:${String(order)}` }),
        };
        const { rows, next } = await newestFirst(
          { cursors, list: `mails ${JSON.stringify(filters)}`, query },
          ({ after, limit }) =>
            models.mails
              .find({ ...filters, ...afterPosition('at', after) } as never)
              .sort({ at: -1, _id: -1 })
              .limit(limit)
              .select('-html -text')
              .lean<MailRecord[]>(),
          ({ at, _id }) => ({ at, id: _id }),
        );
        response.json({ items: rows.map(listedJson), next });
      },
    },
    {
      method: 'get',
      path: '/api/v1/mails/:mail',
      access: { permission: 'mails.read' },
      summary: 'One mail, as it was sent.',
      answers: { 200: wholeMail },
      async handle(request, response) {
        const mail = await find(String(request.params['mail']));
        response.json({ ...listedJson(mail), html: mail.html ?? null, text: mail.text ?? null });
      },
    },
    {
      method: 'get',
      path: '/api/v1/mails/:mail/html',
      access: { permission: 'mails.read' },
      summary: 'Its HTML part, for a frame in which nothing acts.',
      answers: { 200: ofType('text/html') },
      async handle(request, response) {
        const { html } = await find(String(request.params['mail']));
        if (html === undefined) throw serverErrors.error('mail-unknown', 'the mail has no content');
        response.setHeader('Content-Security-Policy', mailPolicy);
        response.type('html').send(html);
      },
    },
    {
      method: 'post',
      path: '/api/v1/mails/:mail/resend',
      access: { permission: 'mails.send' },
      summary: 'Send a mail again.',
      needs: 'idempotency-key',
      answers: { 202: json(listedMail) },
      async handle(request, response) {
        const key = idempotencyKey(request);
        const mail = await find(String(request.params['mail']));
        const id = await mails.resend(mail, `${signedIn(response).userName}:${key}`);
        response.status(202).json(listedJson(await find(id)));
      },
    },
  ];
}
