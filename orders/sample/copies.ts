// Copies of a sample order under other numbers, for benches and for tests that need many orders of one kind.
import type { SampleRecords } from './sample-records.js';

export type Copies = Pick<SampleRecords, 'orders' | 'payments' | 'shipments'>;

/** Copies of an order with its payments and parcels; each payment has a reference of its own at the provider. */
export function copiesOf(records: Copies, number: string, numbers: readonly string[]): Copies {
  const lineOf = (copy: string, line: string): string => line.replace(number, copy);
  return {
    orders: records.orders
      .filter(({ _id }) => _id === number)
      .flatMap((order) =>
        numbers.map((copy) => ({
          ...order,
          _id: copy,
          lines: order.lines.map((line) => ({ ...line, id: lineOf(copy, line.id) })),
        })),
      ),
    payments: records.payments
      .filter(({ orderNumber }) => orderNumber === number)
      .flatMap((payment, index) =>
        numbers.map((copy) => ({
          ...payment,
          _id: `P${copy}-${index + 1}`,
          orderNumber: copy,
          transactions: payment.transactions.map((each) => ({
            ...each,
            reference: `sample_${copy}_${index + 1}`,
          })),
        })),
      ),
    shipments: records.shipments
      .filter(({ orderNumber }) => orderNumber === number)
      .flatMap((parcel, index) =>
        numbers.map((copy) => ({
          ...parcel,
          _id: `S${copy}-${index + 1}`,
          orderNumber: copy,
          lines: parcel.lines.map((line) => ({ ...line, lineId: lineOf(copy, line.lineId) })),
        })),
      ),
  };
}
