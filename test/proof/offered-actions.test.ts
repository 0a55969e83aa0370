// Actions & Recommendations: for random states of orders and every role, what is offered is what succeeds, and each refusal
// says why. "Succeeds" is asked of the flow itself, up to its first call outside, with an input that fits the order.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecourseError } from '../../engine/errors/recourse-error.js';
import type { Json } from '../../engine/index.js';
import { toOrderRecord } from '../../orders/aggregate/order-of-record.js';
import { documentsOf, type Hold, type OrderAggregate } from '../../orders/aggregate/order-aggregate.js';
import {
  adjustOrder,
  allocateUnits,
  availableToCancel,
  availableToReturn,
  cancelItems,
  defaultSettings,
  inFulfilment,
  type OrderSummary,
  returnItems,
  shipUnits,
  summarize,
} from '../../orders/ledger/index.js';
import { orderStatuses } from '../../orders/records/order.js';
import { runUserWith } from '../../server/auth/run-user.js';
import { bindOrders, loadAggregate } from '../../store/order-binding.js';
import { roles } from '../../store/models/user.js';
import { openSampleApp, type SampleApp } from '../api/sample-app.js';
import { SeededRandom } from '../simulation/seeded-random.js';

const states = 2_000;

describe('the actions that are offered', () => {
  let app: SampleApp;
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recourse-offered-'));
    app = await openSampleApp({ engine: true });
  });
  after(async () => {
    await app.close();
    await rm(directory, { recursive: true, force: true });
  });

  it(`are those that succeed, in ${states} random states`, async function () {
    this.timeout(400_000);
    const seeded = new SeededRandom(20_261_127);
    const random = (): number => seeded.next();
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
    const { engine } = app.flows;
    const flows = [
      'cancel-items',
      'cancel-order',
      'return-items',
      'exchange-items',
      'change-order',
      'credit-memo',
      'open-case',
      'hold-order',
      'lift-hold',
    ];
    const numbers = (await app.database.models.orders.find({}).select('_id').lean()).map(({ _id }) => _id);
    const counts = { offered: 0, refused: 0 };
    for (let state = 0; state < states; state += 1) {
      const number = pick(numbers);
      const aggregate = await disturbed(number, random);
      const role = pick(roles);
      const user = runUserWith(role, [role]);
      const subject = { type: 'order', id: number };
      for (const flow of flows) {
        const { applies, reasons } = await engine.applicability(flow, subject, user);
        const at = `${flow} on ${number} as ${role}, state ${state}`;
        let refusal: RecourseError | undefined;
        try {
          await engine.preview({ flow, user, subject, input: inputFor(flow, aggregate) });
        } catch (error) {
          assert.ok(error instanceof RecourseError, at);
          refusal = error;
        }
        assert.equal(
          refusal === undefined,
          applies,
          `${at}: ${refusal?.code ?? 'it succeeds'} ${refusal?.message ?? ''}`,
        );
        assert.equal(reasons.length === 0, applies, at);
        for (const reason of reasons) assert.ok(reason.length > 15, reason);
        counts[applies ? 'offered' : 'refused'] += 1;
      }
    }
    console.log(`      ${states} states: ${counts.offered} actions offered, ${counts.refused} refused`);
    assert.ok(counts.offered > states / 4 && counts.refused > states, JSON.stringify(counts));
  });

  /** Brings an order into a random state, and stores it so. */
  async function disturbed(number: string, random: () => number): Promise<OrderAggregate> {
    const { models, connection } = app.database;
    const found = (await loadAggregate(models, number))!;
    let summary = summarize(documentsOf(found.aggregate));
    for (let changes = Math.floor(random() * 4); changes > 0; changes -= 1)
      summary = changedOnce(summary, random);
    const holds: Hold[] =
      random() < 0.1
        ? [{ id: 'H1', kind: 'alert', reason: 'look at it', by: 'ada', at: '2026-11-22T00:00:00.000Z' }]
        : [];
    const { changeOrders, allocations, shipments } = summary;
    const isGone = summary.lines.every(({ quantities }) => quantities.cancelled === quantities.ordered);
    const aggregate: OrderAggregate = {
      ...found.aggregate,
      placed: {
        ...found.aggregate.placed,
        // A removed order has nothing left.
        status: isGone ? 'Removed' : orderStatuses[Math.floor(random() * (orderStatuses.length - 1))]!,
      },
      ledger: { ...found.aggregate.ledger, changeOrders, allocations, shipments, holds },
    };
    const session = await connection.startSession();
    try {
      session.startTransaction();
      const write = {
        kind: 'update',
        type: 'order',
        value: toOrderRecord(aggregate),
        prior: toOrderRecord(found.aggregate),
        version: found.version,
      } as const;
      assert.ok(await bindOrders(models).write([write], session));
      await session.commitTransaction();
    } finally {
      await session.endSession();
    }
    return aggregate;
  }
});

/** Some units of a random line are cancelled, allocated, shipped or returned, or something is taken off; what can't be is not. */
function changedOnce(summary: OrderSummary, random: () => number): OrderSummary {
  const line = summary.lines[Math.floor(random() * summary.lines.length)]!;
  const some = (most: number): number => 1 + Math.floor(random() * most);
  const { currency } = summary.original;
  const ways: (() => OrderSummary)[] = [
    () =>
      cancelItems(
        summary,
        { items: [{ line: line.id, quantity: some(availableToCancel(line)) }] },
        defaultSettings,
      ).summary,
    () => allocateUnits(summary, [{ line: line.id, quantity: some(availableToCancel(line)) }]),
    () =>
      shipUnits(summary, {
        id: `S${summary.original.number}-${summary.shipments.length + 1}`,
        lines: [{ line: line.id, quantity: some(inFulfilment(line)) }],
      }),
    () =>
      returnItems(
        summary,
        { items: [{ line: line.id, quantity: some(availableToReturn(line)) }] },
        defaultSettings,
      ).summary,
    () => adjustOrder(summary, { product: { amount: '-1', currency } }, defaultSettings).summary,
  ];
  try {
    return ways[Math.floor(random() * ways.length)]!();
  } catch (error) {
    if (error instanceof RecourseError) return summary;
    throw error;
  }
}

/** An input that fits the order, where any does. */
function inputFor(flow: string, aggregate: OrderAggregate): Readonly<Record<string, Json>> {
  const { lines } = summarize(documentsOf(aggregate));
  const order = aggregate.placed._id;
  const cancellable = lines.find((line) => availableToCancel(line) > 0) ?? lines[0]!;
  const returnable = lines.find((line) => line.returnable && availableToReturn(line) > 0) ?? lines[0]!;
  const add = [{ sku: 'NW-011', quantity: 1 }];
  switch (flow) {
    case 'cancel-items':
      return { order, items: [{ line: cancellable.id, quantity: 1 }] };
    case 'return-items':
      return { order, items: [{ line: returnable.id, quantity: 1 }] };
    case 'exchange-items':
      return { order, items: [{ line: returnable.id, quantity: 1 }], add };
    case 'change-order':
      return { order, add };
    case 'open-case':
      return { subject: 'Where is it?' };
    case 'hold-order':
      return { order, reason: 'look at it' };
    case 'lift-hold':
      return { order, hold: 'H1', reason: 'looked at' };
    default:
      return { order };
  }
}
