// Takes down what fulfilment does: units allocated, given back, and shipped.
import { allocateUnits, type LineUnits, releaseUnits, shipUnits } from '../ledger/actions/fulfilment.js';
import { availableToCancel, remainingOf } from '../ledger/summary.js';
import { fields, list, order, quantity, text } from './action-schemas.js';
import { orderAction } from './order-work.js';

const units = list(
  fields({ line: text('Id of the line.', '10248-1', 60), quantity: quantity('Units.') }, [
    'line',
    'quantity',
  ]),
  'Units of lines.',
);
const none = { none: 'Fulfilment is taken back by the warehouse.' };

export const allocateAction = orderAction({
  name: 'orders.allocate',
  title: 'Allocate units',
  description: 'Gives units to fulfilment; without lines, all that are left.',
  permission: 'orders.release',
  input: fields({ order, lines: units }, ['order'], { order: '10248' }),
  output: fields({ lines: { type: 'array', items: { type: 'object' } } }, ['lines']),
  undo: none,
  change({ summary }, input) {
    const given = (input as { lines?: readonly LineUnits[] }).lines;
    const lines =
      given ??
      summary.lines
        .map((line) => ({ line: line.id, quantity: availableToCancel(line) }))
        .filter((each) => each.quantity > 0);
    return {
      summary: allocateUnits(summary, lines),
      output: { lines: lines.map(({ line, quantity: count }) => ({ line, quantity: count })) },
    };
  },
});

export const releaseUnitsAction = orderAction({
  name: 'orders.releaseUnits',
  title: 'Give allocated units back',
  description: 'Takes units back from fulfilment that have not been shipped, so that they can be cancelled.',
  permission: 'orders.release',
  input: fields({ order, lines: units }, ['order', 'lines']),
  output: fields({}, []),
  undo: none,
  change({ summary }, input) {
    const { lines } = input as unknown as { lines: readonly LineUnits[] };
    return { summary: releaseUnits(summary, lines), output: {} };
  },
});

export const shipAction = orderAction({
  name: 'orders.ship',
  title: 'Record a shipment',
  description: 'Takes down a parcel that left; the order is Fulfilled once nothing is left to ship.',
  permission: 'orders.release',
  input: fields(
    {
      order,
      lines: units,
      carrier: text('Who carries it.', 'Parcel service', 100),
      trackingNumber: text('Of the carrier.', 'T1Z999', 60),
    },
    ['order', 'lines', 'carrier', 'trackingNumber'],
  ),
  output: fields(
    { shipment: text('Id of the shipment.', 'S10248-1'), status: text('Of the order.', 'Fulfilled') },
    ['shipment', 'status'],
  ),
  undo: none,
  change({ summary, aggregate, call }, input) {
    const { lines, carrier, trackingNumber } = input as unknown as {
      lines: readonly LineUnits[];
      carrier: string;
      trackingNumber: string;
    };
    const id = `S${summary.original.number}-${summary.shipments.length + 1}`;
    const after = shipUnits(summary, { id, lines });
    const isDone = after.lines.every((line) => {
      const { fulfilled, returned } = line.quantities;
      return remainingOf(line) + returned === fulfilled;
    });
    const status = isDone ? 'Fulfilled' : 'Being Processed';
    return {
      summary: after,
      ledger: {
        parcels: { ...aggregate.ledger.parcels, [id]: { carrier, trackingNumber, shippedAt: call.now } },
      },
      placed: { status },
      output: { shipment: id, status },
    };
  },
});
