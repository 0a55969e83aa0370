// Orders: the list, and one of them.
import { type OrderStatus, orderStatuses } from '../../orders/records/order.js';
import { documentsOf, type OrderAggregate } from '../../orders/aggregate/order-aggregate.js';
import { explainTotal, type Explanation, inWords, summarize } from '../../orders/ledger/index.js';
import { page } from '../answers/answer.js';
import { explanationAnswer, listedOrder, wholeOrder } from '../answers/order-answers.js';
import { serverErrors } from '../server-errors.js';
import type { Models } from '../../store/connect.js';
import type { CaseDocument } from '../../store/models/case.js';
import type { InvoiceRecord } from '../../orders/records/invoice.js';
import { exactIntegers, listOrders, type OrderFilters } from '../../store/order-list.js';
import { customerToList } from '../auth/run-user.js';
import type { Principal } from '../auth/sessions.js';
import type { Cursors } from '../cursor.js';
import { type Input, InputCheck, refuse } from '../input.js';
import { listedOrderJson, wholeOrderJson } from '../json/order-json.js';
import { signedIn } from '../request/conditions.js';
import { emailAddress, word } from '../request/inputs.js';
import { newestFirst, pageParameters } from '../request/page.js';
import { visibleOrder } from './order-actions.js';
import type { Route } from './route.js';

/** Only what `Date` reads: neither leap seconds, nor offsets in whole hours, which the format `date-time` lets pass. */
const instant = {
  type: 'string',
  pattern: '^[0-9-]{10}(T\\d\\d:\\d\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d))?$',
  anyOf: [{ format: 'date' }, { format: 'date-time' }],
} as const;

/** Shown with an order; all of them are found by the list of cases. */
const casesMax = 100;

const listQuery = new InputCheck({
  type: 'object',
  properties: {
    status: { type: 'string', enum: orderStatuses, description: `one of ${orderStatuses.join(', ')}` },
    customer: { ...word, description: 'a customer number' },
    email: { ...emailAddress, description: "the customer's whole e-mail address" },
    number: { ...word, description: 'an order number, or its beginning' },
    sku: { ...word, description: 'the SKU of a product in the order' },
    placedFrom: {
      ...instant,
      description: 'a date (2026-05-01) or an instant (2026-05-01T12:00:00Z), inclusive',
    },
    placedTo: {
      ...instant,
      description: 'a date (2026-05-01) or an instant (2026-05-01T12:00:00Z), exclusive',
    },
    ...pageParameters,
  },
  additionalProperties: false,
});

function toFilters(input: Input, principal: Principal): OrderFilters {
  const text = (name: string): string | undefined =>
    input[name] === undefined ? undefined : String(input[name]);
  const day = (name: string): Date | undefined => {
    const given = text(name);
    return given === undefined ? undefined : new Date(given);
  };
  const [placedFrom, placedTo] = [day('placedFrom'), day('placedTo')];
  if (placedFrom !== undefined && placedTo !== undefined && placedFrom >= placedTo) {
    refuse([
      {
        pointer: '',
        parameter: 'placedTo',
        code: 'server.invalid-parameter',
        detail: 'placedTo is not after placedFrom',
        expected: 'an instant after placedFrom',
      },
    ]);
  }
  const [sku, numberPrefix] = [text('sku'), text('number')];
  const customerNumber = customerToList(principal, text('customer'));
  const email = text('email')?.toLowerCase();
  // The schema's enum has checked it.
  const status = text('status') as OrderStatus | undefined;
  return {
    ...(status === undefined ? {} : { status }),
    ...(customerNumber === undefined ? {} : { customerNumber }),
    ...(email === undefined ? {} : { email }),
    ...(numberPrefix === undefined ? {} : { numberPrefix }),
    ...(sku === undefined ? {} : { sku }),
    ...(placedFrom === undefined ? {} : { placedFrom }),
    ...(placedTo === undefined ? {} : { placedTo }),
  };
}

export function orderRoutes(models: Models, cursors: Cursors): Route[] {
  return [
    {
      method: 'get',
      path: '/api/v1/orders',
      access: { permission: 'orders.read' },
      summary: 'Orders, the newest first.',
      query: listQuery,
      answers: { 200: page(listedOrder) },
      async handle(_request, response, { query }) {
        const filters = toFilters(query, signedIn(response));
        const { rows, next } = await newestFirst(
          { cursors, list: `orders ${JSON.stringify(filters)}`, query },
          (page) => listOrders(models, filters, page),
          ({ placedAt, _id }) => ({ at: placedAt, id: _id }),
        );
        response.json({ items: rows.map(listedOrderJson), next });
      },
    },
    {
      method: 'get',
      path: '/api/v1/orders/:number/explain/:figure',
      access: { permission: 'orders.read' },
      summary: 'Why a figure is what it is: the tree, and words for the customer.',
      answers: { 200: explanationAnswer },
      async handle(request, response) {
        const number = String(request.params['number']);
        const { aggregate } = await visibleOrder(models, signedIn(response), number);
        const explanation = explanationOf(aggregate, String(request.params['figure']));
        response.json({ explanation, words: inWords(explanation) });
      },
    },
    {
      method: 'get',
      path: '/api/v1/orders/:number',
      access: { permission: 'orders.read' },
      summary: 'One order, whole.',
      answers: { 200: wholeOrder },
      async handle(request, response) {
        const number = String(request.params['number']);
        const { aggregate, version } = await visibleOrder(models, signedIn(response), number);
        response.setHeader('ETag', `"${version}"`);
        const billed = await models.invoices
          .find({ orderNumber: number })
          .sort({ _id: 1 })
          .setOptions(exactIntegers)
          .lean<InvoiceRecord[]>();
        const cases = await models.cases
          .find({ 'value.order': number } as never)
          .sort({ 'value.openedAt': -1, _id: -1 })
          .limit(casesMax)
          .lean<CaseDocument[]>();
        response.json(wholeOrderJson(aggregate, billed, cases));
      },
    },
  ];
}

/** The explanation of a figure: the order's total, or that of a change order, credit memo or invoice. */
function explanationOf(aggregate: OrderAggregate, figure: string): Explanation {
  const { changeOrders, creditMemos, invoices } = aggregate.ledger;
  if (figure === 'total') return explainTotal(summarize(documentsOf(aggregate)));
  const found = [...changeOrders, ...creditMemos, ...invoices].find(({ id }) => id === figure);
  if (found !== undefined) return found.explanation;
  throw serverErrors.error(
    'not-found',
    `the order has no figure ${JSON.stringify(figure.slice(0, 40))}: give total, or the id of a change order, credit memo or invoice`,
  );
}
