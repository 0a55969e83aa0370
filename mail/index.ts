// The door of the mail room: templates become mails, mails are sent.
export { mailErrors } from './mail-errors.js';
export { mailLimits } from './mail-limits.js';
export { readTemplates } from './render/read-templates.js';
export { MailRenderer, type RendererOptions, type RenderRequest } from './render/renderer.js';
export type { RenderedMail, TemplateFiles, TemplateManifest } from './render/template.js';
export type { TemplateProblem, TemplateProblemCode } from './render/template-problem.js';
export { type MailAddress, toMailAddress, toRecipient } from './transport/mail-address.js';
export type { MailTransport, OutgoingMail, SendResult } from './transport/mail-transport.js';
export { type MailboxPort, mailboxTransport, type StoredMail } from './transport/mailbox.js';
export { messageIdOf } from './transport/message-id.js';
export { smtpTransport, type SmtpTransportOptions } from './transport/smtp-transport.js';
