// Compares what is expected with what is found: objects by the members that are expected, lists item by item.

/** One difference, with its place. */
export interface Difference {
  readonly path: string;
  readonly expected: unknown;
  readonly found: unknown;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every place at which `found` is not as expected. */
export function differences(expected: unknown, found: unknown, path = ''): Difference[] {
  if (isObject(expected) && isObject(found)) {
    return Object.entries(expected).flatMap(([name, value]) =>
      differences(value, found[name], path === '' ? name : `${path}.${name}`),
    );
  }
  if (Array.isArray(expected) && Array.isArray(found)) {
    const items = expected.flatMap((value, index) => differences(value, found[index], `${path}[${index}]`));
    return expected.length === found.length
      ? items
      : [{ path: `${path}.length`, expected: expected.length, found: found.length }, ...items];
  }
  return Object.is(expected, found) ? [] : [{ path, expected, found }];
}
