// Customers: found by number, e-mail or name, as an agent on the phone asks for them.
import mongoose from 'mongoose';
import type { CustomerRecord } from '../../orders/records/customer.js';
import type { Models } from '../../store/connect.js';
import { json, page } from '../answers/answer.js';
import { wholeCustomer } from '../answers/order-answers.js';
import { InputCheck } from '../input.js';
import { customerJson } from '../json/order-document-json.js';
import { emailAddress, limit, limitDefault, word } from '../request/inputs.js';
import { toPage } from '../request/page.js';
import { serverErrors } from '../server-errors.js';
import type { Route } from './route.js';

const listQuery = new InputCheck({
  type: 'object',
  properties: {
    email: emailAddress,
    lastName: { type: 'string', minLength: 1, maxLength: 100, description: 'a last name, or its beginning' },
    limit,
    after: { ...word, description: '`next` of the page before' },
  },
  additionalProperties: false,
});

/** After every name that begins with the prefix. */
const afterPrefix = '\uffff';

export function customerRoutes(models: Models): Route[] {
  return [
    {
      method: 'get',
      path: '/api/v1/customers',
      access: { permission: 'customers.read' },
      summary: 'Customers, by number.',
      query: listQuery,
      answers: { 200: page(wholeCustomer) },
      async handle(_request, response, { query }) {
        const { email, lastName, after, limit: count = limitDefault } = query;
        const found = await models.customers
          .find({
            ...(email === undefined ? {} : { email: String(email).toLowerCase() }),
            ...(lastName === undefined
              ? {}
              : { lastName: mongoose.trusted({ $gte: String(lastName), $lt: `${lastName}${afterPrefix}` }) }),
            ...(after === undefined ? {} : { _id: mongoose.trusted({ $gt: String(after) }) }),
          } as never)
          .sort({ _id: 1 })
          .limit(Number(count) + 1)
          .lean<CustomerRecord[]>();
        const { rows, next } = toPage(found, Number(count), ({ _id }) => _id);
        response.json({ items: rows.map(customerJson), next });
      },
    },
    {
      method: 'get',
      path: '/api/v1/customers/:customer',
      access: { permission: 'customers.read' },
      summary: 'One customer.',
      answers: { 200: json(wholeCustomer) },
      async handle(request, response) {
        const number = String(request.params['customer']);
        const found = /^[A-Za-z0-9._-]{1,40}$/.test(number)
          ? await models.customers.findById(number).lean<CustomerRecord | null>()
          : null;
        if (found === null) {
          throw serverErrors.error(
            'not-found',
            `there is no customer ${JSON.stringify(number.slice(0, 40))}`,
          );
        }
        response.json(customerJson(found));
      },
    },
  ];
}
