// Orders as flows write them come back as they were: amounts, instants, addresses and everything the ledger holds.
import assert from 'node:assert/strict';
import { fromAggregateText, toAggregateText } from '../../../orders/aggregate/aggregate-text.js';
import { documentsOf, type OrderAggregate } from '../../../orders/aggregate/order-aggregate.js';
import { toOrderRecord } from '../../../orders/aggregate/order-of-record.js';
import {
  allocateUnits,
  cancelItems,
  createReturnOrder,
  defaultSettings,
  summarize,
} from '../../../orders/ledger/index.js';
import type { RecordFilter } from '../../../engine/index.js';
import type { VersionedRecord } from '../../../engine/ports/records.js';
import { loadSampleData } from '../../../server/sample-data.js';
import { type OpenDatabase, openDatabase } from '../../../store/connect.js';
import { embeddedClientOf } from '../../../store/embedded-client.js';
import { findReturn } from '../../../store/order-documents.js';
import { bindOrders, loadAggregate } from '../../../store/order-binding.js';

describe('the binding of orders', () => {
  let database: OpenDatabase;
  before(async () => {
    database = await openDatabase({ kind: 'memory' });
    await loadSampleData(database.models);
  });
  after(() => database.close());

  const load = async (number: string) => (await loadAggregate(database.models, number))!;
  async function write(aggregate: OrderAggregate, version: number): Promise<boolean> {
    const session = await database.connection.startSession();
    try {
      session.startTransaction();
      const matched = await bindOrders(database.models).write(
        [
          {
            kind: 'update',
            type: 'order',
            value: toOrderRecord(aggregate),
            prior: toOrderRecord(aggregate),
            version,
          },
        ],
        session,
      );
      if (matched) await session.commitTransaction();
      else await session.abortTransaction();
      return matched;
    } finally {
      await session.endSession();
    }
  }

  /** As an order that was read is written: as a whole, without a transaction. */
  async function writeWhole(aggregate: OrderAggregate, version: number): Promise<boolean> {
    const binding = bindOrders(database.models);
    const prior = (await binding.read(aggregate.placed._id))!.value;
    const value = toOrderRecord(aggregate);
    const documents = binding.toGuarded!({ kind: 'update', type: 'order', value, prior, version })!;
    return embeddedClientOf(database.connection)!.writeGuarded(documents);
  }

  it('derives every sample order, and text keeps all of it', async () => {
    const found = await database.models.orders.find({}).select('_id').lean();
    assert.equal(found.length, 830);
    for (const { _id } of found) {
      const { aggregate } = await load(_id);
      assert.deepEqual(fromAggregateText(toAggregateText(aggregate)), aggregate, _id);
      summarize(documentsOf(aggregate));
    }
  });

  it('says whether an order is still as it was seen', async () => {
    const binding = bindOrders(database.models);
    const client = embeddedClientOf(database.connection)!;
    const isAsSeen = (id: string, seen: VersionedRecord | undefined): Promise<boolean> =>
      client.writeGuarded([], [binding.toCheck!(id, seen)]);
    const seen = (await binding.read('10250'))!;
    assert.equal(await isAsSeen('10250', seen), true);
    assert.equal(await isAsSeen('10250', undefined), false);
    assert.equal(await isAsSeen('none', undefined), true);
    assert.equal(await isAsSeen('none', seen), false);
    const { aggregate, version } = await load('10250');
    assert.equal(await write(aggregate, version), true);
    assert.equal(await isAsSeen('10250', seen), false);
    assert.equal(await isAsSeen('10250', await binding.read('10250')), true);
  });

  it('finds orders by several indexed fields, all or any of them, and by nothing else', async () => {
    const binding = bindOrders(database.models);
    const find = async (...where: RecordFilter[]) =>
      (await binding.find({ type: 'order', where, limit: 1_000 })).map(({ value }) => value.id);
    const number = (value: string) => ({ field: 'number', operator: 'equalTo', value }) as const;
    assert.deepEqual(await find({ any: [number('11075'), number('10248'), number('none')] }), [
      '10248',
      '11075',
    ]);
    // Two filters of one field, of which the last one alone would find an order.
    assert.deepEqual(await find(number('11075'), number('10248')), []);
    const { placed } = (await load('11075')).aggregate;
    const ofCustomer = {
      field: 'customer.number',
      operator: 'equalTo',
      value: placed.customer.number,
    } as const;
    assert.deepEqual(await find({ all: [ofCustomer, { any: [number('11075'), number('10248')] }] }), [
      '11075',
    ]);
    for (const filter of [
      { not: number('11075') },
      { any: [] },
      { ...number('1'), operator: 'in' } as const,
    ]) {
      await assert.rejects(find(filter), { code: 'records.invalid' });
    }
  });

  it('keeps texts that look like amounts', () => {
    const aggregate = { placed: { locale: '~n12', site: '~', channel: '~~x' } } as unknown as OrderAggregate;
    assert.deepEqual(fromAggregateText(toAggregateText(aggregate)), aggregate);
  });

  const bringsBack = async (number: string, as: typeof write): Promise<void> => {
    const { aggregate, version } = await load(number);
    const [line] = aggregate.original.lines;
    const cancelled = cancelItems(
      summarize(documentsOf(aggregate)),
      { items: [{ line: line!.id, quantity: 1 }] },
      defaultSettings,
    ).summary;
    const summary = allocateUnits(cancelled, [{ line: line!.id, quantity: 1 }]);
    const { changeOrders, allocations } = summary;
    const [group] = aggregate.placed.deliveryGroups;
    const changed: OrderAggregate = {
      ...aggregate,
      placed: {
        ...aggregate.placed,
        status: 'Being Processed',
        remorseUntil: new Date('2027-01-02T03:04:05.678Z'),
        deliveryGroups: [
          {
            ...group!,
            method: 'Express',
            requestedBy: new Date('2027-02-03'),
            address: { ...group!.address, street: 'Elsewhere 1' },
          },
        ],
      },
      ledger: {
        ...aggregate.ledger,
        changeOrders,
        allocations,
        holds: [{ id: 'H1', kind: 'alert', reason: 'look', by: 'ada', at: '2027-01-01T00:00:00.000Z' }],
        attributions: [
          { document: 'C1', what: 'change order', at: '2027-01-01T00:00:00.000Z', by: 'ada', run: 'r' },
        ],
      },
    };
    assert.equal(await as(changed, version), true);
    const read = await load(number);
    assert.deepEqual(read.aggregate, changed);
    assert.equal(read.version, version + 1);
    const listed = await database.models.orders.findById(number).setOptions({ useBigInt64: true }).lean();
    assert.equal(listed?.currentTotal, summary.totals.grand.total);
    assert.equal(listed?.lines[0]?.quantities.cancelled, 1);
  };

  it('brings back what was written, under the next version', () => bringsBack('11075', write));

  it('brings back what was written as a whole document', () => bringsBack('11040', writeWhole));

  it('writes the copies of returns with the whole document, once they are there, too', async () => {
    const { aggregate, version } = await load('10248');
    const [line] = aggregate.original.lines;
    const { returnOrder } = createReturnOrder(
      summarize(documentsOf(aggregate)),
      { lines: [{ line: line!.id, quantityExpected: 1 }] },
      defaultSettings,
    );
    const ledger = { ...aggregate.ledger, returnOrders: [returnOrder] };
    assert.equal(await writeWhole({ ...aggregate, ledger }, version), true);
    const id = `10248-${returnOrder.id}`;
    assert.equal((await findReturn(database.models, id))?.status, returnOrder.status);
    const closed = { ...ledger, returnOrders: [{ ...returnOrder, status: 'Closed' as const }] };
    assert.equal(await writeWhole({ ...aggregate, ledger: closed }, version + 1), true);
    assert.equal((await findReturn(database.models, id))?.status, 'Closed');
  });

  it('refuses a write of an order that has changed', async () => {
    const { aggregate, version } = await load('10249');
    assert.equal(await write(aggregate, version + 1), false);
    assert.equal(await writeWhole(aggregate, version + 1), false);
    assert.equal((await load('10249')).version, version);
  });
});
