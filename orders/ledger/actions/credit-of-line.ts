// What a change order gives back for one line.
import type { Minor } from '../../records/money-fields.js';
import type { ChangeOrder } from '../change-order.js';
import { taxedOf } from '../component.js';
import type { OrderSummary } from '../summary.js';

/** Positive where the customer owes less for the line. */
export function creditOfLine(summary: OrderSummary, change: ChangeOrder, line: string): Minor {
  const components = new Map(summary.components.map((component) => [component.id, component]));
  let credit = 0n;
  for (const entry of change.entries) {
    const component = components.get(entry.component);
    if (component?.owner.kind === 'line' && component.owner.id === line) {
      credit -= taxedOf(component, entry).total;
    }
  }
  return credit;
}
