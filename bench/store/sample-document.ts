// The document that the store's benchmarks write: about 300 bytes, as a small order.
import { ObjectId } from 'bson';

export interface SampleDocument {
  _id: ObjectId;
  number: number;
  status: string;
  customer: { name: string; email: string };
  lines: { sku: string; quantity: number; price: number }[];
  version: number;
  placedAt: Date;
}

export function sampleDocument(n: number): SampleDocument {
  return {
    _id: new ObjectId(),
    number: n,
    status: n % 3 === 0 ? 'submitted' : 'fulfilled',
    customer: { name: `Customer ${n}`, email: `customer${n}@example.org` },
    lines: [
      { sku: 'CHAIR-BLACK', quantity: 2, price: 11299 },
      { sku: 'DESK-BROWN', quantity: 1, price: 17319 },
    ],
    version: 0,
    placedAt: new Date(1_700_000_000_000 + n * 1000),
  };
}
