// What came of orders, over all of them: returns, credit memos and cases.
import type { Models } from '../../store/connect.js';
import type { CaseDocument } from '../../store/models/case.js';
import type { CreditMemoDocument, ReturnDocument } from '../../store/models/order-document.js';
import { afterPosition, type PageOf } from '../../store/newest-first.js';
import {
  findCreditMemo,
  findReturn,
  listCreditMemos,
  listReturns,
  type OrderDocumentFilters,
} from '../../store/order-documents.js';
import { caseStatuses } from '../../orders/cases/case-record-type.js';
import { json, page, type Schema } from '../answers/answer.js';
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

interface DocumentKind<Found> {
  /** In the path. */
  readonly name: string;
  /** In a sentence. */
  readonly what: string;
  readonly query: InputCheck;
  readonly answer: Schema;
  list(filters: OrderDocumentFilters, page: PageOf): PromiseLike<readonly Found[]>;
  find(id: string): PromiseLike<Found | null>;
  toJson(found: Found): Record<string, unknown>;
}

/** The list of one kind of document, and one of them. */
const documentRoutes = <
  Found extends { readonly _id: string; readonly at: Date; readonly customerNumber: string },
>(
  { name, what, query: check, answer, list, find, toJson }: DocumentKind<Found>,
  cursors: Cursors,
): Route[] => [
  {
    method: 'get',
    path: `/api/v1/${name}`,
    access: { permission: 'returns.read' },
    summary: `${what[0]!.toUpperCase()}${what.slice(1)}s, the newest first.`,
    query: check,
    answers: { 200: page(answer) },
    async handle(_request, response, { query }) {
      const filters = toFilters(query, signedIn(response));
      const { rows, next } = await newestFirst(
        { cursors, list: `${name} ${JSON.stringify(filters)}`, query },
        (wanted) => list(filters, wanted),
        ({ at, _id }) => ({ at, id: _id }),
      );
      response.json({ items: rows.map(toJson), next });
    },
  },
  {
    method: 'get',
    path: `/api/v1/${name}/:document`,
    access: { permission: 'returns.read' },
    summary: `One ${what}: <order number>-<id in the order>.`,
    answers: { 200: json(answer) },
    async handle(request, response) {
      const id = String(request.params['document']);
      const found = idShape.test(id) ? await find(id) : null;
      // What the principal may not see answers as what is not there.
      if (found === null || !seesOrderOf(signedIn(response), found.customerNumber))
        throw serverErrors.error('not-found', `there is no ${what} ${JSON.stringify(id.slice(0, 60))}`);
      response.json(toJson(found));
    },
  },
];

export function orderDocumentRoutes(models: Models, cursors: Cursors): Route[] {
  return [
    ...documentRoutes<ReturnDocument>(
      {
        name: 'returns',
        what: 'return',
        query: returnQuery,
        answer: listedReturn,
        list: (filters, wanted) => listReturns(models, filters, wanted),
        find: (id) => findReturn(models, id),
        toJson: returnJson,
      },
      cursors,
    ),
    ...documentRoutes<CreditMemoDocument>(
      {
        name: 'credit-memos',
        what: 'credit memo',
        query: memoQuery,
        answer: listedCreditMemo,
        list: (filters, wanted) => listCreditMemos(models, filters, wanted),
        find: (id) => findCreditMemo(models, id),
        toJson: creditMemoJson,
      },
      cursors,
    ),
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
