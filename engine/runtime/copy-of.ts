// Deep copies of plain data: runs are JSON, and JSON needs none of what structuredClone looks for.

/** A copy of a JSON value, or of an object of such values; members that are undefined stay so. */
export function copyOf<T>(value: T): T {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const member = copyOf((value as Record<string, unknown>)[name]);
    // An assignment would set the prototype.
    if (name === '__proto__') Object.defineProperty(copy, name, { value: member, ...own });
    else copy[name] = member;
  }
  return copy as T;
}

const own = { writable: true, enumerable: true, configurable: true };
