// What every fulfilment adapter must do; `ship` stands for the people in the warehouse.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { requireDone } from '../../../orders/ports/call-result.js';
import type { FulfilmentPort, FulfilmentRequest } from '../../../orders/ports/fulfilment.js';
import { codeOf } from './payment.js';
import { refusedWith } from './refusal.js';

export interface FulfilmentWorld {
  readonly port: FulfilmentPort;
  ship(fulfilment: string): Promise<unknown>;
}

const { signal } = new AbortController();
const call = (key: string = randomUUID()) => ({ key, signal });
const order: FulfilmentRequest = {
  order: '10248',
  deliveryGroup: 'D1',
  method: 'Standard',
  lines: [{ line: '1', sku: 'TEA', quantity: 2 }],
};

export function describeFulfilmentPort(name: string, open: () => Promise<FulfilmentWorld>): void {
  describe(`the fulfilment port: ${name}`, () => {
    let world: FulfilmentWorld;
    before(async () => {
      world = await open();
    });

    it('accepts a request once, however often it is sent', async () => {
      const key = randomUUID();
      const [first, second] = await Promise.all([1, 2].map(() => world.port.request(order, call(key))));
      const made = requireDone(first!);
      assert.deepEqual(requireDone(second!), made);
      assert.deepEqual([made.status, made.order, made.lines], ['accepted', '10248', order.lines]);
      const other = requireDone(await world.port.request(order, call()));
      assert.notEqual(other.fulfilment, made.fulfilment);
    });

    it('ships, and says with what', async () => {
      const { fulfilment } = requireDone(await world.port.request(order, call()));
      await world.ship(fulfilment);
      const shipped = await world.port.status(fulfilment, signal);
      assert.equal(shipped.status, 'shipped');
      assert.ok(shipped.carrier && shipped.trackingNumber);
    });

    it('cancels what was not shipped, and nothing else', async () => {
      const { fulfilment } = requireDone(await world.port.request(order, call()));
      assert.equal(requireDone(await world.port.cancel(fulfilment, call())).status, 'cancelled');
      assert.equal(requireDone(await world.port.cancel(fulfilment, call())).status, 'cancelled');
      const gone = requireDone(await world.port.request(order, call())).fulfilment;
      await world.ship(gone);
      assert.equal(codeOf(await world.port.cancel(gone, call())), 'orders.fulfilment-too-late');
      assert.equal(codeOf(await world.port.cancel('nobody', call())), 'orders.fulfilment-unknown');
      await assert.rejects(world.port.status('nobody', signal), refusedWith('orders.fulfilment-unknown'));
    });

    it('either ships or cancels when both come at once', async () => {
      const { fulfilment } = requireDone(await world.port.request(order, call()));
      const [cancelled, shipped] = await Promise.allSettled([
        world.port.cancel(fulfilment, call()),
        world.ship(fulfilment),
      ]);
      const isCancelled = cancelled.status === 'fulfilled' && cancelled.value.outcome === 'done';
      assert.notEqual(isCancelled, shipped.status === 'fulfilled');
      const { status } = await world.port.status(fulfilment, signal);
      assert.equal(status, isCancelled ? 'cancelled' : 'shipped');
    });

    it('gives one label for one return', async () => {
      const request = { order: '10248', returnOrder: 'R1' };
      const key = randomUUID();
      const label = requireDone(await world.port.returnLabel(request, call(key)));
      assert.deepEqual(requireDone(await world.port.returnLabel(request, call(key))), label);
      assert.ok(label.label && label.carrier && label.trackingNumber);
    });

    it('refuses what can not be fulfilled', async () => {
      const [line] = order.lines;
      for (const lines of [[], [line!, line!], [{ ...line!, quantity: 0 }], [{ ...line!, quantity: 0.5 }]]) {
        const result = await world.port.request({ ...order, lines }, call());
        assert.equal(codeOf(result), 'orders.fulfilment-invalid');
      }
    });
  });
}
