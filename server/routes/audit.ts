// Who changed what, the newest first.
import type { Models } from '../../store/connect.js';
import type { AuditRecord } from '../../store/models/audit.js';
import { afterPosition } from '../../store/newest-first.js';
import { page } from '../answers/answer.js';
import { auditEntry } from '../answers/server-answers.js';
import { toUserName } from '../auth/users.js';
import type { Cursors } from '../cursor.js';
import { InputCheck } from '../input.js';
import { newestFirst, pageParameters } from '../request/page.js';
import type { Route } from './route.js';

const listQuery = new InputCheck({
  type: 'object',
  properties: {
    by: { type: 'string', minLength: 1, maxLength: 200, description: 'the name of a user' },
    ...pageParameters,
  },
  additionalProperties: false,
});

const entryJson = ({ _id, at, by, action, path, body, note, traceId, status }: AuditRecord) => ({
  id: _id,
  at,
  by,
  action,
  path,
  body: body === undefined ? null : (JSON.parse(body) as unknown),
  note: note ?? null,
  traceId,
  status: status ?? null,
});

export const auditRoutes = (models: Models, cursors: Cursors): Route[] => [
  {
    method: 'get',
    path: '/api/v1/audit',
    access: { permission: 'audit.read' },
    summary: 'Who changed accounts, roles, keys, flows, templates and the store.',
    query: listQuery,
    answers: { 200: page(auditEntry) },
    async handle(_request, response, { query }) {
      const { by } = query;
      const filter = by === undefined ? {} : { by: toUserName(String(by)) };
      const { rows, next } = await newestFirst(
        { cursors, list: `audit ${JSON.stringify(filter)}`, query },
        ({ after, limit }) =>
          models.audit
            .find({ ...filter, ...afterPosition('at', after) } as never)
            .sort({ at: -1, _id: -1 })
            .limit(limit)
            .lean<AuditRecord[]>(),
        ({ at, _id }) => ({ at, id: _id }),
      );
      response.json({ items: rows.map(entryJson), next });
    },
  },
];
