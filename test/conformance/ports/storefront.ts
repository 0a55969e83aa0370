// What every storefront adapter must do.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Cart, StorefrontPort } from '../../../orders/ports/storefront.js';
import { refusedWith } from './refusal.js';

export function describeStorefrontPort(name: string, open: () => Promise<StorefrontPort>): void {
  describe(`the storefront port: ${name}`, () => {
    let port: StorefrontPort;
    before(async () => {
      port = await open();
    });
    const created = (): Promise<Cart> =>
      port.createCart({ customer: 'ALFKI', currency: 'EUR' }, randomUUID());

    it('makes one cart for one key', async () => {
      const key = randomUUID();
      const [first, second] = await Promise.all(
        [1, 2].map(() => port.createCart({ customer: 'A', currency: 'EUR' }, key)),
      );
      assert.equal(first!.id, second!.id);
      assert.deepEqual([first!.status, first!.lines, first!.customer], ['New', [], 'A']);
    });

    it('sets, changes and takes out lines', async () => {
      let cart = await created();
      for (const [sku, quantity] of [
        ['TEA', 2],
        ['CUP', 1],
        ['TEA', 5],
        ['CUP', 0],
      ] as const) {
        cart = await port.setLine(cart.id, { sku, quantity }, cart.version);
      }
      assert.deepEqual(cart.lines, [{ sku: 'TEA', quantity: 5 }]);
      assert.deepEqual(await port.cart(cart.id), cart);
    });

    it('lets one of several changes of one version happen', async () => {
      const { id, version } = await created();
      const changes = await Promise.allSettled(
        Array.from({ length: 10 }, (_, n) => port.setLine(id, { sku: `S${n}`, quantity: 1 }, version)),
      );
      const lost = changes.filter((change) => change.status === 'rejected');
      assert.equal(lost.length, 9);
      for (const { reason } of lost) assert.ok(refusedWith('orders.cart-changed')(reason));
      assert.equal((await port.cart(id)).lines.length, 1);
    });

    it('empties a cart that was never ordered, and it is new again', async () => {
      const cart = await created();
      const filled = await port.setLine(cart.id, { sku: 'TEA', quantity: 2 }, cart.version);
      const empty = await port.emptyCart(cart.id, filled.version);
      assert.deepEqual([empty.status, empty.lines], ['New', []]);
    });

    it('changes nothing any more once it was ordered', async () => {
      const { id, version } = await created();
      await assert.rejects(port.markOrdered(id, '10248', version), refusedWith('orders.cart-invalid'));
      const filled = await port.setLine(id, { sku: 'TEA', quantity: 2 }, version);
      const ordered = await port.markOrdered(id, '10248', filled.version);
      assert.deepEqual([ordered.status, ordered.order], ['Ordered', '10248']);
      assert.deepEqual(await port.markOrdered(id, '10248', filled.version), ordered);
      const changed = refusedWith('orders.cart-changed');
      await assert.rejects(port.markOrdered(id, '10249', ordered.version), changed);
      await assert.rejects(port.emptyCart(id, ordered.version), changed);
      await assert.rejects(port.setLine(id, { sku: 'TEA', quantity: 1 }, ordered.version), changed);
    });

    it('refuses carts and lines that there can not be', async () => {
      const { id, version } = await created();
      await assert.rejects(port.cart('nobody'), refusedWith('orders.cart-unknown'));
      for (const line of [
        { sku: 'TEA', quantity: -1 },
        { sku: 'TEA', quantity: 1.5 },
        { sku: '', quantity: 1 },
      ]) {
        await assert.rejects(port.setLine(id, line, version), refusedWith('orders.cart-invalid'));
      }
    });
  });
}
