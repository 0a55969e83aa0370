// The sample data: all of Northwind, every status, valid records, and totals that add up for every order. The sums are
// computed here from Northwind's own figures in exact fractions, not by the mapping's code.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Big from 'big.js';
import { Mongoose, type Schema } from 'mongoose';
import { orderStatuses } from '../../../orders/records/order.js';
import { sampleCountry, taxesAt } from '../../../orders/sample/countries.js';
import type { Northwind } from '../../../orders/sample/northwind-source.js';
import { sampleRecords } from '../../../orders/sample/sample-records.js';
import { projectRoot } from '../../../server/project-root.js';
import { customerSchema } from '../../../store/models/customer.js';
import { invoiceSchema } from '../../../store/models/invoice.js';
import { orderSchema } from '../../../store/models/order.js';
import { paymentSchema } from '../../../store/models/payment.js';
import { productSchema } from '../../../store/models/product.js';
import { shipmentSchema } from '../../../store/models/shipment.js';

const file = join(projectRoot(), 'orders', 'sample', 'northwind', 'northwind.json');
const northwind = JSON.parse(readFileSync(file, 'utf8')) as Northwind;
const records = sampleRecords(northwind);
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((left, right) => left + right, 0n);
/** Half away from zero, in minor units of two decimals. */
const cents = (value: Big): bigint => BigInt(value.times(100).round(0, Big.roundHalfUp).toFixed(0));

describe('the sample data', () => {
  it('has every customer, product and order of Northwind', () => {
    assert.deepEqual(
      [records.customers.length, records.products.length, records.orders.length],
      [93, 77, 830],
    );
    assert.equal(records.orders.flatMap(({ lines }) => lines).length, 2155);
    const ids = new Set(records.orders.map(({ _id }) => _id));
    assert.deepEqual(ids, new Set(northwind.orders.map(({ OrderID }) => String(OrderID))));
  });

  it('is the same every time', () => {
    assert.deepEqual(sampleRecords(structuredClone(northwind)), records);
  });

  it('has orders in every status, discounts of both kinds, and both tax policies', () => {
    for (const status of orderStatuses) {
      assert.ok(
        records.orders.some((order) => order.status === status),
        status,
      );
    }
    assert.equal(
      records.orders.flatMap(({ lines }) => lines).filter(({ adjustments }) => adjustments.length > 0).length,
      838,
    );
    assert.ok(records.orders.filter(({ adjustments }) => adjustments.length > 0).length > 40);
    assert.deepEqual(new Set(records.orders.map(({ taxPolicy }) => taxPolicy)), new Set(['net', 'gross']));
    assert.ok(records.orders.some(({ lines }) => lines.some(({ taxes }) => taxes.length === 2)));
  });

  it('is valid by the schemas of the store', async () => {
    const mongoose = new Mongoose();
    const schemas: Record<keyof typeof records, Schema> = {
      customers: customerSchema as unknown as Schema,
      products: productSchema as unknown as Schema,
      orders: orderSchema as unknown as Schema,
      shipments: shipmentSchema as unknown as Schema,
      invoices: invoiceSchema as unknown as Schema,
      payments: paymentSchema as unknown as Schema,
    };
    for (const [name, schema] of Object.entries(schemas)) {
      const model = mongoose.model(name, schema);
      for (const record of records[name as keyof typeof records]) await new model(record).validate();
    }
    assert.equal(mongoose.modelNames().length, 6);
  });

  it('adds up for every order', () => {
    for (const { _id, lines, deliveryGroups, adjustments, totals, taxPolicy } of records.orders) {
      for (const line of lines) {
        const { subtotal, distributed, net, taxTotal, total, unitPrice, quantities } = line;
        assert.equal(subtotal, unitPrice * BigInt(quantities.ordered), _id);
        assert.equal(net, subtotal + sum(line.adjustments.map(({ amount }) => amount)) + distributed, _id);
        assert.equal(taxTotal, sum(line.taxes.map(({ amount }) => amount)), _id);
        assert.equal(total, taxPolicy === 'net' ? net + taxTotal : net, _id);
        assert.ok(net >= 0n, _id);
      }
      const parts = [...lines, ...deliveryGroups];
      assert.equal(totals.grand, sum(parts.map(({ total }) => total)), _id);
      assert.equal(totals.tax, sum(parts.map(({ taxTotal }) => taxTotal)), _id);
      assert.equal(totals.orderAdjustments, sum(adjustments.map(({ amount }) => amount)), _id);
      const beforeTax = totals.subtotal + totals.lineAdjustments + totals.orderAdjustments + totals.delivery;
      assert.equal(totals.grand, taxPolicy === 'net' ? beforeTax + totals.tax : beforeTax, _id);
    }
  });

  it('has the prices, discounts and taxes that Northwind and the rates give', () => {
    for (const [index, source] of [...northwind.orders].sort((a, b) => a.OrderID - b.OrderID).entries()) {
      const order = records.orders[index]!;
      const taxes = taxesAt(sampleCountry(source.ShipCountry), source.ShipRegion);
      const values = source.lines.map(({ UnitPrice, Quantity, Discount }) => {
        const price = Big(UnitPrice).times(Quantity);
        return cents(price) + cents(price.times(Discount).neg());
      });
      for (const [place, line] of order.lines.entries()) {
        assert.equal(line.net - line.distributed, values[place], order._id);
        // Exact share of the order-level discount, within one minor unit.
        const share = Big(String(order.totals.orderAdjustments))
          .times(String(values[place]))
          .div(String(sum(values)));
        assert.ok(share.minus(String(line.distributed)).abs().lt(1), order._id);
        const net = Big(String(line.net)).div(100);
        const rate = taxes.reduce((all, tax) => all.plus(tax.rate), Big(0));
        const expected =
          order.taxPolicy === 'net'
            ? sum(taxes.map((tax) => cents(net.times(tax.rate))))
            : line.net - cents(net.div(rate.plus(1)));
        assert.equal(line.taxTotal, expected, order._id);
      }
      assert.equal(order.totals.delivery, cents(Big(source.Freight)), order._id);
    }
  });

  it('ships, bills and captures what the quantities say, and nothing more', () => {
    const of = <T extends { orderNumber: string }>(rows: readonly T[], number: string): T[] =>
      rows.filter(({ orderNumber }) => orderNumber === number);
    for (const order of records.orders) {
      const { _id, status, lines, totals } = order;
      const fulfilled = lines.filter(({ quantities }) => quantities.fulfilled > 0);
      const shipped = of(records.shipments, _id).flatMap((shipment) => shipment.lines);
      assert.deepEqual(
        shipped.map(({ lineId, quantity }) => [lineId, quantity]),
        fulfilled.map(({ id, quantities }) => [id, quantities.fulfilled]),
        _id,
      );
      const payments = of(records.payments, _id);
      const billed = sum(of(records.invoices, _id).map(({ total }) => total));
      assert.equal(sum(payments.map(({ captured }) => captured)), billed, _id);
      for (const { authorized, captured, refunded, transactions } of payments) {
        const by = (type: string) =>
          sum(transactions.filter((one) => one.type === type).map(({ amount }) => amount));
        assert.equal(authorized, by('authorize') - by('capture') - by('void'), _id);
        assert.deepEqual([captured, refunded], [by('capture'), 0n], _id);
      }
      const promised = sum(payments.map(({ authorized, captured }) => authorized + captured));
      assert.equal(promised, status === 'New' || status === 'Removed' ? 0n : totals.grand, _id);
      if (status === 'Fulfilled') assert.equal(billed, totals.grand, _id);
      assert.ok(
        lines.every(
          ({ quantities: q }) => q.fulfilled <= q.allocated && q.allocated + q.cancelled <= q.ordered,
        ),
      );
    }
  });

  it('keeps weekdays: 28 years later', () => {
    const [first] = records.orders;
    assert.equal(first?.placedAt.toISOString().slice(0, 10), '2024-07-04');
    assert.equal(first?.placedAt.getUTCDay(), new Date('1996-07-04T00:00:00Z').getUTCDay());
  });
});
