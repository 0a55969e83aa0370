// A product of the catalogue, as it is now; what an order bought is in the order's lines.
import type { Minor } from './money-fields.js';

export interface ProductRecord {
  /** The SKU. */
  readonly _id: string;
  readonly title: string;
  readonly category: string;
  readonly packaging?: string;
  readonly price: Minor;
  readonly currency: string;
  readonly active: boolean;
  /** False: refused for return, to shopper and agent alike (OCC-10). */
  readonly returnable: boolean;
  readonly stock: number;
}
