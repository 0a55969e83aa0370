// The storefront port: carts that an agent fills with or for a customer before there is an order.

export interface CartLine {
  readonly sku: string;
  /** Whole, greater than zero. */
  readonly quantity: number;
}

export const cartStatuses = ['New', 'Ordered'] as const;

export interface Cart {
  readonly id: string;
  readonly status: (typeof cartStatuses)[number];
  readonly customer: string;
  readonly currency: string;
  /** At most one a SKU, in the order of entry. */
  readonly lines: readonly CartLine[];
  /** The order that it became. */
  readonly order?: string;
  /** Raised by every change. */
  readonly version: number;
}

/** Accepted when `test/conformance/ports/storefront.ts` passes. */
export interface StorefrontPort {
  /** The same key gives the same cart. */
  createCart(cart: { readonly customer: string; readonly currency: string }, key: string): Promise<Cart>;
  /** @throws {RecourseError} `orders.cart-unknown` */
  cart(id: string): Promise<Cart>;
  /**
   * Sets how many of a SKU are in the cart, not how many more; 0 takes it out.
   *
   * @throws {RecourseError} `orders.cart-unknown`, `orders.cart-invalid`, `orders.cart-changed` unless the version is `version`
   */
  setLine(id: string, line: CartLine, version: number): Promise<Cart>;
  /** Deletes the items of a cart that was not ordered. @throws {RecourseError} as `setLine` */
  emptyCart(id: string, version: number): Promise<Cart>;
  /** The same order again changes nothing. @throws {RecourseError} as `setLine`; `cart-invalid` when it is empty */
  markOrdered(id: string, order: string, version: number): Promise<Cart>;
}
