// Holds of an order: each has an id that no other ever has, and the history tells who lifted it.
import assert from 'node:assert/strict';
import type { ActionCall } from '../../../../engine/actions/action.js';
import type { Json } from '../../../../engine/definition/flow.js';
import type { RecordValue } from '../../../../engine/ports/records.js';
import { holdAction, liftHoldAction } from '../../../../orders/actions/order-state-actions.js';
import { fromAggregateText } from '../../../../orders/aggregate/aggregate-text.js';
import { initialAggregate } from '../../../../orders/aggregate/initial-aggregate.js';
import { toOrderRecord } from '../../../../orders/aggregate/order-of-record.js';
import { readSampleRecords } from '../../../../server/sample-data.js';

describe('holds of an order', () => {
  const [order] = readSampleRecords().orders;
  let stored: RecordValue;

  beforeEach(() => {
    stored = toOrderRecord(initialAggregate({ order: order!, shipments: [], payments: [] }));
  });

  const call = (input: Readonly<Record<string, Json>>): ActionCall => ({
    input: { order: order!._id, ...input },
    key: 'run-1:main:hold:1',
    attempt: 1,
    run: 'run-1',
    now: '2026-11-22T10:00:00.000Z',
    user: { id: 'ada' },
    records: {
      get: async () => stored,
      update: async (_type: string, _id: string, value: RecordValue) => {
        stored = value;
        return value;
      },
    } as unknown as NonNullable<ActionCall['records']>,
    signal: new AbortController().signal,
  });
  const hold = async (): Promise<string> => {
    const made = await holdAction.perform(call({ kind: 'alert', reason: 'look at it' }));
    return (made as { hold: string }).hold;
  };
  const lift = (id: string): Promise<Json> => liftHoldAction.perform(call({ hold: id, reason: 'looked at' }));
  const ledger = () => fromAggregateText(String(stored['ledger'])).ledger;

  it('never take the id of another one, whatever was lifted before', async () => {
    assert.deepEqual([await hold(), await hold()], ['H1', 'H2']);
    await lift('H1');
    assert.equal(await hold(), 'H3');
    await lift('H2');
    await lift('H3');
    assert.deepEqual(ledger().holds, []);
    assert.equal(await hold(), 'H4');
  });

  it('are lifted once, by somebody with a reason', async () => {
    await hold();
    await lift('H1');
    const { attributions } = ledger();
    assert.deepEqual(attributions.at(-1), {
      document: 'H1',
      what: 'lifted: looked at',
      at: '2026-11-22T10:00:00.000Z',
      by: 'ada',
      run: 'run-1',
    });
    await assert.rejects(lift('H1'), { code: 'orders.hold-unknown' });
  });
});
