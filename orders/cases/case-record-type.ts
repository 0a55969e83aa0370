// Cases: what a customer has asked about an order, from the call to its answer. Flows create, find and change them.
import type { Schema } from '../../engine/definition/flow.js';
import type { RecordType, RecordValue } from '../../engine/ports/records.js';

export const caseStatuses = ['New', 'Working', 'Escalated', 'Closed'] as const;
export const caseOrigins = ['phone', 'mail', 'web', 'flow'] as const;

export interface CaseRecord extends RecordValue {
  /** Number of the order that it is about. */
  readonly order: string;
  /** Customer number. */
  readonly customer: string;
  readonly subject: string;
  readonly description: string;
  readonly origin: (typeof caseOrigins)[number];
  readonly status: (typeof caseStatuses)[number];
  readonly resolution: string | null;
  /** Instants, ISO 8601 in UTC. */
  readonly openedAt: string;
  readonly openedBy: string;
  readonly closedAt: string | null;
  readonly closedBy: string | null;
}

const text = (maxLength: number, description: string): Schema => ({ type: 'string', maxLength, description });
const optional = (schema: Schema): Schema => ({ ...schema, type: ['string', 'null'] });
const instant: Schema = { type: 'string', format: 'date-time' };

export const caseRecordType: RecordType = {
  name: 'case',
  title: 'Case',
  schema: {
    type: 'object',
    properties: {
      id: text(40, 'The case number.'),
      order: text(40, 'Number of the order that it is about.'),
      customer: text(40, 'Customer number.'),
      subject: text(200, 'What it is about, in a line.'),
      description: text(4_000, 'What the customer said.'),
      origin: { enum: [...caseOrigins], description: 'How it came.' },
      status: { enum: [...caseStatuses], description: 'How far it is.' },
      resolution: optional(text(4_000, 'How it was answered.')),
      openedAt: instant,
      openedBy: text(100, 'Who opened it.'),
      closedAt: optional(instant),
      closedBy: optional(text(100, 'Who closed it.')),
    },
    required: [
      'order',
      'customer',
      'subject',
      'description',
      'origin',
      'status',
      'resolution',
      'openedAt',
      'openedBy',
      'closedAt',
      'closedBy',
    ],
    additionalProperties: false,
  },
  permissions: { read: 'cases.read', create: 'cases.write', update: 'cases.write', delete: 'cases.write' },
};
