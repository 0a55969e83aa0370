// Explains what an order costs: the original line by line, and every change since.
import type { ChangeOrder } from './change-order.js';
import { type Booked, bookedAtFirst, type Component, sumOf, taxedOf } from './component.js';
import { type Explanation, explain } from './explanation.js';
import type { OrderSummary } from './summary.js';

/** The grand total as the sum of the original's lines, deliveries and all change orders. */
export function explainTotal(summary: OrderSummary): Explanation {
  const { original, changeOrders, totals } = summary;
  const { currency } = original;
  const owners = [
    ...original.lines.map(({ id, title }) => ({ kind: 'line', id, title })),
    ...original.deliveryGroups.map(({ id, method }) => ({ kind: 'delivery', id, title: method })),
  ];
  const nodes = owners.map(({ kind, id, title }) => {
    const own = original.components.filter(({ owner }) => owner.kind === kind && owner.id === id);
    const total = sumOf(own.map((component) => taxedOf(component, bookedAtFirst(component)).total));
    const children = own.map((component) => explainComponent(component, bookedAtFirst(component), currency));
    return explain(kind, title, total, currency, { subject: id }, children);
  });
  const charged = totals.grand.total - sumOf(changeOrders.map((change: ChangeOrder) => change.totals.total));
  return explain('order-total', `Order ${original.number} now`, totals.grand.total, currency, {}, [
    explain('original', 'as it was placed', charged, currency, { subject: original.number }, nodes),
    ...changeOrders.map(({ explanation }) => explanation),
  ]);
}

function explainComponent(component: Component, booked: Booked, currency: string): Explanation {
  const { total, tax } = taxedOf(component, booked);
  const { id: subject, kind, label, taxes, taxIncluded } = component;
  if (taxIncluded) {
    const contained = tax === 0n ? {} : { containedTax: explain('tax', '', tax, currency).amount };
    return explain(kind, label, total, currency, { subject, ...contained });
  }
  if (taxes.length === 0) return explain(kind, label, total, currency, { subject });
  return explain(kind, label, total, currency, { subject }, [
    explain('net', 'before tax', booked.amount, currency, { subject }),
    ...taxes.map(({ name, rate }, at) =>
      explain('tax', rate === undefined ? name : `${name} at ${rate}`, booked.taxes[at]!, currency, {
        subject,
      }),
    ),
  ]);
}
