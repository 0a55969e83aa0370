// What came of orders, over all of them: returns, credit memos and cases.
import type { Models } from '../../store/connect.js';
import type { CaseDocument } from '../../store/models/case.js';
import { afterPosition } from '../../store/newest-first.js';
import {
  findCreditMemo,
  findReturn,
  listCreditMemos,
  listReturns,
  type OrderDocumentFilters,
} from '../../store/order-documents.js';
import { caseStatuses } from '../../orders/cases/case-record-type.js';
import { json, page } from '../answers/answer.js';
import { listedCreditMemo, listedReturn, wholeCase } from '../answers/order-answers.js';
import { customerToList, seesOrderOf } from '../auth/run-user.js';
import type { Principal } from '../auth/sessions.js';
import type { Cursors } from '../cursor.js';
import { type Input, InputCheck } from '../input.js';
import { caseJson, creditMemoJson, returnJson } from '../json/order-document-json.js';
import { signedIn } from '../request/conditions.js';
import { word } from '../request/inputs.js';
import { newestFirst, pageParameters } from '../request/page.js';
import { serverErrors } from '../server-errors.js';
import type { Route } from './route.js';

const listQueryOf = (statuses: readonly string[]) =>
  new InputCheck({
    type: 'object',
    properties: {
      status: { type: 'string', enum: statuses, description: `one of ${statuses.join(', ')}` },
      order: { ...word, description: 'the number of an order' },
      customer: { ...word, description: 'a customer number' },
      ...pageParameters,
    },
    additionalProperties: false,
  });
const returnQuery = listQueryOf(['Open', 'Closed']);
const memoQuery = listQueryOf(['Open', 'Settled']);
const caseQuery = listQueryOf(caseStatuses);

/** The filters of a query; a shopper's are narrowed to their own. */
function toFilters({ status, order, customer }: Input, principal: Principal): OrderDocumentFilters {
  const wanted = customerToList(principal, customer === undefined ? undefined : String(customer));
  return {
    ...(status === undefined ? {} : { status: String(status) }),
    ...(order === undefined ? {} : { orderNumber: String(order) }),
    ...(wanted === undefined ? {} : { customerNumber: wanted }),
  };
}

const idShape = /^[A-Za-z0-9._-]{1,60}$/;

/** @throws {RecourseError} `server.not-found`, also for what the principal may not see */
async function visible<Found extends { readonly customerNumber: string }>(
  what: string,
  id: string,
  principal: Principal,
  find: (id: string) => PromiseLike<Found | null>,
): Promise<Found> {
  const found = idShape.test(id) ? await find(id) : null;
  if (found === null || !seesOrderOf(principal, found.customerNumber)) {
    throw serverErrors.error('not-found', `there is no ${what} ${JSON.stringify(id.slice(0, 60))}`);
  }
  return found;
}

export function orderDocumentRoutes(models: Models, cursors: Cursors): Route[] {
  const positionOf = ({ at, _id }: { readonly at: Date; readonly _id: string }) => ({ at, id: _id });
  return [
    {
      method: 'get',
      path: '/api/v1/returns',
      access: { permission: 'returns.read' },
      summary: 'Return orders, the newest first.',
      query: returnQuery,
      answers: { 200: page(listedReturn) },
      async handle(_request, response, { query }) {
        const filters = toFilters(query, signedIn(response));
        const { rows, next } = await newestFirst(
          { cursors, list: `returns ${JSON.stringify(filters)}`, query },
          (wanted) => listReturns(models, filters, wanted),
          positionOf,
        );
        response.json({ items: rows.map(returnJson), next });
      },
    },
    {
      method: 'get',
      path: '/api/v1/returns/:return',
      access: { permission: 'returns.read' },
      summary: 'One return order: <order number>-<id in the order>.',
      answers: { 200: json(listedReturn) },
      async handle(request, response) {
        const id = String(request.params['return']);
        const found = await visible('return', id, signedIn(response), (each) => findReturn(models, each));
        response.json(returnJson(found));
      },
    },
    {
      method: 'get',
      path: '/api/v1/credit-memos',
      access: { permission: 'returns.read' },
      summary: 'Credit memos, the newest first.',
      query: memoQuery,
      answers: { 200: page(listedCreditMemo) },
      async handle(_request, response, { query }) {
        const filters = toFilters(query, signedIn(response));
        const { rows, next } = await newestFirst(
          { cursors, list: `credit memos ${JSON.stringify(filters)}`, query },
          (wanted) => listCreditMemos(models, filters, wanted),
          positionOf,
        );
        response.json({ items: rows.map(creditMemoJson), next });
      },
    },
    {
      method: 'get',
      path: '/api/v1/credit-memos/:memo',
      access: { permission: 'returns.read' },
      summary: 'One credit memo: <order number>-<id in the order>.',
      answers: { 200: json(listedCreditMemo) },
      async handle(request, response) {
        const id = String(request.params['memo']);
        const found = await visible('credit memo', id, signedIn(response), (each) =>
          findCreditMemo(models, each),
        );
        response.json(creditMemoJson(found));
      },
    },
    {
      method: 'get',
      path: '/api/v1/cases',
      access: { permission: 'cases.read' },
      summary: 'Cases, the newest first.',
      query: caseQuery,
      answers: { 200: page(wholeCase) },
      async handle(_request, response, { query }) {
        const filters = Object.fromEntries(
          (['status', 'order', 'customer'] as const)
            .filter((name) => query[name] !== undefined)
            .map((name) => [`value.${name}`, String(query[name])]),
        );
        const { rows, next } = await newestFirst(
          { cursors, list: `cases ${JSON.stringify(filters)}`, query },
          ({ after, limit }) =>
            models.cases
              .find({
                ...filters,
                ...afterPosition('value.openedAt', after, {}, (at) => at.toISOString()),
              } as never)
              .sort({ 'value.openedAt': -1, _id: -1 })
              .limit(limit)
              .lean<CaseDocument[]>(),
          ({ _id, value }) => ({ at: new Date(String(value['openedAt'])), id: _id }),
        );
        response.json({ items: rows.map(caseJson), next });
      },
    },
    {
      method: 'get',
      path: '/api/v1/cases/:case',
      access: { permission: 'cases.read' },
      summary: 'One case.',
      answers: { 200: json(wholeCase) },
      async handle(request, response) {
        const id = String(request.params['case']);
        const found = idShape.test(id) ? await models.cases.findById(id).lean<CaseDocument | null>() : null;
        if (found === null)
          throw serverErrors.error('not-found', `there is no case ${JSON.stringify(id.slice(0, 60))}`);
        response.json(caseJson(found));
      },
    },
  ];
}
