// The built-in storefront: carts, kept in memory or wherever whoever composes it wants.
import { createHash } from 'node:crypto';
import { orderErrors } from '../../order-errors.js';
import type { Cart, CartLine, StorefrontPort } from '../../ports/storefront.js';
import { type KeptValues, ValuesInMemory } from './kept-values.js';

const linesMax = 500;
const quantityMax = 1_000_000;

export function createCarts(carts: KeptValues<Cart> = new ValuesInMemory()): StorefrontPort {
  const load = async (id: string): Promise<Cart> => {
    const cart = await carts.get(id);
    if (cart === undefined) throw orderErrors.error('cart-unknown', 'there is no such cart');
    return cart;
  };
  const change = async (id: string, version: number, to: (cart: Cart) => Partial<Cart>): Promise<Cart> => {
    const cart = await load(id);
    if (cart.version !== version || cart.status !== 'New') throw changed(cart);
    const next: Cart = { ...cart, ...to(cart), version: version + 1 };
    if (!(await carts.put(id, next))) throw changed(await load(id));
    return next;
  };
  return {
    createCart: async ({ customer, currency }, key) => {
      const id = `cart-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
      const cart: Cart = { id, status: 'New', customer, currency, lines: [], version: 1 };
      return (await carts.put(id, cart)) ? cart : load(id);
    },
    cart: load,
    setLine: (id, line, version) => change(id, version, (cart) => ({ lines: withLine(cart.lines, line) })),
    emptyCart: (id, version) => change(id, version, () => ({ lines: [] })),
    markOrdered: async (id, order, version) => {
      const cart = await load(id);
      if (cart.order === order) return cart;
      return change(id, version, ({ lines }) => {
        if (lines.length === 0) throw invalid('an empty cart can not be ordered');
        return { status: 'Ordered', order };
      });
    },
  };
}

const invalid = (detail: string) => orderErrors.error('cart-invalid', detail);

const changed = ({ status, version }: Cart) =>
  orderErrors.error('cart-changed', `the cart is ${status}, version ${version}`, {
    data: { status, version },
  });

function withLine(lines: readonly CartLine[], { sku, quantity }: CartLine): CartLine[] {
  if (!Number.isSafeInteger(quantity) || quantity < 0 || quantity > quantityMax) {
    throw invalid(`a quantity is whole, from 0 to ${quantityMax}`);
  }
  if (sku.length < 1 || sku.length > 100) throw invalid('a SKU has 1 to 100 characters');
  if (quantity === 0) return lines.filter((line) => line.sku !== sku);
  const isThere = lines.some((line) => line.sku === sku);
  if (isThere) return lines.map((line) => (line.sku === sku ? { sku, quantity } : line));
  if (lines.length >= linesMax) throw invalid(`a cart has at most ${linesMax} lines`);
  return [...lines, { sku, quantity }];
}
