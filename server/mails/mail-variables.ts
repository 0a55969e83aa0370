// The variables of a template as far as an order has them, for previews with real data; the rest is as in the sample.
import type { RecordValue } from '../../engine/ports/records.js';

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** Values of an order by the names that templates use. */
function valuesOf(order: RecordValue): Readonly<Record<string, unknown>> {
  const customer = order['customer'] as { name: string } | undefined;
  const lines = order['lines'] as readonly Record<string, unknown>[];
  return {
    orderNumber: order['number'],
    order: { number: order['number'] },
    customerName: customer?.name,
    customer: customer?.name,
    total: order['total'],
    placedAt: order['placedAt'],
    lines: lines.map(({ title, remaining, total }) => ({ title, quantity: remaining, total })),
  };
}

const shapeOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;

/** The sample with what the order has, wherever it is of the same shape. */
export function mailVariablesOf(schema: unknown, order: RecordValue, sample: unknown): unknown {
  if (typeof sample !== 'object' || sample === null) return sample;
  const known = valuesOf(order);
  const { properties = {} } = schema as ObjectSchema;
  return Object.fromEntries(
    Object.entries(sample).map(([name, value]) => {
      const own = Object.hasOwn(properties, name) && Object.hasOwn(known, name) ? known[name] : undefined;
      return [name, own !== undefined && sameShape(own, value) ? own : value];
    }),
  );
}

function sameShape(left: unknown, right: unknown): boolean {
  if (shapeOf(left) !== shapeOf(right)) return false;
  if (typeof left !== 'object' || left === null) return true;
  if (Array.isArray(left)) return left.every((each) => sameShape(each, (right as readonly unknown[])[0]));
  const [ours, theirs] = [Object.keys(left).sort(), Object.keys(right as object).sort()];
  return JSON.stringify(ours) === JSON.stringify(theirs);
}

/** A variable that a flow sets to null is one that it leaves out. */
export function withoutNulls(variables: unknown): unknown {
  if (typeof variables !== 'object' || variables === null || Array.isArray(variables)) return variables;
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== null));
}
