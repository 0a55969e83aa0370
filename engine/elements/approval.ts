// Asks people for a yes or a no.
import type { Json } from '../definition/flow.js';
import type { ElementType, Outcome, Visit } from './element.js';
import { checkParts, ownOf, refuse, toObject } from './form-fields.js';
import { type HumanWork, humanWorkProperties, personOf, Work } from './human-work.js';
import { targetSchema } from './rule-schema.js';

interface ApprovalProperties extends HumanWork {
  readonly approvers?: number;
  readonly rejected?: string;
}

export const approvalElement: ElementType<ApprovalProperties> = {
  type: 'approval',
  title: 'Approval',
  description:
    'Asks a user, group or queue for approval. One no rejects; as many different people as are wanted have to say yes. Output: approved, by, comment.',
  schema: {
    type: 'object',
    properties: {
      ...humanWorkProperties,
      approvers: {
        type: 'integer',
        minimum: 1,
        maximum: 10,
        description: 'How many different people have to approve; 1 if left out.',
        examples: [2],
      },
      rejected: targetSchema('The element after a no; absent: the flow or the branch ends.'),
    },
    required: ['subject', 'assignee'],
    additionalProperties: false,
  },
  parks: true,
  asks: true,
  outlets: ({ rejected, late, next }) => [
    { name: 'next', target: next, label: 'Approved', pointer: '/next' },
    { name: 'rejected', target: rejected, label: 'Rejected', pointer: '/rejected' },
    ...(late === undefined ? [] : [{ name: 'late', target: late, label: 'Too late', pointer: '/late' }]),
  ],
  output: () => ({
    type: 'object',
    properties: {
      approved: { type: ['boolean', 'null'] },
      by: { type: 'array', items: { type: 'string' } },
      comment: { type: ['string', 'null'] },
    },
    additionalProperties: false,
  }),
  summary: ({ subject, approvers = 1 }) =>
    `Approval${approvers === 1 ? '' : ` by ${approvers} people`}: ${subject}`,
  compile(properties, at) {
    const work = new Work(properties, at);
    const { approvers = 1, assignee, escalation } = properties;
    const asked = [
      { pointer: '/approvers', to: assignee },
      { pointer: '/escalation/to', to: escalation?.to },
    ];
    for (const { pointer, to } of asked)
      if (approvers > 1 && to?.user !== undefined) {
        at.report({
          code: 'flow.join-impossible',
          pointer,
          detail: `${approvers} different people can't approve what one user is asked`,
          expected: '1 approver, or a group or queue',
        });
      }
    const open = (visit: Visit): Outcome => ({
      kind: 'park',
      waits: work.waits(visit, { kind: 'approval', approvers, approvedBy: work.state(visit).done }),
    });
    const leave = (
      visit: Visit,
      outlet: string,
      approved: boolean | null,
      by: Json,
      comment: Json,
    ): Outcome => {
      visit.output({ approved, by, comment });
      work.end(visit);
      return { kind: 'go', outlet };
    };
    return {
      async enter(visit) {
        await work.begin(visit);
        return open(visit);
      },
      async resume(visit, event) {
        if (event.kind === 'timer') {
          const isOver = await work.onTimer(visit, event.name);
          return isOver ? leave(visit, 'late', null, [], null) : open(visit);
        }
        if (event.kind !== 'answer') return { kind: 'stay' };
        if (event.name !== 'answer') {
          await work.onClaim(visit, event.name, event.by, event.user);
          return open(visit);
        }
        work.checkPerson(visit, event.by, event.user);
        checkParts(event.payload, ['approved', 'comment']);
        const approved = ownOf(toObject(event.payload), 'approved');
        const comment = ownOf(toObject(event.payload), 'comment') ?? null;
        if (typeof approved !== 'boolean') refuse('approved has to be true or false');
        if (comment !== null && typeof comment !== 'string') refuse('the comment has to be text');
        const before = work.state(visit).done as readonly string[];
        const person = personOf(event.by, event.user);
        if (!approved) return leave(visit, 'rejected', false, [person], comment);
        if (before.includes(person)) refuse('one person can approve once only');
        const all = [...before, person];
        if (all.length >= approvers) return leave(visit, 'next', true, all, comment);
        work.setDone(visit, all);
        return open(visit);
      },
    };
  },
};
