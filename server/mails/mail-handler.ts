// Takes mails from the outbox of the engine: renders them, keeps a record of each, and sends it. What can't be sent by
// sending it again is kept as failed, with the reason, and holds nothing else up.
import { createHash } from 'node:crypto';
import mongoose from 'mongoose';
import { RecourseError } from '../../engine/errors/recourse-error.js';
import type { OutboxHandler } from '../../engine/index.js';
import {
  mailLimits,
  type MailRenderer,
  type MailTransport,
  type RenderedMail,
  toMailAddress,
  toRecipient,
} from '../../mail/index.js';
import type { Models } from '../../store/connect.js';
import { insertOnce } from '../../store/insert-once.js';
import type { MailRecord } from '../../store/models/template.js';
import type { Clock } from '../clock.js';
import { serverErrors } from '../server-errors.js';
import { withoutNulls } from './mail-variables.js';
import type { Templates } from './templates.js';

/** What the element Send Mail puts into the outbox. */
export interface MailOrder {
  readonly template: string;
  readonly to: readonly string[];
  readonly cc?: readonly string[];
  readonly locale?: string;
  readonly variables: unknown;
}

export interface MailHandlerParts {
  readonly models: Models;
  readonly templates: Templates;
  readonly renderer: MailRenderer;
  readonly transport: MailTransport;
  readonly clock: Clock;
  /** Sender of all mails. */
  readonly from: string;
}

/** What is sent at somebody's request is taken for left behind after this time: a conversation may take half of it. */
const sendingMsMax = 2 * mailLimits.smtpConversationMsMax;
const leftMax = 100;

/** Of the record of a mail, what sending it takes. */
type Sending = Pick<MailRecord, '_id' | 'to' | 'at'>;
type Written = Pick<RenderedMail, 'subject' | 'html' | 'text'>;

/** Not sent, and to be tried again. */
class NotSentYet extends Error {}

export class Mails {
  readonly #parts: MailHandlerParts;

  constructor(parts: MailHandlerParts) {
    this.#parts = parts;
  }

  /** For the outbox topic `mail`. */
  readonly handler: OutboxHandler = async ({ id, run, key, payload, at }) => {
    const order = payload as unknown as MailOrder;
    const receivers = [...order.to, ...(order.cc ?? [])];
    for (const [index, to] of receivers.entries()) {
      await this.#deliver({ id: `${id}:${index + 1}`, run, key, order, to, at });
    }
  };

  /**
   * Sends a mail again that failed or arrived; as a new mail, so that the receiver does not drop it. The same suffix is the
   * same sending.
   *
   * @throws {RecourseError} `server.mail-unknown` for a mail that was never written
   */
  async resend({ _id, ...mail }: MailRecord, suffix: string): Promise<string> {
    const id = `again:${createHash('sha256')
      .update(JSON.stringify([_id, suffix]))
      .digest('hex')}`;
    const { subject, html, text } = mail;
    if (subject === undefined || html === undefined || text === undefined) {
      throw serverErrors.error(
        'mail-unknown',
        `the mail was never written: ${mail.detail ?? 'no reason is known'}`,
      );
    }
    const { messageId: _messageId, sentAt: _sentAt, detail: _detail, ...rest } = mail;
    const { models, clock } = this.#parts;
    const begun: MailRecord = { ...rest, _id: id, state: 'queued', attempts: 0, at: clock.now() };
    if ((await insertOnce(() => models.mails.create(begun))) === 'new')
      await this.#sendNow(begun, { subject, html, text });
    return id;
  }

  /** Sends a template with its sample data. */
  async sendTest(order: MailOrder, by: string): Promise<string> {
    const { clock } = this.#parts;
    const [to] = order.to;
    const { subject, html, text, locale, version } = await this.#render(order);
    const at = clock.now();
    const id = `test:${by}:${order.template}:${at.getTime()}`;
    const begun: MailRecord = {
      _id: id,
      run: '',
      template: order.template,
      templateVersion: version,
      locale,
      to: to!,
      subject,
      html,
      text,
      state: 'queued',
      attempts: 0,
      at,
    };
    await this.#keep(begun);
    await this.#sendNow(begun, { subject, html, text });
    return id;
  }

  /** Sends test mails and mails sent again that a process which is gone has left queued; those of flows the outbox sends. */
  async sendLeft(): Promise<void> {
    const { models, clock } = this.#parts;
    const before = new Date(clock.now().getTime() - sendingMsMax);
    const left = await models.mails
      .find({
        state: 'queued',
        _id: mongoose.trusted({ $regex: /^(test|again):/ }),
        at: mongoose.trusted({ $lt: before }),
      } as never)
      .sort({ at: -1, _id: -1 })
      .limit(leftMax)
      .lean<MailRecord[]>();
    for (const { _id, to, subject, html, text, at } of left) {
      // Whoever moves the time on sends it.
      const now = clock.now();
      const claimed = await models.mails.updateOne({ _id, state: 'queued', at }, { $set: { at: now } });
      if (claimed.modifiedCount === 1)
        await this.#sendNow({ _id, to, at: now }, { subject: subject!, html: html!, text: text! });
    }
  }

  /** Sends what somebody waits for: nobody sends it again if it fails. */
  async #sendNow(record: Sending, mail: Written): Promise<void> {
    try {
      await this.#send(record, mail);
    } catch (error) {
      if (!(error instanceof NotSentYet)) throw error;
      await this.#set(record._id, { state: 'failed', detail: error.message });
    }
  }

  async #deliver(mail: {
    id: string;
    run: string;
    key: string;
    order: MailOrder;
    to: string;
    at: string;
  }): Promise<void> {
    const { models } = this.#parts;
    const { id, run, key, order, to, at } = mail;
    const known = await models.mails.findById(id).lean<MailRecord | null>();
    if (known !== null && known.state !== 'queued') return;
    const record: MailRecord = {
      _id: id,
      run,
      ...(key.includes(':') || key === run ? {} : { regarding: `order:${key}` }),
      template: order.template,
      to,
      state: 'queued',
      attempts: known?.attempts ?? 0,
      at: new Date(at),
    };
    let rendered: (RenderedMail & { readonly version: number }) | undefined;
    try {
      rendered = known?.subject === undefined ? await this.#render(order) : undefined;
    } catch (error) {
      // A busy renderer is no fault of the mail.
      if (!(error instanceof RecourseError) || error.retryable) throw error;
      await this.#keep({ ...record, state: 'failed', detail: toDetail(error) });
      return;
    }
    const written = rendered ?? (known as MailRecord & RenderedMail);
    if (rendered !== undefined) {
      const { subject, html, text, locale, version } = rendered;
      await this.#keep({ ...record, subject, html, text, locale, templateVersion: version });
    }
    await this.#send(record, written);
  }

  async #render({ template: name, locale, variables }: MailOrder) {
    const { templates, renderer } = this.#parts;
    const { template, version } = await templates.get(name);
    return {
      ...(await renderer.render({ template, locale: locale ?? 'en', variables: withoutNulls(variables) })),
      version,
    };
  }

  /** @throws {NotSentYet} to be called again */
  async #send({ _id: id, to, at }: Sending, { subject, html, text }: Written): Promise<void> {
    const { transport, from, clock } = this.#parts;
    let result: Awaited<ReturnType<MailTransport['send']>>;
    try {
      result = await transport.send({
        id,
        from: toMailAddress(from),
        to: toRecipient(to),
        subject,
        html,
        text,
        at: at.toISOString(),
      });
    } catch (error) {
      if (!(error instanceof RecourseError) || error.retryable) throw error;
      await this.#set(id, { state: 'failed', detail: toDetail(error) });
      return;
    }
    const { outcome, messageId, detail } = result;
    if (outcome === 'sent') {
      await this.#set(id, { state: 'sent', messageId, detail, sentAt: clock.now() });
    } else if (outcome === 'not-sent' && result.permanent) {
      await this.#set(id, { state: 'failed', messageId, detail });
    } else {
      await this.#set(id, { messageId, detail });
      throw new NotSentYet(detail);
    }
  }

  async #keep(record: MailRecord): Promise<void> {
    await this.#parts.models.mails.replaceOne({ _id: record._id }, record, { upsert: true });
  }

  async #set(id: string, changes: Partial<MailRecord>): Promise<void> {
    await this.#parts.models.mails.updateOne({ _id: id }, { $set: cut(changes), $inc: { attempts: 1 } });
  }
}

const detailCharsMax = 1_000;
const cut = (changes: Partial<MailRecord>): Partial<MailRecord> =>
  changes.detail === undefined ? changes : { ...changes, detail: changes.detail.slice(0, detailCharsMax) };

const toDetail = (error: RecourseError): string =>
  [`${error.code}: ${error.message}`, ...error.problems.map(({ pointer, detail }) => `${pointer} ${detail}`)]
    .join('; ')
    .slice(0, detailCharsMax);
